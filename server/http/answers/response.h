#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "server/http/answers/piece_source.h"

namespace hostwatch::http {

/// What is answered to one request.
struct Response {
  int status = 200;
  std::string content_type = "application/json";
  std::string body;
  /// Instead of `body`: what is answered to many, as it is. It must stay for as long as the server runs.
  std::string_view fixed_body;
  /// Instead of both: a body that is made while it is sent, and whose length nobody knows before.
  std::shared_ptr<PieceSource> source;
  /// Who the client has proved to be (any text that tells it from others), or counts as where it need not:
  /// its connection is worth keeping. Empty: nobody.
  std::string authenticated_client;
  std::vector<std::pair<std::string, std::string>>
      headers;  ///< constants or numbers of ours, never a client's text

  /// An answer in JSON; `body` is JSON text already.
  static Response json(std::string body, int status = 200);

  /// {"error": text}: what is wrong and what to do.
  static Response error(int status, std::string_view text);

  /// Whichever of the first two bodies there is.
  std::string_view content() const { return fixed_body.empty() ? std::string_view(body) : fixed_body; }
};

/// The standard reason phrase (RFC 9110), "Unknown" for a status we never send.
std::string_view reason_phrase(int status);

/// How a client knows where an answer's body ends (RFC 9112, section 6.3).
enum class BodyEnd : std::uint8_t {
  by_length,  ///< as the head says
  by_chunk,   ///< the last chunk is empty
  untold      ///< where the connection ends; or there is no body, and no word of its length
};

/// What stands before the answer's body as it travels (RFC 9112). `date`: the server's clock in the form of
/// RFC 9110, 5.6.7. Every answer carries nosniff and a no-referrer policy, and `Cache-Control: no-store`
/// unless it says otherwise. A HEAD is answered with this alone.
std::string render_head(const Response& response, std::string_view date, bool keep_alive,
                        BodyEnd end = BodyEnd::by_length);

}  // namespace hostwatch::http
