#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "server/storage/store.h"

namespace hostwatch::storage {

/// Lets an unordered_map of strings be searched by string_view without a copy.
struct TextHash {
  using is_transparent = void;
  std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>{}(text); }
};

/// One series and how its values are scaled when they are packed.
struct SeriesEntry {
  SeriesName name;
  int decimals = 0;
};

/// Numbers every (metric, instance) from 1 on; 1, 2 and 3 are cpu, ram and disk. Not thread-safe.
class SeriesDictionary {
 public:
  SeriesDictionary();

  /// The number of a series, or 0 if it has none yet.
  std::uint32_t find(std::string_view metric, std::string_view instance) const;

  /// Gives the next number to a series that has none.
  std::uint32_t add(std::string_view metric, std::string_view instance, int decimals);

  /// Takes back every number above `count`: a transaction failed.
  void shrink_to(std::size_t count);

  const SeriesEntry& entry(std::uint32_t series) const { return entries_[series - 1]; }
  std::size_t size() const { return entries_.size(); }

 private:
  using Instances = std::unordered_map<std::string, std::uint32_t, TextHash, std::equal_to<>>;
  std::vector<SeriesEntry> entries_;
  std::unordered_map<std::string, Instances, TextHash, std::equal_to<>> numbers_;
};

/// Numbers every list of series that some reading had, in ascending order of series, from 1 on. Readings of
/// one host have the same list tick after tick, so that a stored reading names its list by one number. Not
/// thread-safe.
class LayoutDictionary {
 public:
  std::uint32_t find(std::string_view packed_series) const;
  std::uint32_t add(std::string packed_series);
  void shrink_to(std::size_t count);
  const std::vector<std::uint32_t>& series(std::uint32_t layout) const { return series_[layout - 1]; }
  const std::string& packed(std::uint32_t layout) const { return packed_[layout - 1]; }
  std::size_t size() const { return series_.size(); }

 private:
  std::vector<std::vector<std::uint32_t>> series_;
  std::vector<std::string> packed_;
  std::unordered_map<std::string, std::uint32_t, TextHash, std::equal_to<>> numbers_;
};

/// A list of series as bytes: differences as varints.
std::string pack_series(const std::vector<std::uint32_t>& ascending);
/// Throws StoreError if the bytes are damaged.
std::vector<std::uint32_t> unpack_series(std::string_view bytes);

}  // namespace hostwatch::storage
