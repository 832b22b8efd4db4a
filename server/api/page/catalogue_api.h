#pragma once

#include "server/api/router.h"
#include "server/http/answers/compress.h"

namespace hostwatch::api {

/// GET /catalogue: the timeframe presets and every metric that the server knows. Thread-safe.
class CatalogueApi {
 public:
  CatalogueApi();

  void add_routes(Router& router);

 private:
  http::FixedText catalogue_;
};

}  // namespace hostwatch::api
