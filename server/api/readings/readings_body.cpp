#include "server/api/readings/readings_body.h"

#include <algorithm>
#include <set>
#include <string_view>

#include "server/http/requests/request.h"
#include "util/gzip.h"
#include "util/text/ascii.h"
#include "util/text/json_text.h"

namespace hostwatch::api {
namespace {

/// application/json with any parameters, application/…+json, or none at all, as small clients send.
bool is_json(const http::Request& request) {
  std::string type = util::in_lower_case(request.get_header_value("Content-Type"));
  type.resize(std::min(type.find(';'), type.size()));
  while (!type.empty() && type.back() == ' ') type.pop_back();
  return type.empty() || type == "application/json" ||
         (type.starts_with("application/") && type.ends_with("+json"));
}

/// x-gzip is another name for it (RFC 9110, 8.4.1.3).
bool is_gzip(const std::string& coding) {
  return coding == "gzip" || coding == "x-gzip";
}

void append_rejected(std::string& out, const protocol::DecodedReadings& decoded) {
  if (decoded.rejected_count == 0) return;
  out += ",\"rejected\":[";
  bool first = true;
  for (const protocol::RejectedReading& rejected : decoded.rejected) {
    out += first ? "{\"index\":" : ",{\"index\":";
    first = false;
    out += std::to_string(rejected.index) + ",\"error\":";
    util::append_json_string(out, rejected.error);
    out += '}';
  }
  out += ']';
  if (decoded.rejected_count > decoded.rejected.size()) {
    out += ",\"rejected_count\":" + std::to_string(decoded.rejected_count);
  }
}

/// 400 for a body none of whose readings can be taken.
http::Response refuse_all(const protocol::DecodedReadings& decoded) {
  const std::string& first = decoded.rejected.front().error;
  if (!decoded.is_array) return http::Response::error(400, first);
  http::Response response =
      http::Response::error(400, "none of the readings can be accepted; the first: " + first);
  response.body.pop_back();
  append_rejected(response.body, decoded);
  response.body += '}';
  return response;
}

/// Series that were left out of readings, once each: beyond what a reading may have, or for want of room.
void append_refused_series(std::string& body, const storage::AppendResult& result,
                           const protocol::DecodedReadings& decoded) {
  if (decoded.surplus.empty() && result.refused_series.empty()) return;
  std::set<std::string_view> names(result.refused_series.begin(), result.refused_series.end());
  for (const protocol::SurplusSeries& one : decoded.surplus) names.insert(one.name);
  char between = '[';
  body += ",\"refused_series\":";
  for (const std::string_view name : names) {
    body += between;
    util::append_json_string(body, name);
    between = ',';
  }
  body += ']';
}

}  // namespace

std::size_t inflated_size(const http::Request& request) {
  constexpr std::size_t kLeastGzip = 18;  // header and trailer
  const std::string& body = request.body;
  if (body.size() < kLeastGzip ||
      !is_gzip(util::in_lower_case(request.get_header_value("Content-Encoding")))) {
    return body.size();
  }
  std::size_t size = 0;
  for (std::size_t i = 1; i <= 4; ++i) {
    size = size << 8U | static_cast<unsigned char>(body[body.size() - i]);
  }
  return size;
}

std::variant<protocol::DecodedReadings, http::Response> read_readings_body(const http::Request& request,
                                                                           const ReadingsBodyLimits& limits,
                                                                           protocol::ShapeMemory& shapes) {
  if (!is_json(request))
    return http::Response::error(415, "send the readings as Content-Type: application/json");
  const std::string coding = util::in_lower_case(request.get_header_value("Content-Encoding"));
  std::string inflated;
  if (is_gzip(coding)) {
    const std::size_t announced = inflated_size(request);
    util::InflateError error{};
    auto text = util::inflate_gzip(request.body, std::min(announced, limits.max_inflated_bytes), error);
    if (!text && error == util::InflateError::too_large && announced > limits.max_inflated_bytes) {
      return http::Response::error(413, "the body is larger than " +
                                            std::to_string(limits.max_inflated_bytes) +
                                            " bytes when inflated; send smaller arrays");
    }
    if (!text) return http::Response::error(400, "the body is not valid gzip");
    inflated = std::move(*text);
  } else if (!coding.empty() && coding != "identity") {
    return http::Response::error(415, "the only Content-Encoding understood is gzip");
  }
  const std::string& body = is_gzip(coding) ? inflated : request.body;
  if (body.empty())
    return http::Response::error(400, "the body is empty; send a reading or an array of readings as JSON");
  auto decoded = protocol::decode_readings(body, limits.decode, &shapes);
  if (const auto* error = std::get_if<protocol::DecodeError>(&decoded)) {
    return http::Response::error(error->too_large ? 413 : 400, error->error);
  }
  auto& readings = std::get<protocol::DecodedReadings>(decoded);
  if (readings.readings.empty() && readings.rejected_count != 0) return refuse_all(readings);
  return std::move(readings);
}

http::Response accepted_answer(const storage::AppendResult& result,
                               const protocol::DecodedReadings& decoded) {
  std::string body = "{\"status\":\"ok\",\"accepted\":" + std::to_string(result.accepted) +
                     ",\"duplicates\":" + std::to_string(result.duplicates);
  if (result.conflicts != 0) body += ",\"conflicts\":" + std::to_string(result.conflicts);
  if (result.lost != 0) body += ",\"lost\":" + std::to_string(result.lost);
  append_rejected(body, decoded);
  append_refused_series(body, result, decoded);
  body += '}';
  return http::Response::json(std::move(body));
}

}  // namespace hostwatch::api
