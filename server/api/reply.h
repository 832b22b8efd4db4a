#pragma once

#include <optional>
#include <utility>

#include "server/http/answers/response.h"

namespace hostwatch::api {

/// What a handler gives back: the answer, or that it comes later through the request's Responder.
class [[nodiscard]] Reply {
 public:
  static Reply now(http::Response response) { return Reply(std::move(response)); }
  static Reply later() { return Reply(std::nullopt); }

  /// The answer; null if it comes later.
  const http::Response* response() const { return response_ ? &*response_ : nullptr; }

  /// The same, as http::RequestHandler has it.
  std::optional<http::Response> take() && { return std::move(response_); }

 private:
  explicit Reply(std::optional<http::Response> response) : response_(std::move(response)) {}

  std::optional<http::Response> response_;
};

}  // namespace hostwatch::api
