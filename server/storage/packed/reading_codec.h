#pragma once

#include <cstdint>
#include <functional>
#include <shared_mutex>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "protocol/received_reading.h"
#include "server/storage/packed/host_series.h"
#include "server/storage/packed/names_in_use.h"
#include "server/storage/packed/series_dictionary.h"
#include "server/storage/store.h"

namespace hostwatch::storage {

/// Beyond these numbers, series are refused and layouts are written out: memory stays bounded.
struct DictionaryLimits {
  std::size_t series = 200000;
  std::size_t layouts = 20000;
  std::size_t layouts_of_host = 500;  ///< that a host has brought, and that are in use
  /// What both may take of the file, by bytes_in_file(): a part of what it may hold.
  std::size_t bytes = SIZE_MAX;
};

/// Why a series of a reading is left out.
enum class SeriesRefusal : std::uint8_t {
  host_is_full,       ///< HostSeries::kMost
  hour_is_full,       ///< HostSeries::kMostBroughtAnHour
  others_come_first,  ///< the host has brought as many names as there is room left for
  new_hosts_wait,     ///< the host is new, and new hosts have brought as many as are for them
  file_is_full        ///< names take as much of a bounded file as is for the host
};

/// The host whose readings are encoded.
struct EncodingHost {
  HostSeries& series;
  std::int64_t id = 0;
  std::int64_t now = 0;  ///< the server's clock, Unix seconds
  std::size_t most_brought_an_hour = HostSeries::kMostBroughtAnHour;
  bool is_new = false;  ///< known for less than a day of the server's clock
};

/// Readings to bytes and back: a layout's number as a varint (0: the list of series follows, its length
/// first), then one packed value a series. The two dictionaries grow with what encode() meets. Not
/// thread-safe against encode(); any number of decode() at a time.
///
/// A name that no host had is taken from a host only as long as it has brought fewer names than there is room
/// left for, and the last tenth of all is for hosts that have brought fewer than a two-thousandth: so a few
/// hosts that bring all they can leave room for the names of others, and no one host gets more than a half.
/// New hosts, which somebody may have made up by the thousand, share half of what is left below that tenth,
/// and those that bring more than few a fourth. The same parts are made of the bytes that names and lists of
/// series may take, where the file is bounded; a list of a new host is never among the few.
class ReadingCodec {
 public:
  explicit ReadingCodec(DictionaryLimits limits = {}) : limits_(limits) {}

  /// Called for each series that is left out.
  using Refusal = std::function<void(const protocol::Layout::Series& series, SeriesRefusal why)>;

  /// The reading's values as bytes; the same reading gives the same bytes. Series are left out that `host`
  /// may not have. No name is looked at where the layout was met before.
  std::string encode(const protocol::ReceivedReading& reading, const EncodingHost& host,
                     const Refusal& refuse);

  /// True if they are the same reading, however their lists of series are written; false if one is damaged.
  bool is_same(std::string_view a, std::string_view b) const;

  /// All values, in ascending order of series. Throws StoreError if the bytes are damaged.
  void decode(std::string_view bytes, std::vector<StoredValue>& values) const;

  /// The reading that was encoded, samples in order of series.
  protocol::Reading decode_reading(std::string_view hostname, std::int64_t timestamp,
                                   std::string_view bytes) const;

  /// Values as bytes, in ascending order of series, with their list written out.
  std::string encode_values(std::span<const StoredValue> values) const;

  /// The name behind a series' number. Throws StoreError if there is none (any more).
  SeriesName series_name(std::uint32_t number) const;

  /// The metric of that name; empty: there is none (any more).
  std::string metric_of(std::uint32_t number) const;

  /// Digits after the point of the series' values.
  int decimals(std::uint32_t number) const;

  std::size_t series_count() const;
  const DictionaryLimits& limits() const { return limits_; }

  /// Takes back what encode() added beyond these numbers: its transaction failed. For the encoding thread.
  void shrink_to(std::uint32_t last_series, std::uint32_t last_layout);

