#include "server/storage/giving_turns.h"

#include <algorithm>
#include <utility>

namespace hostwatch::storage {
namespace {

constexpr std::uint64_t kShareOfNew = 10;    ///< a tenth
constexpr std::uint64_t kLeastGift = 16384;  ///< bytes

bool is_lighter(const GivingTurns::Weight& a, const GivingTurns::Weight& b) {
  return a.bytes < b.bytes;
}

}  // namespace

void GivingTurns::add(Weight weight) {
  (weight.is_new ? new_bytes_ : other_bytes_) += weight.bytes;
  (weight.is_new ? new_ : others_).push_back(std::move(weight));
}

void GivingTurns::begin(std::uint64_t limit, std::uint64_t used) {
  limit_ = limit;
  const std::uint64_t all = new_bytes_ + other_bytes_;
  scale_ = all == 0 ? 1 : std::max(static_cast<double>(used) / static_cast<double>(all), 1.0);
  average_ = others_.empty() ? 0 : other_bytes_ / others_.size();
  std::erase_if(others_, [this](const Weight& host) { return host.bytes < average_; });
  std::make_heap(new_.begin(), new_.end(), is_lighter);
  std::make_heap(others_.begin(), others_.end(), is_lighter);
}

std::uint64_t GivingTurns::in_file(std::uint64_t weight) const {
  return static_cast<std::uint64_t>(static_cast<double>(weight) * scale_);
}

bool GivingTurns::are_new_first() const {
  return in_file(new_bytes_) > limit_ / kShareOfNew;
}

const GivingTurns::Weight* GivingTurns::next() {
  turn_ = nullptr;
  if (are_new_first()) {
    if (!new_.empty()) {
      turn_ = &new_;
    } else if (!others_.empty() && in_file(other_bytes_) > limit_ - limit_ / kShareOfNew) {
      turn_ = &others_;
    }
  } else {
    const bool has_new = !new_.empty() && new_.front().bytes >= average_;
    if (!others_.empty()) turn_ = &others_;
    if (has_new && (turn_ == nullptr || is_lighter(others_.front(), new_.front()))) turn_ = &new_;
  }
  return turn_ == nullptr ? nullptr : &turn_->front();
}

std::uint64_t GivingTurns::share_of(std::uint64_t wanted) const {
  const bool new_alone = turn_ == &new_ && are_new_first();
  if (new_alone) wanted = std::min(wanted, in_file(new_bytes_) - limit_ / kShareOfNew);
  const std::size_t sharers = new_alone ? new_.size() : new_.size() + others_.size();
  return std::max<std::uint64_t>(wanted / std::max<std::size_t>(sharers, 1), kLeastGift);
}

void GivingTurns::gave(std::uint64_t bytes) {
  if (turn_ == nullptr) return;
  std::pop_heap(turn_->begin(), turn_->end(), is_lighter);
  Weight& host = turn_->back();
  bytes = std::min(bytes, host.bytes);
  host.bytes -= bytes;
  (turn_ == &new_ ? new_bytes_ : other_bytes_) -= bytes;
  std::push_heap(turn_->begin(), turn_->end(), is_lighter);
}

void GivingTurns::drop() {
  if (turn_ == nullptr) return;
  std::pop_heap(turn_->begin(), turn_->end(), is_lighter);
  turn_->pop_back();
}

}  // namespace hostwatch::storage
