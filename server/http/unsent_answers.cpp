#include "server/http/unsent_answers.h"

namespace hostwatch::http {

UnsentAnswers::Place UnsentAnswers::add(std::uint64_t ticket, std::size_t bytes, bool is_proven) {
  const std::lock_guard lock(mutex_);
  const Place place{is_proven, next_++};
  waiting_.emplace(place, Entry{ticket, bytes});
  bytes_ += bytes;
  return place;
}

UnsentAnswers::Place UnsentAnswers::renew(const Place& place) {
  const std::lock_guard lock(mutex_);
  auto node = waiting_.extract(place);
  if (node.empty()) return place;
  node.key().order = next_++;
  const Place renewed = node.key();
  waiting_.insert(std::move(node));
  return renewed;
}

void UnsentAnswers::remove(const Place& place) noexcept {
  const std::lock_guard lock(mutex_);
  const auto found = waiting_.find(place);
  if (found == waiting_.end()) return;
  bytes_ -= found->second.bytes;
  waiting_.erase(found);
}

std::vector<std::uint64_t> UnsentAnswers::beyond_limit(const Place& own) const {
  std::vector<std::uint64_t> tickets;
  const std::lock_guard lock(mutex_);
  std::size_t left = bytes_;
  for (auto next = waiting_.begin(); next != waiting_.end() && left > limit_; ++next) {
    if (next->first == own) continue;
    tickets.push_back(next->second.ticket);
    left -= next->second.bytes;
  }
  return tickets;
}

std::size_t UnsentAnswers::bytes() const {
  const std::lock_guard lock(mutex_);
  return bytes_;
}

}  // namespace hostwatch::http
