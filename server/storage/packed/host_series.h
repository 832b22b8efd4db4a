#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace hostwatch::storage {

/// The series that a host has, and on which day each was last met; bounded, so that no host fills the store
/// with names that it makes up. Series that were not met for a time make room for new ones. Times are the
/// server's clock: what a host says of the time makes no room. Not thread-safe.
class HostSeries {
 public:
  static constexpr std::size_t kMost = 2000;
  /// Days after which a series that is not met any more is forgotten where room is wanted.
  static constexpr std::uint32_t kForgottenAfterDays = 2;
  /// Names an hour that no host had before: a hundred containers that are all started anew, each with ten.
  static constexpr std::size_t kMostBroughtAnHour = 1000;

  /// True if the host may have the series: it has it already, or there is room for it. It is met on `day`
  /// then.
  bool admit(std::uint32_t series, std::uint32_t day);

  /// How many names the host has brought within the hour of that number.
  std::size_t brought_in(std::uint32_t hour) const { return hour == hour_ ? brought_ : 0; }
  void note_brought(std::uint32_t hour);

  /// A layout (0: none), and the day on which all of its series were met.
  struct MetLayout {
    std::uint32_t layout = 0;
    std::uint32_t day = 0;
  };
  /// All series of that layout were met on that day: nothing need be asked for the next reading alike. Of a
  /// few layouts: they may take turns.
  bool has_met(std::uint32_t layout, std::uint32_t day) const {
    return layout != 0 && std::any_of(met_.begin(), met_.end(), [&](const MetLayout& one) {
             return one.layout == layout && one.day == day;
           });
  }
  void set_met(std::uint32_t layout, std::uint32_t day);
  /// Those that has_met() knows.
  const std::array<MetLayout, 4>& met_layouts() const { return met_; }

  /// Takes back series with greater numbers: their transaction failed.
  void shrink_to(std::uint32_t greatest);

  std::size_t size() const { return series_.size(); }

  /// As bytes and back. Throws StoreError if they are damaged.
  std::string pack() const;
  static HostSeries unpack(std::string_view bytes);

 private:
  struct Entry {
    std::uint32_t series;
    std::uint32_t day;
  };
  void make_room(std::uint32_t day);

  std::vector<Entry> series_;     ///< ascending
  std::array<MetLayout, 4> met_;  ///< the last one first
  std::uint32_t hour_ = 0;
  std::size_t brought_ = 0;  ///< within hour_
};

}  // namespace hostwatch::storage
