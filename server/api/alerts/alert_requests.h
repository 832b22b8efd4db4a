#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "server/api/call.h"
#include "server/api/reply.h"
#include "server/api/services.h"
#include "server/http/answers/response.h"

namespace hostwatch::api {

/// A number in an address ("/alerts/4711"); nothing if it is none. Pure.
std::optional<std::int64_t> number_in_path(std::string_view text);

/// Who changes something, for people: "anna", "token 3".
std::string author_of(const Services& services, const Call& call);

/// What a change must find: If-Match ("3" or 3) or If-None-Match (*); neither: nothing may be there.
struct Precondition {
  std::optional<std::int64_t> revision;  ///< nothing: there must be none
};

/// 400 for anything else in these headers.
std::variant<Precondition, http::Response> precondition_of(const http::Request& request);

}  // namespace hostwatch::api
