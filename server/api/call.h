#pragma once

#include <string>

#include "server/api/access/gate.h"
#include "server/api/path_parameters.h"
#include "server/http/http_server.h"

namespace hostwatch::api {

/// A request that was admitted, on its way to what answers it. Holds references: not to be kept.
struct Call {
  const http::Request& request;
  const http::Responder& responder;
  const RequestContext& context;
  const PathParameters& path;
};

/// Who shares a place in the pools: by the credential, else by the address.
std::string pool_client(const RequestContext& context);

}  // namespace hostwatch::api
