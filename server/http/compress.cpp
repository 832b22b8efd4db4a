#include "server/http/compress.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include "util/gzip.h"

namespace hostwatch::http {
namespace {

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

/// A member of Accept-Encoding: "gzip", "gzip;q=0.5"; "gzip; q=0" says that it is not wanted.
bool takes_gzip(std::string_view member) {
  const std::size_t end = std::min(member.find(';'), member.size());
  const std::string_view coding = trimmed(member.substr(0, end));
  if (coding != "gzip" && coding != "x-gzip") return false;
  const std::string_view weight = trimmed(member.substr(std::min(end + 1, member.size())));
  return weight.find_first_not_of("qQ=0. \t") != std::string_view::npos || weight.empty();
}

}  // namespace

bool accepts_gzip(const Request& request) {
  const auto [begin, end] = request.headers.equal_range("Accept-Encoding");
  return std::any_of(begin, end, [](const auto& header) {
    std::string_view rest = header.second;
    while (!rest.empty()) {
      const std::size_t comma = std::min(rest.find(','), rest.size());
      if (takes_gzip(rest.substr(0, comma))) return true;
      rest.remove_prefix(std::min(comma + 1, rest.size()));
    }
    return false;
  });
}

void compress(Response& response, const Request& request) {
  if (response.body.size() < kWorthCompressing || response.status != 200) return;
  response.headers.emplace_back("Vary", "Accept-Encoding");
  if (!accepts_gzip(request)) return;
  response.body = util::deflate_gzip(response.body, kGzipLevel);
  response.headers.emplace_back("Content-Encoding", "gzip");
}

FixedText::FixedText(std::string text) : text_(std::move(text)), gzip_(util::deflate_gzip(text_, 9)) {}

Response FixedText::json(const Request& request) const {
  Response response;
  response.headers.emplace_back("Vary", "Accept-Encoding");
  const bool is_packed = accepts_gzip(request);
  if (is_packed) response.headers.emplace_back("Content-Encoding", "gzip");
  response.fixed_body = is_packed ? gzip_ : text_;
  return response;
}

}  // namespace hostwatch::http
