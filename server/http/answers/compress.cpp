#include "server/http/answers/compress.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include "server/http/requests/header_text.h"
#include "util/gzip.h"

namespace hostwatch::http {
namespace {

/// "0.25" in thousandths (RFC 9110, section 12.4.2); 0, which wants nothing, for what is no weight.
int thousandths_of(std::string_view text) {
  const bool is_well_formed = !text.empty() && text.size() <= 5 && (text[0] == '0' || text[0] == '1') &&
                              (text.size() == 1 || text[1] == '.') &&
                              text.find_first_not_of("0123456789", 2) == std::string_view::npos;
  if (!is_well_formed) return 0;
  int value = text[0] - '0';
  for (std::size_t i = 2; i < 5; ++i) value = value * 10 + (i < text.size() ? text[i] - '0' : 0);
  return value <= 1000 ? value : 0;
}

/// Takes the text up to the first such mark off the front, and the mark with it.
std::string_view take_until(std::string_view& rest, char mark) {
  const std::size_t end = std::min(rest.find(mark), rest.size());
  const std::string_view taken = trimmed(rest.substr(0, end));
  rest.remove_prefix(std::min(end + 1, rest.size()));
  return taken;
}

/// The weight in what stands behind a coding: "q=0.5". 1000 where none is given; 0 where it is malformed, as
/// in "q" and "q =0".
int weight_in(std::string_view parameters) {
  while (!parameters.empty()) {
    const std::string_view one = take_until(parameters, ';');
    const std::size_t equals = std::min(one.find('='), one.size());
    if (!equals_ignoring_case(trimmed(one.substr(0, equals)), "q")) continue;
    return equals == 1 && one.size() > 1 ? thousandths_of(one.substr(2)) : 0;
  }
  return 1000;
}

}  // namespace

bool accepts_gzip(const Request& request) {
  int gzip = 0;
  int identity = 0;
  std::string_view rest = request.get_header_value("Accept-Encoding");
  while (!rest.empty()) {
    std::string_view member = take_until(rest, ',');
    const std::string_view coding = take_until(member, ';');
    if (equals_ignoring_case(coding, "gzip") || equals_ignoring_case(coding, "x-gzip"))
      gzip = std::max(gzip, weight_in(member));
    if (equals_ignoring_case(coding, "identity")) identity = weight_in(member);
  }
  return gzip > 0 && gzip >= identity;
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
