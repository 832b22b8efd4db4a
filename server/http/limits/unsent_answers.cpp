#include "server/http/limits/unsent_answers.h"

#include <algorithm>
#include <deque>
#include <string_view>
#include <unordered_map>

namespace hostwatch::http {

UnsentAnswers::Place UnsentAnswers::insert(std::uint64_t ticket, std::size_t bytes, const Holder& holder,
                                           const std::optional<util::QueueShares::Place>& share) {
  const Place place{holder.is_authenticated, next_++};
  waiting_.emplace(place, Entry{ticket, bytes, holder.client, share});
  bytes_ += bytes;
  return place;
}

std::optional<UnsentAnswers::Place> UnsentAnswers::add_large(std::uint64_t ticket, std::size_t bytes,
                                                             const Holder& holder) {
  const util::MutexLock lock(mutex_);
  if (!shares_.has_room_for(holder.client, bytes)) return std::nullopt;
  const util::QueueShares::Place share = shares_.add(holder.client, bytes);
  try {
    return insert(ticket, bytes, holder, share);
  } catch (...) {
    shares_.remove(share);
    throw;
  }
}

UnsentAnswers::Place UnsentAnswers::add(std::uint64_t ticket, std::size_t bytes, const Holder& holder) {
  const util::MutexLock lock(mutex_);
  return insert(ticket, bytes, holder, std::nullopt);
}

UnsentAnswers::Place UnsentAnswers::renew(const Place& place) {
  const util::MutexLock lock(mutex_);
  auto node = waiting_.extract(place);
  if (node.empty()) return place;
  node.key().order = next_++;
  const Place renewed = node.key();
  waiting_.insert(std::move(node));
  return renewed;
}

void UnsentAnswers::remove(const Place& place) noexcept {
  const util::MutexLock lock(mutex_);
  const auto found = waiting_.find(place);
  if (found == waiting_.end()) return;
  bytes_ -= found->second.bytes;
  if (found->second.share) shares_.remove(*found->second.share);
  waiting_.erase(found);
}

std::vector<std::uint64_t> UnsentAnswers::beyond_limit(const Place& own) const {
  std::vector<std::uint64_t> tickets;
  const util::MutexLock lock(mutex_);
  std::size_t left = bytes_;
  const auto give_up = [&](const Entry& entry) {
    tickets.push_back(entry.ticket);
    left -= entry.bytes;
  };
  auto next = waiting_.begin();
  for (; next != waiting_.end() && !next->first.is_authenticated && left > limit_; ++next) {
    if (next->first != own) give_up(next->second);
  }
  if (left <= limit_) return tickets;

  struct Held {
    std::size_t bytes = 0;
    std::deque<const Entry*> entries;
  };
  std::unordered_map<std::string_view, Held> clients;
  for (; next != waiting_.end(); ++next) {
    Held& held = clients[next->second.client];
    held.bytes += next->second.bytes;
    if (next->first != own) held.entries.push_back(&next->second);
  }
  const auto less = [](const auto& a, const auto& b) {
    if (a.second.entries.empty() != b.second.entries.empty()) return a.second.entries.empty();
    return a.second.bytes < b.second.bytes;
  };
  while (left > limit_) {
    const auto most = std::max_element(clients.begin(), clients.end(), less);
    if (most == clients.end() || most->second.entries.empty()) break;
    const Entry& entry = *most->second.entries.front();
    most->second.entries.pop_front();
    most->second.bytes -= entry.bytes;
    give_up(entry);
  }
  return tickets;
}

std::size_t UnsentAnswers::bytes() const {
  const util::MutexLock lock(mutex_);
  return bytes_;
}

}  // namespace hostwatch::http
