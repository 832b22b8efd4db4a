#include "server/auth/sign_in_places.h"

#include <utility>

#include "net/address.h"

namespace hostwatch::auth {

SignInPlaces::Place::Place(SignInPlaces& places, std::vector<std::string> networks, Past past)
    : places_(places), networks_(std::move(networks)), past_(past) {}

SignInPlaces::Place::~Place() {
  const std::lock_guard lock(places_.mutex_);
  --places_.all_;
  if (past_ != Past::signed_in) --places_.strangers_;
  if (past_ == Past::failed) --places_.failed_;
  for (const std::string& network : networks_) {
    const auto found = places_.by_network_.find(network);
    if (found != places_.by_network_.end() && --found->second == 0) places_.by_network_.erase(found);
  }
}

std::shared_ptr<const SignInPlaces::Place> SignInPlaces::take(const std::string& address, Past past) {
  const std::lock_guard lock(mutex_);
  if (all_ >= kAll || (past != Past::signed_in && strangers_ >= kOfStrangers) ||
      (past == Past::failed && failed_ >= kOfFailed)) {
    return nullptr;
  }
  std::vector<std::string> networks;
  const auto has_room = [&](std::string network, std::size_t most) {
    // An IPv4 address is in no larger network that is known: it is its own site and provider.
    if (!networks.empty() && network == networks.front()) return true;
    const auto found = by_network_.find(network);
    networks.push_back(std::move(network));
    return found == by_network_.end() || found->second < most;
  };
  if (!has_room(net::network_of(address), kOfClient) || !has_room(net::site_of(address), kOfSite) ||
      !has_room(net::provider_of(address), kOfProvider)) {
    return nullptr;
  }
  // What may fail for want of memory comes before what is counted.
  std::vector<std::size_t*> counts;
  for (const std::string& network : networks) counts.push_back(&by_network_[network]);
  auto place = std::make_shared<const Place>(*this, std::move(networks), past);
  ++all_;
  if (past != Past::signed_in) ++strangers_;
  if (past == Past::failed) ++failed_;
  for (std::size_t* count : counts) ++*count;
  return place;
}

}  // namespace hostwatch::auth
