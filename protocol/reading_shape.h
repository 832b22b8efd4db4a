#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "protocol/catalogue.h"
#include "protocol/decode.h"
#include "protocol/received_reading.h"

namespace hostwatch::protocol {

/// The text of a reading without its host's name and numbers: what stays the same, byte for byte, from one
/// reading of an agent to the next. It is made of a reading that the decoder took; a text that is the same
/// between the numbers is a reading that the decoder would take, too, if its numbers are in range, and it
/// has the same layout. So a shape knows no rules of its own. Never changes: any thread may read.
class ReadingShape {
 public:
  /// The shape of a reading's JSON text, which begins with its brace and may go on behind its end; `accepted`
  /// is what the decoder made of it. Nothing if there is anything in it that a shape cannot tell: facts,
  /// escapes in names of its own fields, series that were left out.
  static std::optional<ReadingShape> of(std::string_view text, const ReceivedReading& accepted);

  /// Takes a reading of this shape off the front of `text`, by strict JSON. False: it is of another shape, or
  /// some number or name in it is none that the decoder would take; then `text` and `reading` may be
  /// anything. Does not ask DecodeLimits::refuses.
  bool take(std::string_view& text, const DecodeLimits& limits, ReceivedReading& reading) const;

  const Layout& layout() const { return *layout_; }
  /// Memory that it takes, without its layout's.
  std::size_t bytes() const {
    return sizeof(ReadingShape) + text_.capacity() + slots_.capacity() * sizeof(Slot);
  }
  /// Some order, for maps. Texts that are the same have the same gaps and series, but for where they end.
  friend bool operator<(const ReadingShape& a, const ReadingShape& b) {
    if (const int order = a.text_.compare(b.text_); order != 0) return order < 0;
    return std::lexicographical_compare(a.slots_.begin(), a.slots_.end(), b.slots_.begin(), b.slots_.end());
  }

 private:
  enum class Role : std::uint8_t { hostname, timestamp, cpu, ram, disk, sample, ignored };
  /// A gap in the text.
  struct Slot {
    std::uint32_t text_end = 0;  ///< of the text before it
    Role role = Role::ignored;
    const MetricDefinition* metric = nullptr;  ///< of a sample: its range; null: a custom gauge's
    friend bool operator<(const Slot& a, const Slot& b) {
      return a.text_end != b.text_end ? a.text_end < b.text_end : a.role < b.role;
    }
  };
  class Scanner;

  ReadingShape() = default;
  bool take_number(const Slot& slot, std::string_view& text, const DecodeLimits& limits,
                   ReceivedReading& reading) const;

  std::string text_;
  std::vector<Slot> slots_;
  SharedLayout layout_;
  std::size_t depth_ = 0;  ///< of its nesting
};

using SharedShape = std::shared_ptr<const ReadingShape>;

}  // namespace hostwatch::protocol
