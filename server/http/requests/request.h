#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <string_view>

namespace hostwatch::http {

/// Orders the names of headers without regard to case (RFC 9110, 5.1).
struct LessIgnoringCase {
  using is_transparent = void;
  bool operator()(std::string_view a, std::string_view b) const;
};

/// Headers by name; lines of one name in the order in which the parser gives them.
using Headers = std::multimap<std::string, std::string, LessIgnoringCase>;

/// Parameters of a query, decoded, by name.
using Params = std::multimap<std::string, std::string>;

/// One request, as RequestParser reads it. Text is the client's: any bytes where it says "decoded".
struct Request {
  std::string method;   ///< "GET": as it was sent, one of those that HTTP knows
  std::string path;     ///< decoded, without the query
  std::string target;   ///< as it was sent: the path and perhaps a query; see query_parameters()
  std::string version;  ///< "HTTP/1.1"
  Headers headers;      ///< values without blanks around them
  std::string body;     ///< chunks joined, not inflated; empty while only the head is known
  std::string remote_addr;

  bool has_header(std::string_view name) const;

  /// The value of that header, the first of several lines; empty if there is none. Valid as long as the
  /// request is. Each request is asked for twenty of them, most of which it does not have: a look at the
  /// lengths of its names is a third of what a search by their order costs.
  const std::string& get_header_value(std::string_view name) const;

  /// Lines of that header.
  std::size_t get_header_value_count(std::string_view name) const;

  /// The target without its query, which may hold secrets: for the log. Valid as long as the request is.
  std::string_view path_as_sent() const;
};

}  // namespace hostwatch::http
