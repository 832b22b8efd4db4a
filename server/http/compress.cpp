#include "server/http/compress.h"

#include "server/http/gzip.h"

namespace hostwatch::http {
namespace {

constexpr std::size_t kWorthCompressing = 1400;  // less fits into one packet as it is

}  // namespace

void compress(Response& response, const Request& request) {
  if (response.body.size() < kWorthCompressing || response.status != 200) return;
  response.headers.emplace_back("Vary", "Accept-Encoding");
  if (request.get_header_value("Accept-Encoding").find("gzip") == std::string::npos) return;
  response.body = deflate_gzip(response.body, 1);
  response.headers.emplace_back("Content-Encoding", "gzip");
}

}  // namespace hostwatch::http
