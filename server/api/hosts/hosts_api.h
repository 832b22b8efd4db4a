#pragma once

#include <string>

#include "server/api/hosts/host_lists.h"
#include "server/api/router.h"
#include "server/api/services.h"

namespace hostwatch::api {

/// GET /hosts; deleting a host, or its history alone. Thread-safe.
class HostsApi {
 public:
  /// `services` must outlive it.
  explicit HostsApi(const Services& services) : services_(services) {}

  void add_routes(Router& router);

 private:
  Reply list(const Call& call);
  Reply delete_host(const Call& call, const std::string& host) const;
  Reply delete_history(const Call& call, const std::string& host) const;

  const Services& services_;
  HostLists lists_;
};

}  // namespace hostwatch::api
