#include "server/api/page/assets.h"

#include <algorithm>
#include <array>
#include <cinttypes>
#include <cstdio>

#include "server/http/answers/compress.h"

namespace hostwatch::api {
namespace {

constexpr std::string_view kPage = "dashboard.html";

/// Scripts, styles, pictures and connections of our own alone; no frame around us, no form to anywhere else.
constexpr const char* kContentSecurityPolicy =
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

std::string content_type_of(std::string_view name) {
  constexpr std::array<std::pair<std::string_view, const char*>, 5> kTypes{{
      {".html", "text/html; charset=utf-8"},
      {".js", "text/javascript; charset=utf-8"},
      {".css", "text/css; charset=utf-8"},
      {".svg", "image/svg+xml"},
      {".json", "application/json"},
  }};
  for (const auto& [ending, type] : kTypes) {
    if (name.ends_with(ending)) return type;
  }
  return "application/octet-stream";
}

/// FNV-1a, 64 bits: tells one build's file from another's; nothing secret hangs on it. Each form of a file
/// has a tag of its own (RFC 9110, section 8.8.3).
std::string entity_tag_of(std::string_view content, const char* form) {
  std::uint64_t hash = 14695981039346656037U;
  for (const char c : content) hash = (hash ^ static_cast<std::uint8_t>(c)) * 1099511628211U;
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "\"%016" PRIx64 "%s\"", hash, form);
  return text.data();
}

/// True for `app-FMEQSNXC.js`: the bundler puts eight characters of base 32 behind the name, made of the
/// content.
bool has_hash_in_name(std::string_view name) {
  constexpr std::size_t kHashLength = 8;
  const std::size_t end = name.rfind('.');
  if (end == std::string_view::npos || end < kHashLength + 1 || name[end - kHashLength - 1] != '-')
    return false;
  const std::string_view hash = name.substr(end - kHashLength, kHashLength);
  return hash.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567") == std::string_view::npos;
}

/// If-None-Match (RFC 9110, section 13.1.2): a list of tags, compared weakly, or a star.
bool names_entity_tag(const http::Request& request, std::string_view tag) {
  const auto [begin, end] = request.headers.equal_range("If-None-Match");
  return std::any_of(begin, end, [&](const auto& header) {
    const std::string_view list = header.second;
    return list == "*" || list.find(tag) != std::string_view::npos;  // a tag has no quotes inside
  });
}

}  // namespace

Assets::Assets() {
  for (const EmbeddedFile& file : embedded_files()) {
    entries_[std::string(file.name)] = {file.content,
                                        file.gzip,
                                        entity_tag_of(file.content, ""),
                                        entity_tag_of(file.content, "-gzip"),
                                        content_type_of(file.name),
                                        has_hash_in_name(file.name)};
  }
}

http::Response Assets::serve(const Entry& entry, const http::Request& request) const {
  const bool is_packed = http::accepts_gzip(request);
  const std::string& tag = is_packed ? entry.gzip_entity_tag : entry.entity_tag;
  http::Response response;
  response.headers.emplace_back("ETag", tag);
  response.headers.emplace_back("Vary", "Accept-Encoding");
  // no-cache: asked for again each time, answered 304 while it is the same build.
  response.headers.emplace_back("Cache-Control",
                                entry.is_for_ever ? "max-age=31536000, immutable" : "no-cache");
  response.content_type = entry.content_type;
  if (names_entity_tag(request, tag)) {
    response.status = 304;
    return response;
  }
  if (is_packed) response.headers.emplace_back("Content-Encoding", "gzip");
  response.fixed_body = is_packed ? entry.gzip : entry.content;
  return response;
}

http::Response Assets::page(const http::Request& request) const {
  const auto found = entries_.find(kPage);
  if (found == entries_.end()) return http::Response::error(500, "this server was built without its page");
  http::Response response = serve(found->second, request);
  response.headers.emplace_back("Content-Security-Policy", kContentSecurityPolicy);
  response.headers.emplace_back("X-Frame-Options", "DENY");
  return response;
}

std::optional<http::Response> Assets::file(const std::string& name, const http::Request& request) const {
  const auto found = entries_.find(name);
  if (found == entries_.end() || name == kPage) return std::nullopt;
  return serve(found->second, request);
}

}  // namespace hostwatch::api
