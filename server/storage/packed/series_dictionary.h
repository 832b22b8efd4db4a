#pragma once

#include <algorithm>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "server/storage/store.h"
#include "util/text/text_hash.h"

namespace hostwatch::storage {

/// What one host, or several, have brought to a dictionary.
struct Brought {
  std::size_t entries = 0;
  std::size_t bytes = 0;  ///< of the file, by bytes_in_file()
};

/// About how many bytes of the file a name, or a list of series, of that length takes with its index: within
/// a tenth of what SQLite needs for names and lists that come in any order.
std::size_t bytes_in_file(std::size_t length);

/// One series and how its values are scaled when they are packed.
struct SeriesEntry {
  SeriesName name;
  int decimals = 0;
  std::int64_t host = 0;  ///< id of the host that brought the name; 0: it is not known, or cpu, ram, disk
};

/// What is needed of a series to pack or unpack a value.
struct PackedSeries {
  std::uint32_t number = 0;  ///< 0: none
  int decimals = 0;
};

/// Numbers every (metric, instance) from 1 on; 1, 2 and 3 are cpu, ram and disk. A number that is given back
/// is never given again, so that it cannot come to mean another series anywhere. Not thread-safe.
class SeriesDictionary {
 public:
  /// No number is greater: roll_up_column() makes four of one.
  static constexpr std::uint32_t kGreatest = UINT32_MAX / 4;

  SeriesDictionary();

  /// The number and the decimals of a series; number 0: it has none.
  PackedSeries find(std::string_view metric, std::string_view instance) const;

  /// Gives the next number to a series that has none; or none, where memory is wanting (std::bad_alloc).
  /// `host`: see SeriesEntry.
  std::uint32_t add(std::string_view metric, std::string_view instance, int decimals, std::int64_t host = 0);

  /// Puts a series back under the number it had; numbers must come in ascending order. Throws StoreError.
  void restore(std::uint32_t number, SeriesEntry entry);

  /// Takes back every number above `last`: a transaction failed. Needs no memory.
  void shrink_to(std::uint32_t last) noexcept;

  /// Nothing refers to the number any more: its name is free. The entry can still be read, by queries that
  /// began before, until drop_retired().
  void retire(std::uint32_t number, std::int64_t now);
  /// Drops what was retired `kRetiredSeconds` before `now` (Unix seconds) or earlier.
  void drop_retired(std::int64_t now) noexcept;
  bool has_retired() const { return !retired_.empty(); }
  static constexpr std::int64_t kRetiredSeconds = 600;

  /// The entry of a number; null: it has none (any more).
  const SeriesEntry* entry(std::uint32_t series) const;

  /// Names that are in use; and the greatest number that was ever given.
  std::size_t size() const { return size_; }
  std::uint32_t last() const { return last_; }
  void set_last(std::uint32_t last) { last_ = std::max(last_, last); }

  /// What the host of that id has brought of the names in use; and what all take. `host` 0: nothing.
  Brought brought_by(std::int64_t host) const;
  std::size_t bytes() const { return bytes_; }

  /// The numbers in use for which `is_wanted` is true.
  std::vector<std::uint32_t> select(const std::function<bool(std::uint32_t)>& is_wanted) const;

 private:
  using Instances = std::unordered_map<std::string, PackedSeries, util::TextHash, std::equal_to<>>;
  void put(std::uint32_t number, SeriesEntry entry);
  void forget_name(const SeriesEntry& entry) noexcept;
  void drop_if_empty(const SeriesEntry& entry) noexcept;

  std::unordered_map<std::uint32_t, SeriesEntry> entries_;
  std::unordered_map<std::string, Instances, util::TextHash, std::equal_to<>> numbers_;
  std::unordered_map<std::int64_t, Brought> brought_;            ///< by host
  std::vector<std::pair<std::int64_t, std::uint32_t>> retired_;  ///< when, and which
  std::size_t size_ = 0;
  std::size_t bytes_ = 0;
  std::uint32_t last_ = 0;
};

/// Numbers every list of series that some reading had, in ascending order of series, from 1 on. Readings of
/// one host have the same list tick after tick, so that a stored reading names its list by one number. A
/// number that is given back is never given again. Not thread-safe.
class LayoutDictionary {
 public:
  static constexpr std::uint32_t kGreatest = UINT32_MAX;

  struct Layout {
    std::vector<PackedSeries> series;  ///< ascending
    std::string packed;
    std::int64_t host = 0;  ///< id of the host that brought it; 0: it is not known any more
  };

  std::uint32_t find(std::string_view packed_series) const;
  /// As SeriesDictionary's.
  std::uint32_t add(std::string packed_series, std::vector<PackedSeries> series, std::int64_t host = 0);
  void restore(std::uint32_t number, std::string packed_series, std::vector<PackedSeries> series);
  void shrink_to(std::uint32_t last) noexcept;
  void retire(std::uint32_t number, std::int64_t now);
  void drop_retired(std::int64_t now) noexcept;
  bool has_retired() const { return !retired_.empty(); }
  const Layout* entry(std::uint32_t layout) const;
  std::size_t size() const { return numbers_.size(); }
  std::uint32_t last() const { return last_; }
  void set_last(std::uint32_t last) { last_ = std::max(last_, last); }
  /// What the host of that id has brought of those in use since they were read from the store, and what all
  /// take; `host` 0: what was read from the store, of which it is not known.
  Brought brought_by(std::int64_t host) const;
  std::size_t bytes() const { return bytes_; }
  std::vector<std::uint32_t> select(const std::function<bool(std::uint32_t)>& is_wanted) const;

 private:
  void forget(const Layout& layout);

  std::unordered_map<std::uint32_t, Layout> layouts_;
  std::unordered_map<std::string, std::uint32_t, util::TextHash, std::equal_to<>> numbers_;
  std::unordered_map<std::int64_t, Brought> brought_;  ///< by host
  std::vector<std::pair<std::int64_t, std::uint32_t>> retired_;
  std::uint32_t last_ = 0;
  std::size_t bytes_ = 0;
};

/// A list of series as bytes: differences as varints.
std::string pack_series(const std::vector<std::uint32_t>& ascending);
/// Throws StoreError if the bytes are damaged.
std::vector<std::uint32_t> unpack_series(std::string_view bytes);

}  // namespace hostwatch::storage
