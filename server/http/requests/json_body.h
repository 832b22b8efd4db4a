#pragma once

#include <optional>
#include <string>
#include <variant>

#include "server/http/answers/response.h"
#include "server/http/requests/request.h"
#include "util/text/json_object.h"

namespace hostwatch::http {

/// The answer that refuses a request whose body is not said to be JSON, or is too large: 415 (another
/// Content-Type: so that no form of another site's page is taken), 413 (over 16 KiB).
std::optional<Response> refuse_body(const Request& request);

/// The small JSON object in the body of a request, or the answer that refuses it: as refuse_body(), and 400.
std::variant<util::JsonObject, Response> read_json_body(const Request& request);

/// A field's text; empty if it is missing or no text.
std::string text_of(const util::JsonObject& object, const char* field);

}  // namespace hostwatch::http