  /// Puts other dictionaries in place, read back from the store. For the encoding thread.
  void replace_dictionaries(SeriesDictionary new_series, LayoutDictionary new_layouts);

  /// Notes what a reading refers to in `in_use`. What cannot be read refers to nothing. For the encoding
  /// thread.
  void note_use(std::string_view packed);
  /// The series of the layouts in use are in use, too. For the encoding thread.
  void note_series_of_layouts();

  /// Gives numbers back to which nothing stored refers. For the encoding thread. `now`: Unix seconds; the
  /// entries can be read for a while longer, by queries that began before.
  void retire(std::span<const std::uint32_t> old_series, std::span<const std::uint32_t> old_layouts,
              std::int64_t now);
  void drop_retired(std::int64_t now);

  /// For the encoding thread.
  SeriesDictionary series;
  LayoutDictionary layouts;
  NamesInUse in_use;
  /// What hosts have brought that are new (entries: of names): encode() counts on, its caller counts anew as
  /// hosts age.
  Brought brought_by_new_hosts;
  /// What names and lists of series take of the file.
  std::size_t bytes() const { return series.bytes() + layouts.bytes(); }
  /// What a host has brought of both; entries: of names.
  Brought brought_by(std::int64_t host) const;

 private:
  friend class WantedValues;
  /// Where the value of a series stands in a reading: behind cpu, ram and disk, those of its layout.
  struct Place {
    PackedSeries series;
    std::uint32_t position = 0;
  };
  /// How the readings of a layout are packed.
  struct Plan {
    protocol::SharedLayout of;  ///< whose address it is known by: as long as that is held it is no other's
    std::uint32_t layout = 0;   ///< its number
    std::vector<Place> places;  ///< in ascending order of series
    std::size_t bytes() const { return sizeof(Plan) + places.capacity() * sizeof(Place) + of->bytes(); }
  };
  bool gather_known(const protocol::Layout& layout);
  void gather_basic();
  bool gather_admitted(const protocol::Layout& layout, const EncodingHost& host, const Refusal& refuse);
  const Plan* find_plan(const protocol::SharedLayout& layout) const;
  void keep_plan(const protocol::SharedLayout& layout, std::uint32_t number);
  void drop_plans();
  bool has_room_for(const EncodingHost& host, SeriesRefusal& why) const;
  PackedSeries admit(const protocol::Layout::Series& one, const EncodingHost& host, const Refusal& refuse);
  void sort_scratch();
  bool has_room_for_layout(const EncodingHost& host) const;
  std::uint32_t add_layout(std::string packed, const EncodingHost& host);
  void decode_unlocked(std::string_view bytes, std::vector<StoredValue>& values) const;

  DictionaryLimits limits_;
  mutable std::shared_mutex growth_mutex_;  ///< held alone to change a dictionary, shared to decode
  std::unordered_map<const protocol::Layout*, Plan> plans_;
  std::size_t plans_bytes_ = 0;
  std::vector<Place> scratch_;
  std::vector<std::uint32_t> scratch_series_;
  std::string packing_;
};

/// Decodes only the series that a query wants, looking each layout up once. One object a query; not
/// thread-safe.
class WantedValues {
 public:
  explicit WantedValues(const ReadRequest& request) : request_(&request) {}

  /// The wanted values of a reading. Throws StoreError if the bytes are damaged.
  void decode(const ReadingCodec& codec, std::string_view bytes, std::vector<StoredValue>& values);

 private:
  bool wants(const ReadingCodec& codec, std::uint32_t series) const;
  const std::vector<bool>& wanted_of_layout(const ReadingCodec& codec, std::uint32_t number,
                                            const LayoutDictionary::Layout& layout);

  const ReadRequest* request_;
  std::unordered_map<std::uint32_t, std::vector<bool>> by_layout_;
};

}  // namespace hostwatch::storage
