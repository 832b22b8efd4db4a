#include "server/auth/sign_in_places.h"

#include <utility>

#include "server/auth/address.h"

namespace hostwatch::auth {

SignInPlaces::Place::Place(SignInPlaces& places, std::string client, std::string site, bool has_failed)
    : places_(places), client_(std::move(client)), site_(std::move(site)), has_failed_(has_failed) {}

SignInPlaces::Place::~Place() {
  const std::lock_guard lock(places_.mutex_);
  --places_.all_;
  if (has_failed_) --places_.failed_;
  release(places_.by_client_, client_);
  release(places_.by_site_, site_);
}

std::size_t SignInPlaces::count(const Counts& counts, const std::string& key) {
  const auto found = counts.find(key);
  return found == counts.end() ? 0 : found->second;
}

void SignInPlaces::release(Counts& counts, const std::string& key) {
  const auto found = counts.find(key);
  if (found != counts.end() && --found->second == 0) counts.erase(found);
}

std::shared_ptr<const SignInPlaces::Place> SignInPlaces::take(const std::string& address, bool has_failed) {
  const std::string client = network_of(address);
  const std::string site = site_of(address);
  const bool is_one_client = client == site;  // an IPv4 address has no larger network that is known
  const std::lock_guard lock(mutex_);
  if (all_ >= limits_.all || (has_failed && failed_ >= limits_.of_failed) ||
      count(by_client_, client) >= limits_.of_client ||
      (!is_one_client && count(by_site_, site) >= limits_.of_site)) {
    return nullptr;
  }
  // What may fail for want of memory comes before what is counted.
  std::size_t& of_client = by_client_[client];
  std::size_t& of_site = by_site_[site];
  auto place = std::make_shared<const Place>(*this, client, site, has_failed);
  ++all_;
  if (has_failed) ++failed_;
  ++of_client;
  ++of_site;
  return place;
}

}  // namespace hostwatch::auth
