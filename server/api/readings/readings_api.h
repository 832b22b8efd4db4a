#pragma once

#include "server/api/readings/post_refusals.h"
#include "server/api/readings/readings_intake.h"
#include "server/api/router.h"
#include "server/api/services.h"

namespace hostwatch::api {

/// POST /metrics: takes readings. Thread-safe.
class ReadingsApi {
 public:
  /// Both must outlive it.
  ReadingsApi(const Services& services, PostRefusals& refusals);

  void add_routes(Router& router);

  /// For its figures.
  const ReadingsIntake& intake() const { return intake_; }

  /// As ReadingsIntake::stop().
  void stop() { intake_.stop(); }

 private:
  Reply post(const Call& call);

  ReadingsIntake intake_;
};

}  // namespace hostwatch::api
