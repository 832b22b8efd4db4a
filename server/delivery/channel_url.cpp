#include "server/delivery/channel_url.h"

#include <array>
#include <utility>

#include "net/url.h"
#include "util/text/ascii.h"

namespace hostwatch::delivery {
namespace {

/// As what the parser of URLs knows: a mail server's address differs in its scheme and port alone.
struct SchemeOf {
  std::string_view scheme;
  std::string_view alike;
  int port;
};
constexpr std::array<SchemeOf, 4> kSchemes{
    {{"http", "http", 80}, {"https", "https", 443}, {"smtp", "http", 25}, {"smtps", "https", 465}}};

const SchemeOf* scheme_of(std::string_view url) {
  const std::string lower = util::in_lower_case(std::string(url.substr(0, url.find("://"))));
  for (const SchemeOf& one : kSchemes) {
    if (one.scheme == lower) return &one;
  }
  return nullptr;
}

bool is_mail_scheme(const SchemeOf& scheme) {
  return scheme.scheme != scheme.alike;
}

net::ServerUrl parse_as(const SchemeOf& scheme, std::string_view url) {
  return net::parse_server_url(std::string(scheme.alike) + std::string(url.substr(scheme.scheme.size())));
}

/// The parser fills in the port of HTTP where none is given.
bool has_port(std::string_view url) {
  const std::size_t begin = url.find("://") + 3;
  const std::string_view authority = url.substr(begin, url.find_first_of("/?#", begin) - begin);
  const std::size_t colon = authority.rfind(':');
  return colon != std::string_view::npos && authority.find(']', colon) == std::string_view::npos;
}

}  // namespace

std::string why_no_mail_server(std::string_view url) {
  const SchemeOf* scheme = scheme_of(url);
  if (scheme == nullptr || !is_mail_scheme(*scheme) || url.find("://") == std::string_view::npos) {
    return "it must look like smtp://mail.example:587 or smtps://mail.example";
  }
  try {
    const net::ServerUrl parsed = parse_as(*scheme, url);
    if (parsed.path != "/" || url.ends_with('/'))
      return "nothing comes behind the name of the server and its port";
    if (parsed.host.find('%') != std::string::npos) return "it must not name an interface";
    return "";
  } catch (const net::ServerUrlError& error) {
    const std::string why = error.what();
    return why.substr(0, why.find(';'));
  }
}

std::string origin_of(std::string_view url) {
  const SchemeOf* scheme = scheme_of(url);
  if (scheme == nullptr) return "?";
  try {
    net::ServerUrl parsed = parse_as(*scheme, url);
    if (!has_port(url)) parsed.port = scheme->port;
    parsed.host = util::in_lower_case(parsed.host);
    return std::string(scheme->scheme) + "://" + parsed.authority();
  } catch (const net::ServerUrlError&) {
    return "?";
  }
}

}  // namespace hostwatch::delivery
