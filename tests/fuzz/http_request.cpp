// A whole head as the server hands it to the HTTP library, and what is read of it: cookies, the Host, the
// address.
#include <httplib.h>

#include <cstdlib>
#include <filesystem>

#include "server/auth/access_control.h"
#include "server/http/gate.h"
#include "server/http/memory_stream.h"
#include "server/http/request_framer.h"
#include "tests/fuzz/fuzz.h"

namespace {

using namespace hostwatch;

/// The library's parser, as HttpServer drives it.
class Parser : public httplib::Server {
 public:
  Parser() {
    set_pre_routing_handler([](const httplib::Request&, httplib::Response&) {
      return httplib::Server::HandlerResponse::Handled;
    });
  }
  void parse(const std::string& head, const std::function<void(httplib::Request&)>& take) {
    parse_by(*this, head, take);
  }

 private:
  template <typename Self>
  static void parse_by(Self& self, const std::string& head,
                       const std::function<void(httplib::Request&)>& take) {
    const std::string address = "127.0.0.1";
    http::MemoryStream stream(head, address);
    bool closed = false;
    if constexpr (requires { self.process_request(stream, true, closed, take); }) {
      self.process_request(stream, true, closed, take);
    } else {
      self.process_request(stream, "127.0.0.1", 0, std::string(), 0, true, closed, take);
    }
  }
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static Parser parser;
  static const std::string folder = [] {
    std::string pattern = (std::filesystem::temp_directory_path() / "hostwatch-fuzz-XXXXXX").string();
    fuzz::must(::mkdtemp(pattern.data()) != nullptr);
    return pattern;
  }();
  static auth::CredentialStore store(folder + "/credentials");
  static auth::AccessControl access(store, [] {
    auth::AccessSettings settings;
    settings.trusted_proxies.push_back(*auth::AddressRange::parse("127.0.0.1"));
    settings.proxy_user_header = "X-Remote-User";
    settings.allowed_hosts = {"monitor.example"};
    settings.password_cost = {4, 8, 1};
    return settings;
  }());
  static const http::Gate gate(access, [] { return std::int64_t{1763884800}; });
  http::FramingLimits limits;
  http::RequestFramer framer(limits);
  framer.feed(fuzz::text_of(data, size));
  if (framer.state() != http::RequestFramer::State::complete) return 0;
  parser.parse(framer.head(), [](httplib::Request& request) {
    request.remote_addr = "127.0.0.1";
    for (const http::Access wanted : {http::Access::open, http::Access::manage}) {
      const auto admitted = gate.admit(request, {"127.0.0.1", false, false}, wanted);
      const auto* visitor = std::get_if<http::Visitor>(&admitted);
      fuzz::must(visitor == nullptr || wanted == http::Access::open);  // nobody has a credential
    }
    http::cookie_of(request, "hostwatch");
  });
  return 0;
}
