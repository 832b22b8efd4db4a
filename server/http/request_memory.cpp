#include "server/http/request_memory.h"

#include <utility>

#include "server/http/unproven_connections.h"

namespace hostwatch::http {

bool RequestMemory::hold(Share& share, const std::string& address, bool is_stranger, std::size_t bytes) {
  if (share.is_strangers != is_stranger) {
    give_back(share);
    share.is_strangers = is_stranger;
  }
  return is_stranger ? hold_strangers(share, address, bytes) : hold_admitted(share, bytes);
}

bool RequestMemory::hold_admitted(Share& share, std::size_t bytes) {
  const std::size_t total = admitted_ += bytes - std::exchange(share.bytes, bytes);
  const bool is_small = bytes <= limits_.small_bytes;
  return total <= limits_.bytes + (is_small ? limits_.bytes / 4 : 0);
}

bool RequestMemory::hold_strangers(Share& share, const std::string& address, std::size_t bytes) {
  if (bytes == share.bytes) return true;
  const std::lock_guard lock(mutex_);
  if (share.stranger == nullptr) {
    share.stranger = &*by_address_.try_emplace(UnprovenConnections::key_of(address)).first;
  }
  const std::size_t more = bytes - std::exchange(share.bytes, bytes);  // less: wraps around, and back
  const std::size_t of_address = share.stranger->second += more;
  const std::size_t total = strangers_ += more;
  if (bytes == 0) forget(share);
  return of_address <= limits_.stranger_bytes && total <= limits_.strangers_bytes;
}

void RequestMemory::forget(Share& share) noexcept {
  const OfAddress* entry = std::exchange(share.stranger, nullptr);
  if (entry->second == 0) by_address_.erase(by_address_.find(entry->first));
}

void RequestMemory::give_back(Share& share) noexcept {
  const std::size_t bytes = std::exchange(share.bytes, 0);
  if (bytes == 0) return;
  if (!share.is_strangers) {
    admitted_ -= bytes;
    return;
  }
  const std::lock_guard lock(mutex_);
  strangers_ -= bytes;
  share.stranger->second -= bytes;
  forget(share);
}

}  // namespace hostwatch::http
