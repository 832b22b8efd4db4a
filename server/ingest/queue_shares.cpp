#include "server/ingest/queue_shares.h"

namespace hostwatch::ingest {

std::size_t QueueShares::bytes_of(const std::string& client) const {
  const auto found = shares_.find(client);
  return found == shares_.end() ? 0 : found->second.bytes;
}

bool QueueShares::is_full_for(const std::string& client) const {
  if (counted_ >= limit_) return true;
  return counted_ >= limit_ / 4 * 3 && bytes_of(client) >= limit_ / 16;
}

bool QueueShares::has_room_for(const std::string& client, std::size_t bytes) const {
  const std::size_t before = bytes_of(client);
  const bool is_within_its_own = before == 0 || before + bytes <= limit_;
  return is_within_its_own && counted_ - counted(before) + counted(before + bytes) <= limit_;
}

QueueShares::Place QueueShares::add(const std::string& client, std::size_t bytes) {
  const Place place = shares_.try_emplace(client).first;
  Share& share = place->second;
  counted_ -= counted(share.bytes);
  share.bytes += bytes;
  counted_ += counted(share.bytes);
  ++share.requests;
  return place;
}

void QueueShares::remove(Place place, std::size_t bytes) noexcept {
  Share& share = place->second;
  counted_ -= counted(share.bytes);
  share.bytes -= bytes;
  counted_ += counted(share.bytes);
  if (--share.requests == 0) shares_.erase(place);
}

}  // namespace hostwatch::ingest
