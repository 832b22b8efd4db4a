#include "server/api/readings/latest_refusals.h"

#include <algorithm>
#include <array>
#include <iterator>
#include <utility>

#include "net/address.h"

namespace hostwatch::api {

std::string_view name_of(RefusalKind kind) {
  constexpr std::array<std::string_view, 3> kNames{"address", "access", "form"};
  return kNames.at(static_cast<std::size_t>(kind));
}

void LatestRefusals::add(RefusedPost refusal, std::int64_t now) {
  std::string site = net::site_of(refusal.address);
  const std::lock_guard lock(mutex_);
  const auto known = std::find_if(entries_.begin(), entries_.end(), [&](const Entry& entry) {
    return entry.post.kind == refusal.kind && entry.post.address == refusal.address;
  });
  refusal.first = refusal.last = now;
  refusal.count = 1;
  if (known != entries_.end()) {
    const bool is_over = now - known->post.last >= kKeptFor;
    refusal.first = is_over ? now : known->post.first;
    refusal.count = is_over ? 1 : known->post.count + 1;
    known->post = std::move(refusal);
    entries_.splice(entries_.begin(), entries_, known);
    return;
  }
  std::erase_if(entries_, [now](const Entry& entry) { return now - entry.post.last >= kKeptFor; });
  make_room(site);
  entries_.push_front({std::move(refusal), std::move(site)});
}

void LatestRefusals::make_room(const std::string& site) {
  const auto is_of_site = [&site](const Entry& entry) { return entry.site == site; };
  const auto held = std::count_if(entries_.begin(), entries_.end(), is_of_site);
  if (static_cast<std::size_t>(held) >= kMostOfOne) {
    const auto oldest = std::find_if(entries_.rbegin(), entries_.rend(), is_of_site);
    entries_.erase(std::prev(oldest.base()));
  } else if (entries_.size() >= kMost) {
    entries_.pop_back();
  }
}

std::vector<RefusedPost> LatestRefusals::all(std::int64_t now) const {
  const std::lock_guard lock(mutex_);
  std::vector<RefusedPost> posts;
  posts.reserve(entries_.size());
  for (const Entry& entry : entries_) {
    if (now - entry.post.last < kKeptFor) posts.push_back(entry.post);
  }
  return posts;
}

}  // namespace hostwatch::api
