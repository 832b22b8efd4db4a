#pragma once

#include <cstdint>
#include <functional>
#include <shared_mutex>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "protocol/reading.h"
#include "server/storage/host_series.h"
#include "server/storage/series_dictionary.h"
#include "server/storage/store.h"

namespace hostwatch::storage {

/// Readings to bytes and back: a layout's number as a varint (0: the list of series follows, its length
/// first), then one packed value a series. The two dictionaries grow with what encode() meets. Not
/// thread-safe against encode(); any number of decode() at a time.
class ReadingCodec {
 public:
  /// Beyond these numbers, series are refused and layouts are written out: memory stays bounded.
  static constexpr std::size_t kMaxSeries = 200000;
  static constexpr std::size_t kMaxLayouts = 20000;

  /// Called for each sample that is left out.
  using Refusal = std::function<void(const protocol::Sample& sample)>;

  /// The reading's values as bytes; the same reading gives the same bytes. Samples are left out whose series
  /// would be beyond kMaxSeries, or more than `host` may have.
  std::string encode(const protocol::Reading& reading, HostSeries& host, const Refusal& refuse);

  /// All values, in ascending order of series. Throws StoreError if the bytes are damaged.
  void decode(std::string_view bytes, std::vector<StoredValue>& values) const;

  /// The reading that was encoded, samples in order of series.
  protocol::Reading decode_reading(std::string_view hostname, std::int64_t timestamp,
                                   std::string_view bytes) const;

  /// The name behind a series' number.
  SeriesName series_name(std::uint32_t number) const;

  /// Digits after the point of the series' values.
  int decimals(std::uint32_t number) const;

  std::size_t series_count() const;

  /// Takes back what encode() added beyond these sizes: its transaction failed. For the encoding thread.
  void shrink_to(std::size_t series_count, std::size_t layout_count);

  /// Puts other dictionaries in place, read back from the store. For the encoding thread.
  void replace_dictionaries(SeriesDictionary new_series, LayoutDictionary new_layouts);

  /// For the encoding thread.
  SeriesDictionary series;
  LayoutDictionary layouts;

 private:
  friend class WantedValues;
  std::uint32_t add_series(const protocol::Sample& sample);
  bool gather_known(const protocol::Reading& reading);
  void gather_admitted(const protocol::Reading& reading, HostSeries& host, const Refusal& refuse);
  void sort_scratch();
  std::uint32_t add_layout(std::string packed);
  void decode_unlocked(std::string_view bytes, std::vector<StoredValue>& values) const;

  mutable std::shared_mutex growth_mutex_;  ///< held alone to add to a dictionary, shared to decode
  std::vector<std::pair<std::uint32_t, double>> scratch_;
  std::vector<std::uint32_t> scratch_series_;
};

/// Decodes only the series that a query wants, looking each layout up once. One object a query; not
/// thread-safe.
class WantedValues {
 public:
  explicit WantedValues(const ReadRequest& request) : request_(&request) {}

  /// The wanted values of a reading. Throws StoreError if the bytes are
  /// damaged.
  void decode(const ReadingCodec& codec, std::string_view bytes, std::vector<StoredValue>& values);

 private:
  bool wants(const ReadingCodec& codec, std::uint32_t series) const;
  const std::vector<bool>& wanted_of_layout(const ReadingCodec& codec, std::uint32_t layout);

  const ReadRequest* request_;
  std::vector<std::vector<bool>> by_layout_;
};

}  // namespace hostwatch::storage
