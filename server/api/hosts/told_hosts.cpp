#include "server/api/hosts/told_hosts.h"

#include <charconv>
#include <system_error>
#include <unordered_set>

namespace hostwatch::api {

namespace {

/// FNV-1a, 64 bits (draft-eastlake-fnv).
std::uint64_t fingerprint(std::string_view text) {
  std::uint64_t hash = 0xcbf29ce484222325U;
  for (const char c : text) {
    hash ^= static_cast<unsigned char>(c);
    hash *= 0x100000001b3U;
  }
  return hash;
}

std::optional<std::uint64_t> number_in(std::string_view text) {
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

}  // namespace

std::optional<std::uint64_t> ToldHosts::number_of(std::string_view token) const {
  const std::size_t dash = token.find('-');
  if (dash == std::string_view::npos || number_in(token.substr(0, dash)) != id_) return std::nullopt;
  const auto number = number_in(token.substr(dash + 1));
  if (!number || *number < earliest_ || *number > number_) return std::nullopt;
  return number;
}

std::string ToldHosts::token() const {
  return std::to_string(id_) + '-' + std::to_string(number_);
}

ToldHosts::Change ToldHosts::note(const std::string& hostname, std::string_view lasting,
                                  std::string_view values, std::uint64_t since) {
  const auto [at, is_new] = hosts_.try_emplace(hostname);
  Host& host = at->second;
  host.noted = number_;
  const std::uint64_t lasting_now = fingerprint(lasting);
  if (is_new || host.lasting != lasting_now) {
    host.lasting = lasting_now;
    host.lasting_changed = number_;
  }
  const std::uint64_t values_now = fingerprint(values);
  if (is_new || host.values != values_now) {
    host.values = values_now;
    host.values_changed = number_;
  }
  if (host.lasting_changed > since) return Change::entry;
  return host.values_changed > since ? Change::values : Change::none;
}

std::vector<std::string> ToldHosts::end(std::uint64_t since) {
  for (auto host = hosts_.begin(); host != hosts_.end();) {
    if (host->second.noted == number_) {
      ++host;
      continue;
    }
    deleted_.push_back({host->first, number_});
    host = hosts_.erase(host);
  }
  std::vector<std::string> names = since == 0 ? std::vector<std::string>() : deleted_since(since);
  while (deleted_.size() > kMostDeleted) {  // only now: whoever asked had a token that was still known
    earliest_ = deleted_.front().noted;
    deleted_.pop_front();
  }
  return names;
}

std::vector<std::string> ToldHosts::deleted_since(std::uint64_t since) const {
  std::vector<std::string> names;
  std::unordered_set<std::string_view> named;  // one may have been deleted several times
  for (auto one = deleted_.rbegin(); one != deleted_.rend() && one->noted > since; ++one) {
    if (hosts_.contains(one->hostname)) continue;  // it is there again
    if (named.insert(one->hostname).second) names.push_back(one->hostname);
  }
  return names;
}

}  // namespace hostwatch::api
