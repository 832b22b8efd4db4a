#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "server/http/http_server.h"

namespace hostwatch::api {

/// A file of the page, as web/build.mjs made it when the program was built.
struct EmbeddedFile {
  std::string_view name;
  std::string_view content;
  std::string_view gzip;  ///< the same, as one gzip member
};

/// Every embedded file; the list is made by the build (cmake/EmbedAssets.cmake).
std::vector<EmbeddedFile> embedded_files();

/// Serves the embedded files by exact name: nothing else can be asked for. Thread-safe after construction.
class Assets {
 public:
  Assets();

  /// The page itself, with its Content-Security-Policy.
  http::Response page(const http::Request& request) const;

  /// The file of that name; nothing if there is none. One whose name holds a hash of its content may be kept
  /// for ever, the others are to be asked for again.
  std::optional<http::Response> file(const std::string& name, const http::Request& request) const;

 private:
  struct Entry {
    std::string_view content;
    std::string_view gzip;
    std::string entity_tag;
    std::string gzip_entity_tag;
    std::string content_type;
    bool is_for_ever;
  };
  http::Response serve(const Entry& entry, const http::Request& request) const;

  std::map<std::string, Entry, std::less<>> entries_;
};

}  // namespace hostwatch::api
