#include "util/queue_shares.h"

namespace hostwatch::util {

std::size_t QueueShares::bytes_of(const std::string& client) const {
  const auto found = shares_.find(client);
  return found == shares_.end() ? 0 : found->second.bytes;
}

bool QueueShares::fits_common(std::size_t before, std::size_t bytes) const {
  if (in_common_ >= common_ || bytes > common_ - in_common_) return false;
  return before + bytes <= kShareOfFree * (common_ - in_common_ - bytes);
}

bool QueueShares::is_full_for(const std::string& client) const {
  const std::size_t free = in_common_ < common_ ? common_ - in_common_ : 0;
  const std::size_t its = bytes_of(client);
  if (its != 0) return its >= kFullShareOfFree * free;
  return free == 0 && in_reserve_ >= reserve_;
}

bool QueueShares::has_room_for(const std::string& client, std::size_t bytes) const {
  const std::size_t before = bytes_of(client);
  if (fits_common(before, bytes)) return true;
  return before == 0 && (in_reserve_ == 0 || in_reserve_ + bytes <= reserve_);
}

QueueShares::Place QueueShares::add(const std::string& client, std::size_t bytes) {
  const auto place = shares_.try_emplace(client).first;
  Share& share = place->second;
  const bool is_reserve = !fits_common(share.bytes, bytes);
  (is_reserve ? in_reserve_ : in_common_) += bytes;
  share.bytes += bytes;
  ++share.requests;
  return {place, bytes, is_reserve};
}

void QueueShares::remove(const Place& place) noexcept {
  (place.is_reserve ? in_reserve_ : in_common_) -= place.bytes;
  Share& share = place.share();
  share.bytes -= place.bytes;
  if (--share.requests == 0) shares_.erase(place.client);
}

}  // namespace hostwatch::util
