#include "server/http/compress.h"

#include "server/http/gzip.h"

namespace hostwatch::http {

bool accepts_gzip(const Request& request) {
  return request.get_header_value("Accept-Encoding").find("gzip") != std::string::npos;
}

void compress(Response& response, const Request& request) {
  if (response.body.size() < kWorthCompressing || response.status != 200) return;
  response.headers.emplace_back("Vary", "Accept-Encoding");
  if (!accepts_gzip(request)) return;
  response.body = deflate_gzip(response.body, kGzipLevel);
  response.headers.emplace_back("Content-Encoding", "gzip");
}

}  // namespace hostwatch::http
