#pragma once

#include "server/api/page/assets.h"
#include "server/api/router.h"

namespace hostwatch::api {

/// GET /, /dashboard and /assets/{file}: the page and what it loads. Thread-safe.
class PageApi {
 public:
  void add_routes(Router& router);

 private:
  Reply dashboard(const Call& call) const;
  Reply asset(const Call& call) const;

  Assets assets_;
};

}  // namespace hostwatch::api
