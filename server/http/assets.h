#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "server/http/http_server.h"

namespace hostwatch::http {

/// A file of web/ as it was when the program was built.
struct EmbeddedFile {
  std::string_view name;
  std::string_view content;
};

/// Every embedded file; made by the build from web/assets.txt.
std::vector<EmbeddedFile> embedded_files();

/// Serves the embedded files by exact name: nothing else can be asked for. Thread-safe after construction.
class Assets {
 public:
  Assets();

  /// The page itself, with its Content-Security-Policy.
  Response page(const Request& request) const;

  /// The file of that name; nothing if there is none.
  std::optional<Response> file(const std::string& name, const Request& request) const;

 private:
  struct Entry {
    std::string_view content;
    std::string entity_tag;
    std::string content_type;
  };
  Response serve(const Entry& entry, const Request& request) const;

  std::map<std::string, Entry, std::less<>> entries_;
};

}  // namespace hostwatch::http
