#pragma once

#include "server/api/router.h"
#include "server/api/services.h"

namespace hostwatch::api {

/// /alerts: alarms, what is on its way to be one, and acknowledging. Thread-safe.
class AlertsApi {
 public:
  /// `services` must outlive it.
  explicit AlertsApi(const Services& services) : services_(services) {}

  void add_routes(Router& router);

 private:
  Reply list(const Call& call) const;
  Reply pending(const Call& call) const;
  Reply one(const Call& call) const;
  Reply acknowledge(const Call& call) const;
  Reply take_back(const Call& call) const;
  Reply change(const Call& call, std::int64_t alarm, const std::string& by, const std::string& note,
               std::int64_t until) const;
  http::Response story(std::int64_t alarm) const;

  const Services& services_;
};

}  // namespace hostwatch::api
