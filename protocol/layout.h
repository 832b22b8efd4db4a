#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "protocol/reading.h"

namespace hostwatch::protocol {

/// Which series a reading has, and in which order: what stays the same from one reading of a host to the
/// next. One object is shared by all readings that have it, so that a pointer tells whether the names were
/// met before. Of the names, as text, it takes hardly more than their bytes. Never changes: any thread may
/// read.
class Layout {
 public:
  struct Series {
    std::string_view metric;
    std::string_view instance;  ///< empty: none

    friend bool operator==(const Series&, const Series&) = default;
  };

  Layout() = default;

  std::size_t size() const { return ends_.size() / 2; }
  /// The views live as long as the layout. `i` < size().
  Series operator[](std::size_t i) const {
    const std::size_t begin = i == 0 ? 0 : ends_[2 * i - 1];
    const std::string_view text = text_;
    return {text.substr(begin, ends_[2 * i] - begin),
            text.substr(ends_[2 * i], ends_[2 * i + 1] - ends_[2 * i])};
  }

  /// Adds a series while the layout is being made, before it is shared.
  void push_back(std::string_view metric, std::string_view instance) {
    text_ += metric;
    ends_.push_back(static_cast<std::uint32_t>(text_.size()));
    text_ += instance;
    ends_.push_back(static_cast<std::uint32_t>(text_.size()));
  }
  void clear() {
    text_.clear();
    ends_.clear();
  }

  /// Memory that it takes.
  std::size_t bytes() const {
    return sizeof(Layout) + text_.capacity() + ends_.capacity() * sizeof(std::uint32_t);
  }

  friend bool operator==(const Layout&, const Layout&) = default;
  /// Some order, for maps: of a hash whoever sends names could bring about that all are the same.
  friend bool operator<(const Layout& a, const Layout& b) {
    return std::tie(a.text_, a.ends_) < std::tie(b.text_, b.ends_);
  }

 private:
  std::string text_;                 ///< all names, one after the other
  std::vector<std::uint32_t> ends_;  ///< in it: of each series' metric, then of its instance
};

using SharedLayout = std::shared_ptr<const Layout>;

/// The layout without series. Never null.
const SharedLayout& empty_layout();

}  // namespace hostwatch::protocol
