// A whole head as the server hands it to the HTTP library, and what is read of it: cookies, the Host,
// repeated lines, and the address of the client as a proxy tells it.
#include <cstdlib>
#include <filesystem>

#include "server/api/access/gate.h"
#include "server/auth/access_control.h"
#include "server/http/requests/request_framer.h"
#include "server/http/requests/request_parser.h"
#include "tests/fuzz/fuzz.h"

namespace {

using namespace hostwatch;

/// What is read of a client's address is the one way to write it, however it came.
void look_at_address(std::string_view text) {
  if (const auto address = net::forwarded_address(text)) {
    fuzz::must(net::canonical_address(*address) == address);
    fuzz::must(net::forwarded_address(*address) == address);
    fuzz::must(net::AddressRange::parse(*address)->contains(*address));
  }
}

/// No reader can take the first of two lines where another takes the last.
void look_at_lines(const http::Request& request) {
  for (const char* name :
       {"Host", "Authorization", "Content-Type", "Cookie", "Date", "Hostwatch-Agent", "Origin",
        "Sec-Fetch-Site", "X-CSRF-Token", "X-Forwarded-For", "X-Forwarded-Proto"}) {
    fuzz::must(request.get_header_value_count(name) <= 1);
  }
}

auth::AccessSettings behind_a_proxy() {
  auth::AccessSettings settings;
  settings.trusted_proxies.push_back(*net::AddressRange::parse("127.0.0.1"));
  settings.proxy_user_header = "X-Remote-User";
  settings.allowed_hosts = {"monitor.example"};
  settings.password_cost = {4, 8, 1};
  return settings;
}

auth::AccessSettings asking_nobody() {
  auth::AccessSettings settings;
  settings.mode = auth::AccessMode::open;
  settings.password_cost = {4, 8, 1};
  return settings;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const http::RequestParser parser;
  static const std::string folder = [] {
    std::string pattern = (std::filesystem::temp_directory_path() / "hostwatch-fuzz-XXXXXX").string();
    fuzz::must(::mkdtemp(pattern.data()) != nullptr);
    return pattern;
  }();
  static auth::CredentialStore store(folder + "/credentials");
  static auth::AccessControl access(store, behind_a_proxy());
  static auth::AccessControl open_access(store, asking_nobody());
  const auto clock = [] { return std::int64_t{1763884800}; };
  static const api::Gate gate(access, clock);
  static const api::Gate open_gate(open_access, clock);
  look_at_address(fuzz::text_of(data, size));
  http::FramingLimits limits;
  http::RequestFramer framer(limits);
  framer.feed(fuzz::text_of(data, size));
  if (framer.state() != http::RequestFramer::State::complete) return 0;
  const auto parsed = parser.parse(framer.head(), "127.0.0.1");
  if (!parsed) return 0;
  const http::Request& request = *parsed;
  const http::Peer peer{"127.0.0.1", false, false};
  look_at_lines(request);
  for (const api::Permission wanted : {api::Permission::open, api::Permission::manage}) {
    const auto admitted = gate.admit(request, peer, wanted);
    const auto* visitor = std::get_if<api::RequestContext>(&admitted);
    fuzz::must(visitor == nullptr || wanted == api::Permission::open);  // nobody has a credential
    if (visitor == nullptr) continue;
    fuzz::must(net::canonical_address(visitor->client.address) == visitor->client.address);
    const bool has_user = visitor->caller.via == auth::Caller::Via::proxy;
    fuzz::must(!has_user || request.get_header_value_count("X-Remote-User") == 1);
    fuzz::must(!has_user || visitor->caller.name.find(',') == std::string::npos);
  }
  const auto let_in = open_gate.admit(request, peer, api::Permission::manage);
  if (std::holds_alternative<api::RequestContext>(let_in)) {
    fuzz::must(open_gate.serves_host(request.get_header_value("Host")));
    fuzz::must(!request.has_header("X-Forwarded-For") && !request.has_header("Forwarded"));
  }
  api::cookies_of(request, "hostwatch");
  return 0;
}
