#include "net/url.h"

#include <arpa/inet.h>

#include <algorithm>
#include <charconv>

#include "util/text/text.h"

namespace hostwatch::net {
namespace {

constexpr std::string_view kExample = "; a URL looks like http://127.0.0.1:5000/metrics";

[[noreturn]] void refuse(const std::string& why) {
  throw ServerUrlError(why + std::string(kExample));
}

bool is_ipv6_address(const std::string& text) {
  in6_addr address{};
  // A zone ("fe80::1%eth0") is getaddrinfo's to judge.
  return ::inet_pton(AF_INET6, text.substr(0, text.find('%')).c_str(), &address) == 1;
}

bool is_ipv4_address(const std::string& text) {
  in_addr address{};
  return ::inet_pton(AF_INET, text.c_str(), &address) == 1;
}

bool is_host_name(std::string_view text) {
  return !text.empty() && text.size() <= 253 && std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
           c == '-' || c == '_';
  });
}

/// A zone is "%eth0" as people write it, and "%25eth0" as URLs do (RFC 6874, section 2).
std::string with_plain_zone(std::string_view address) {
  constexpr std::string_view kEncoded = "%25";
  const std::size_t zone = address.find('%');
  std::string plain(address);
  const bool is_encoded = zone != std::string_view::npos && address.substr(zone).starts_with(kEncoded) &&
                          address.size() > zone + kEncoded.size();  // else it is the interface of number 25
  if (is_encoded) plain.erase(zone + 1, kEncoded.size() - 1);
  return plain;
}

std::string_view take_scheme(std::string_view& text) {
  const std::size_t end = text.find("://");
  if (end == std::string_view::npos) refuse("it has no scheme");
  const std::string_view scheme = text.substr(0, end);
  text.remove_prefix(end + 3);
  return scheme;
}

bool equals_ignoring_case(std::string_view text, std::string_view lower) {
  return text.size() == lower.size() &&
         std::equal(text.begin(), text.end(), lower.begin(), [](char a, char b) {
           return (a >= 'A' && a <= 'Z' ? static_cast<char>(a + 32) : a) == b;
         });
}

int parse_port(std::string_view text) {
  int port = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  if (error != std::errc() || end != text.data() + text.size() || port < 1 || port > 65'535) {
    refuse("its port must be a number from 1 to 65535");
  }
  return port;
}

void parse_authority(std::string_view text, ServerUrl& into) {
  if (text.find('@') != std::string_view::npos) refuse("it must not hold a user name; use --token");
  std::string_view after_host;
  if (text.starts_with('[')) {
    const std::size_t end = text.find(']');
    if (end == std::string_view::npos) refuse("its IPv6 address lacks the closing bracket");
    into.host = with_plain_zone(text.substr(1, end - 1));
    after_host = text.substr(end + 1);
    if (!is_ipv6_address(into.host)) refuse("what is in brackets is not an IPv6 address");
  } else {
    const std::size_t end = std::min(text.find(':'), text.size());
    into.host = text.substr(0, end);
    after_host = text.substr(end);
    if (after_host.find(':') != after_host.rfind(':')) refuse("an IPv6 address belongs in brackets");
    if (into.host.empty()) refuse("it names no host");
    if (!is_host_name(into.host)) refuse("its host is neither a name nor an address");
  }
  if (after_host.empty()) return;
  if (!after_host.starts_with(':')) refuse("after the IPv6 address comes only a port");
  into.port = parse_port(after_host.substr(1));
}

}  // namespace

std::string ServerUrl::authority() const {
  const bool is_ipv6 = host.find(':') != std::string::npos;
  return (is_ipv6 ? "[" + host + "]" : host) + ":" + std::to_string(port);
}

std::string ServerUrl::host_header() const {
  return ServerUrl{host_without_zone(), port}.authority();
}

std::string ServerUrl::host_without_zone() const {
  return host.substr(0, host.find('%'));
}

bool ServerUrl::is_loopback() const {
  return host == "localhost" || host == "::1" || host == "::ffff:127.0.0.1" ||
         (host.starts_with("127.") && is_ipv4_address(host));
}

ServerUrl parse_server_url(std::string_view text) {
  const auto is_plain = [](char c) { return c > ' ' && c < 0x7F; };
  if (!std::all_of(text.begin(), text.end(), is_plain)) {
    refuse("it holds blanks or characters that a URL has to encode");
  }
  const std::string_view scheme = take_scheme(text);
  ServerUrl url;
  url.encrypted = equals_ignoring_case(scheme, "https");
  if (url.encrypted) url.port = 443;
  if (!url.encrypted && !equals_ignoring_case(scheme, "http")) refuse("its scheme must be http or https");
  if (text.find('#') != std::string_view::npos) refuse("it must not hold a fragment (#)");

  const std::size_t path = std::min(text.find_first_of("/?"), text.size());
  parse_authority(text.substr(0, path), url);
  if (path < text.size()) {
    url.path = text.substr(path);
    if (url.path.front() == '?') url.path.insert(0, 1, '/');
  }
  return url;
}

std::string ServerUrl::shown() const {
  const std::string all = text();
  const std::size_t query = all.find('?');
  return query == std::string::npos ? all : all.substr(0, query) + "?...";
}

std::string without_secrets(std::string_view url) {
  const bool has_scheme = url.find("://") != std::string_view::npos;
  const std::size_t at = url.rfind('@');
  std::string shown = util::without_url_secrets(url);
  if (!has_scheme && at != std::string_view::npos) shown = "***" + std::string(url.substr(at));
  const std::size_t query = shown.find('?');
  if (query != std::string::npos) shown.replace(query + 1, std::string::npos, "...");
  return shown;
}

}  // namespace hostwatch::net
