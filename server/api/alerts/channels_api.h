#pragma once

#include "server/api/router.h"
#include "server/api/services.h"

namespace hostwatch::api {

/// /alerts/channels: where alarms are told. Secrets go in and never come out. Thread-safe.
class ChannelsApi {
 public:
  /// `services` must outlive it.
  explicit ChannelsApi(const Services& services) : services_(services) {}

  void add_routes(Router& router);

 private:
  Reply list(const Call& call) const;
  Reply put(const Call& call) const;
  Reply remove(const Call& call) const;
  Reply test(const Call& call) const;

  const Services& services_;
};

}  // namespace hostwatch::api
