#include "server/storage/packed/giving_turns.h"

#include <algorithm>
#include <utility>

namespace hostwatch::storage {
namespace {

constexpr std::uint64_t kShareOfNew = 10;    ///< a tenth
constexpr std::uint64_t kLeastGift = 16384;  ///< bytes

}  // namespace

void GivingTurns::add(Weight weight) {
  (weight.is_new ? new_bytes_ : other_bytes_) += weight.bytes;
  (weight.is_new ? new_lasting_ : other_lasting_) += weight.lasting;
  (weight.is_new ? new_ : others_).push_back(std::move(weight));
}

void GivingTurns::begin(std::uint64_t limit, std::uint64_t used, std::uint64_t unowned) {
  limit_ = limit;
  new_lasting_ += unowned;
  const std::uint64_t history = new_bytes_ + other_bytes_;
  const std::uint64_t of_history = used - std::min(used, new_lasting_ + other_lasting_);
  scale_ = history == 0 ? 1 : std::max(static_cast<double>(of_history) / static_cast<double>(history), 1.0);
  average_ = others_.empty() ? 0 : in_file(other_bytes_) / others_.size();
  std::erase_if(others_, [this](const Weight& host) { return in_all(host) < average_; });
  std::make_heap(new_.begin(), new_.end(), by_weight());
  std::make_heap(others_.begin(), others_.end(), by_weight());
}

bool GivingTurns::is_lighter(const Weight& a, const Weight& b) const {
  return in_all(a) < in_all(b);
}

std::uint64_t GivingTurns::in_file(std::uint64_t weight) const {
  return static_cast<std::uint64_t>(static_cast<double>(weight) * scale_);
}

bool GivingTurns::are_new_first() const {
  return in_file(new_bytes_) + new_lasting_ > limit_ / kShareOfNew;
}

const GivingTurns::Weight* GivingTurns::next() {
  turn_ = nullptr;
  if (are_new_first()) {
    if (!new_.empty()) {
      turn_ = &new_;
    } else if (!others_.empty() && in_file(other_bytes_) + other_lasting_ > limit_ - limit_ / kShareOfNew) {
      turn_ = &others_;
    }
  } else {
    const bool has_new = !new_.empty() && in_all(new_.front()) >= average_;
    if (!others_.empty()) turn_ = &others_;
    if (has_new && (turn_ == nullptr || is_lighter(others_.front(), new_.front()))) turn_ = &new_;
  }
  return turn_ == nullptr ? nullptr : &turn_->front();
}

std::uint64_t GivingTurns::share_of(std::uint64_t wanted) const {
  const bool new_alone = turn_ == &new_ && are_new_first();
  if (new_alone) wanted = std::min(wanted, in_file(new_bytes_) + new_lasting_ - limit_ / kShareOfNew);
  const std::size_t sharers = new_alone ? new_.size() : new_.size() + others_.size();
  return std::max<std::uint64_t>(wanted / std::max<std::size_t>(sharers, 1), kLeastGift);
}

void GivingTurns::gave(std::uint64_t bytes) {
  if (turn_ == nullptr) return;
  std::pop_heap(turn_->begin(), turn_->end(), by_weight());
  Weight& host = turn_->back();
  bytes = std::min(bytes, host.bytes);
  host.bytes -= bytes;
  (turn_ == &new_ ? new_bytes_ : other_bytes_) -= bytes;
  std::push_heap(turn_->begin(), turn_->end(), by_weight());
}

void GivingTurns::drop() {
  if (turn_ == nullptr) return;
  std::pop_heap(turn_->begin(), turn_->end(), by_weight());
  turn_->pop_back();
}

}  // namespace hostwatch::storage
