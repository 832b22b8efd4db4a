#include "server/api/router.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "util/text/percent_encoding.h"

namespace hostwatch::api {
namespace {

std::string_view without_slashes_behind(std::string_view path) {
  while (path.size() > 1 && path.ends_with('/')) path.remove_suffix(1);
  return path;
}

/// Takes the first segment off a path, and the slash behind it.
std::string_view take_segment(std::string_view& path) {
  const std::size_t end = std::min(path.find('/'), path.size());
  const std::string_view segment = path.substr(0, end);
  path.remove_prefix(std::min(end + 1, path.size()));
  return segment;
}

/// The name of the parameter that a segment of a pattern is; nothing if it is none.
std::optional<std::string_view> parameter_in(std::string_view segment) {
  if (!segment.starts_with('{') || !segment.ends_with('}')) return std::nullopt;
  return segment.substr(1, segment.size() - 2);
}

/// The parameters of a path as it was sent; nothing if it is not of the pattern.
std::optional<PathParameters> match_path(std::string_view pattern, std::string_view sent) {
  PathParameters path;
  while (!pattern.empty() && !sent.empty()) {
    const std::string_view expected = take_segment(pattern);
    const std::string_view segment = take_segment(sent);
    const auto parameter = parameter_in(expected);
    if (parameter ? segment.empty() : segment != expected) return std::nullopt;
    if (parameter) path.add(*parameter, util::percent_decoded(segment));
  }
  if (!pattern.empty() || !sent.empty()) return std::nullopt;
  return path;
}

}  // namespace

Router::Address& Router::address_of(std::string_view pattern) {
  const std::size_t parameter = pattern.find('{');
  if (parameter == std::string_view::npos) {
    return plain_.try_emplace(std::string(pattern), Address{std::string(pattern), {}}).first->second;
  }
  std::vector<Address>& addresses = patterned_[std::string(pattern.substr(0, parameter))];
  const auto found = std::find_if(addresses.begin(), addresses.end(),
                                  [pattern](const Address& one) { return one.pattern == pattern; });
  if (found != addresses.end()) return *found;
  return addresses.emplace_back(Address{std::string(pattern), {}});
}

void Router::add(const char* method, std::string_view pattern, Permission permission, Handler handler) {
  address_of(pattern).methods.emplace(method, Route{permission, std::move(handler)});
}

const Router::Address* Router::find_address(const http::Request& request, PathParameters& path) const {
  const std::string_view target = request.target;
  const std::string_view sent = without_slashes_behind(target.substr(0, target.find_first_of("?#")));
  const auto plain = plain_.find(without_slashes_behind(request.path));
  if (plain != plain_.end() && plain->first == sent) return &plain->second;  // written as it is
  bool is_patterned = false;
  for (auto group = patterned_.rbegin(); group != patterned_.rend(); ++group) {  // the longest first
    const auto& [before, addresses] = *group;
    if (!sent.starts_with(before)) continue;
    is_patterned = true;
    for (const Address& address : addresses) {
      if (auto found = match_path(std::string_view(address.pattern).substr(before.size()),
                                  sent.substr(before.size()))) {
        path = *std::move(found);
        return &address;
      }
    }
  }
  if (is_patterned) return nullptr;
  return plain == plain_.end() ? nullptr : &plain->second;
}

std::variant<Router::Match, http::Response> Router::find(const http::Request& request) const {
  Match match{nullptr, {}};
  const Address* address = find_address(request, match.path);
  if (address == nullptr) {
    return http::Response::error(404, "there is nothing at this address; the page is at /dashboard");
  }
  // HEAD is GET without the body, which the HTTP server leaves out.
  const auto found = address->methods.find(request.method == "HEAD" ? std::string_view("GET")
                                                                    : std::string_view(request.method));
  if (found == address->methods.end()) return not_allowed(*address);
  match.route = &found->second;
  return match;
}

http::Response Router::not_allowed(const Address& address) {
  std::string allowed;
  for (const auto& [method, unused] : address.methods) allowed += allowed.empty() ? method : ", " + method;
  if (address.methods.contains("GET")) allowed += ", HEAD";
  http::Response response = http::Response::error(405, "this address takes only " + allowed);
  response.headers.emplace_back("Allow", allowed);
  return response;
}

std::vector<RouteInfo> Router::routes() const {
  std::vector<RouteInfo> all;
  const auto add = [&all](const Address& address) {
    for (const auto& [method, route] : address.methods) {
      all.push_back({method, address.pattern, route.permission});
    }
  };
  for (const auto& [path, address] : plain_) add(address);
  for (const auto& [before, addresses] : patterned_) std::for_each(addresses.begin(), addresses.end(), add);
  return all;
}

}  // namespace hostwatch::api
