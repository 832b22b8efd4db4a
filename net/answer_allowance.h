#pragma once

#include <algorithm>
#include <cstddef>
#include <string_view>

namespace hostwatch::net {

/// How much of an answer's body is read: Hostwatch's server lists 1,000 rejected readings in less.
inline constexpr std::size_t kMaxAnswerBytes = 1U << 20U;

/// How much may still be read of an answer: the library bounds neither its lines nor their number, and
/// matches the first by a regular expression that takes stack for each character. For one thread.
class AnswerAllowance {
 public:
  /// The status line, the header, and any "100 Continue" before them; and a line of them.
  static constexpr std::size_t kMaxHeadBytes = 16U << 10U;
  static constexpr std::size_t kMaxLineBytes = 4U << 10U;
  /// What follows: the body in as small chunks as anybody would send, and trailers.
  static constexpr std::size_t kMaxRestBytes = 2 * kMaxAnswerBytes;

  /// A request begins.
  void begin() {
    left_ = kMaxHeadBytes;
    line_ = 0;
    in_head_ = true;
  }
  void head_is_over() {
    left_ = kMaxRestBytes;
    in_head_ = false;
  }

  /// How much of `wanted` bytes may be read.
  std::size_t of(std::size_t wanted) const { return std::min(wanted, left_); }

  /// These were read; false if they are too much.
  bool spend(std::string_view bytes) {
    left_ -= std::min(bytes.size(), left_);
    if (!in_head_) return true;
    for (const char byte : bytes) {
      line_ = byte == '\n' ? 0 : line_ + 1;
      if (line_ <= kMaxLineBytes) continue;
      left_ = 0;
      return false;
    }
    return true;
  }
  bool is_spent() const { return left_ == 0; }

 private:
  std::size_t left_ = kMaxHeadBytes;
  std::size_t line_ = 0;  ///< bytes of the line that is being read
  bool in_head_ = true;
};

}  // namespace hostwatch::net
