#pragma once

#include <cstdint>
#include <vector>

namespace hostwatch::storage {

/// Which numbers of series and layouts something refers to: gathered a piece at a time from what is stored,
/// while readings go on to come, which mark what they use themselves (ReadingCodec::encode()). Numbers that
/// are given meanwhile count as used. Not thread-safe.
class NamesInUse {
 public:
  /// Begins anew, with numbers up to these.
  void begin(std::uint32_t last_series, std::uint32_t last_layout) {
    series_.assign(std::size_t{last_series} + 1, false);
    layouts_.assign(std::size_t{last_layout} + 1, false);
    gathering_ = true;
  }
  void end() {
    gathering_ = false;
    series_ = {};
    layouts_ = {};
  }
  bool is_gathering() const { return gathering_; }

  void use_series(std::uint32_t number) {
    if (number < series_.size()) series_[number] = true;
  }
  void use_layout(std::uint32_t number) {
    if (number < layouts_.size()) layouts_[number] = true;
  }
  bool is_series_used(std::uint32_t number) const { return number >= series_.size() || series_[number]; }
  bool is_layout_used(std::uint32_t number) const { return number >= layouts_.size() || layouts_[number]; }

 private:
  bool gathering_ = false;
  std::vector<bool> series_;
  std::vector<bool> layouts_;
};

}  // namespace hostwatch::storage
