#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "server/api/access/gate.h"
#include "server/api/access/permission.h"
#include "server/api/call.h"
#include "server/api/path_parameters.h"
#include "server/api/reply.h"
#include "server/http/http_server.h"

namespace hostwatch::api {

/// Answers a request that was admitted. Runs on the HTTP server's pool: must not block on anything slow.
using Handler = std::function<Reply(const Call&)>;

/// What is done with one method of an address.
struct Route {
  Permission permission;
  Handler handler;
};

/// A route, as the table of what is tested has to name it.
struct RouteInfo {
  std::string method;
  std::string pattern;
  Permission permission;
};

/// Which address and method is answered by what. Thread-safe once every route is added.
class Router {
 public:
  struct Match {
    const Route* route;
    PathParameters path;
  };

  /// `pattern`: a path, such as "/hosts" or "/hosts/{name}/clean", of which {name} stands for one segment.
  /// What stands before the first parameter belongs to patterns with parameters, and to patterns that are
  /// longer ("/alerts/rules" and "/alerts/rules/{id}" beside "/alerts/{id}"). GET is HEAD, too.
  void add(const char* method, std::string_view pattern, Permission permission, Handler handler);

  /// The route of a request and the parameters of its path, decoded once; 404 if there is nothing at the
  /// address, 405 with Allow if it is there for other methods.
  ///
  /// A path with parameters is matched as it was sent, so that a name that holds a slash (%2F) is no other
  /// address; any other is matched decoded. Slashes behind a path, as proxies and people add them, make no
  /// other address; those before it are gone already (RequestFramer).
  std::variant<Match, http::Response> find(const http::Request& request) const;

  /// Every route.
  std::vector<RouteInfo> routes() const;

 private:
  struct Address {
    std::string pattern;
    std::map<std::string, Route, std::less<>> methods;
  };

  Address& address_of(std::string_view pattern);
  const Address* find_address(const http::Request& request, PathParameters& path) const;
  static http::Response not_allowed(const Address& address);

  std::map<std::string, Address, std::less<>> plain_;                   ///< without parameters, by path
  std::map<std::string, std::vector<Address>, std::less<>> patterned_;  ///< by what stands before the first
};

}  // namespace hostwatch::api
