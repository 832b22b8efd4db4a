#pragma once

#include "server/api/router.h"
#include "server/api/services.h"

namespace hostwatch::api {

/// POST /enroll, by which agents get a token of their own, and /hosts/{name}/allow, by which an administrator
/// lets one in that was turned away. Thread-safe.
class EnrollmentApi {
 public:
  /// `services` must outlive it.
  explicit EnrollmentApi(const Services& services) : services_(services) {}

  void add_routes(Router& router);

 private:
  Reply enroll(const Call& call) const;
  /// Lets an agent of the host in.
  Reply allow(const Call& call) const;
  /// Removes who waits for the host, and takes back that one is allowed as it.
  Reply take_back(const Call& call) const;

  const Services& services_;
};

}  // namespace hostwatch::api
