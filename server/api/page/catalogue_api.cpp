#include "server/api/page/catalogue_api.h"

#include "server/api/hosts/host_json.h"

namespace hostwatch::api {

CatalogueApi::CatalogueApi() : catalogue_(catalogue_json()) {}

void CatalogueApi::add_routes(Router& router) {
  router.add("GET", "/catalogue", Permission::read,
             [this](const Call& call) { return Reply::now(catalogue_.json(call.request)); });
}

}  // namespace hostwatch::api
