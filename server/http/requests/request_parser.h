#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "server/http/requests/request.h"

namespace hostwatch::http {

/// Reads the head of a request that RequestFramer has let through: request line, headers, the decoded path.
/// It is cpp-httplib that does it, and this is the one place of the server that knows the library: it sees
/// no socket, no body, no chunk, no range and no expectation, where its known holes are. Thread-safe.
class RequestParser {
 public:
  RequestParser();
  ~RequestParser();
  RequestParser(const RequestParser&) = delete;
  RequestParser& operator=(const RequestParser&) = delete;

  /// `head`: request line and headers, each line ended by CR LF, with an empty line behind them.
  /// `address`: the client's, for Request::remote_addr.
  /// Returns the request, without a body; nothing if the library cannot read it (a method that it does not
  /// know, for instance). Throws std::bad_alloc.
  std::optional<Request> parse(std::string_view head, const std::string& address) const;

 private:
  class Library;
  std::unique_ptr<Library> library_;
};

}  // namespace hostwatch::http
