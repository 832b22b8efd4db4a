#pragma once

#include <cstdint>
#include <optional>

namespace hostwatch::storage {

/// The wall clock, as far as it may be believed when history is deleted by it: a jump ahead counts once it
/// has lasted for an hour of a clock that nobody sets, so that one that is put right again has cost nothing.
/// What it jumps back counts at once. The time that it is first asked at is believed. Not thread-safe.
class SettledClock {
 public:
  static constexpr std::int64_t kProofSeconds = 3600;

  /// `now`: the wall clock, Unix seconds; `steady`: seconds of the other clock, from any beginning. Returns
  /// the settled time: never later than `now`.
  std::int64_t settle(std::int64_t now, std::int64_t steady) {
    const std::int64_t offset = now - steady;
    if (!offset_ || offset <= *offset_) {
      offset_ = offset;
      ahead_.reset();
      return now;
    }
    if (!ahead_) ahead_ = Ahead{steady, offset};
    if (offset < ahead_->least) ahead_->least = offset;
    if (steady - ahead_->since >= kProofSeconds) {
      offset_ = ahead_->least;
      ahead_ = offset > *offset_ ? std::optional<Ahead>({steady, offset}) : std::nullopt;
    }
    return *offset_ + steady;
  }

 private:
  struct Ahead {
    std::int64_t since;  ///< of the steady clock
    std::int64_t least;  ///< offset since then
  };
  std::optional<std::int64_t> offset_;  ///< settled: of the wall clock to the steady one
  std::optional<Ahead> ahead_;          ///< the wall clock has been farther ahead than that
};

}  // namespace hostwatch::storage
