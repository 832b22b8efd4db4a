#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace hostwatch::http {

/// What is answered to one request.
struct Response {
  int status = 200;
  std::string content_type = "application/json";
  std::string body;
  bool vouches = false;  ///< the client has proved who it is, or need not: its connection is worth keeping
  std::vector<std::pair<std::string, std::string>>
      headers;  ///< constants or numbers of ours, never a client's text

  /// An answer in JSON; `body` is JSON text already.
  static Response json(std::string body, int status = 200);

  /// {"error": text}: what is wrong and what to do.
  static Response error(int status, std::string_view text);
};

/// The standard reason phrase (RFC 9110), "Unknown" for a status we never send.
std::string_view reason_phrase(int status);

/// The answer as it travels (RFC 9112). `date`: the server's clock in the form of RFC 9110, 5.6.7.
/// `head_only`: for HEAD, the length of a body that is not sent. Every answer carries nosniff and a
/// no-referrer policy, and `Cache-Control: no-store` unless it says otherwise.
std::string render(const Response& response, std::string_view date, bool keep_alive, bool head_only);

}  // namespace hostwatch::http
