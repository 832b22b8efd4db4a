#pragma once

#include "server/http/http_server.h"

namespace hostwatch::http {

/// Compresses a large answer if the client takes gzip.
void compress(Response& response, const Request& request);

}  // namespace hostwatch::http
