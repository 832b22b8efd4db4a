#include "server/http/answers/response.h"

#include <algorithm>

#include "util/text/json_text.h"

namespace hostwatch::http {

Response Response::json(std::string body, int status) {
  Response response;
  response.status = status;
  response.body = std::move(body);
  return response;
}

Response Response::error(int status, std::string_view text) {
  std::string body = "{\"error\":";
  util::append_json_string(body, text);
  body += '}';
  return json(std::move(body), status);
}

std::string_view reason_phrase(int status) {
  switch (status) {
    case 200:
      return "OK";
    case 302:
      return "Found";
    case 304:
      return "Not Modified";
    case 400:
      return "Bad Request";
    case 401:
      return "Unauthorized";
    case 403:
      return "Forbidden";
    case 404:
      return "Not Found";
    case 405:
      return "Method Not Allowed";
    case 408:
      return "Request Timeout";
    case 409:
      return "Conflict";
    case 411:
      return "Length Required";
    case 413:
      return "Content Too Large";
    case 414:
      return "URI Too Long";
    case 415:
      return "Unsupported Media Type";
    case 417:
      return "Expectation Failed";
    case 429:
      return "Too Many Requests";
    case 431:
      return "Request Header Fields Too Large";
    case 500:
      return "Internal Server Error";
    case 501:
      return "Not Implemented";
    case 503:
      return "Service Unavailable";
    case 505:
      return "HTTP Version Not Supported";
    default:
      return "Unknown";
  }
}

std::string render_head(const Response& response, std::string_view date, bool keep_alive, BodyEnd end) {
  const std::size_t size = response.content().size();
  std::string out;
  out.reserve(256);
  out += "HTTP/1.1 " + std::to_string(response.status) + " ";
  out += reason_phrase(response.status);
  out += "\r\nDate: ";
  out += date;
  // RFC 9110, section 8.6: a 304 may say no length but that of the 200 it stands for.
  if (end == BodyEnd::by_length && response.status != 304)
    out += "\r\nContent-Length: " + std::to_string(size);
  if (end == BodyEnd::by_chunk) out += "\r\nTransfer-Encoding: chunked";
  if (size != 0 || response.source) out += "\r\nContent-Type: " + response.content_type;
  out += "\r\nX-Content-Type-Options: nosniff\r\nReferrer-Policy: no-referrer";
  const bool says_cache = std::any_of(response.headers.begin(), response.headers.end(),
                                      [](const auto& header) { return header.first == "Cache-Control"; });
  if (!says_cache) out += "\r\nCache-Control: no-store";
  for (const auto& [name, value] : response.headers) {
    out += "\r\n";
    out += name;
    out += ": ";
    out += value;
  }
  out += keep_alive ? "\r\nConnection: keep-alive\r\n\r\n" : "\r\nConnection: close\r\n\r\n";
  return out;
}

}  // namespace hostwatch::http
