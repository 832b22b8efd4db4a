#include "server/http/requests/request_parser.h"

#include <httplib.h>

#include <algorithm>
#include <cstring>
#include <functional>
#include <utility>

namespace hostwatch::http {
namespace {

/// What cpp-httplib reads a request's head from: text in memory. What it would write is dropped, as answers
/// are rendered by render_head(). The text must outlive the stream.
class MemoryStream final : public httplib::Stream {
 public:
  MemoryStream(std::string_view text, const std::string& address) : text_(text), address_(address) {}

  bool is_readable() const override { return !text_.empty(); }
  bool is_writable() const override { return true; }
  ssize_t read(char* to, std::size_t size) override {
    const std::size_t count = std::min(size, text_.size());
    std::memcpy(to, text_.data(), count);
    text_.remove_prefix(count);
    return static_cast<ssize_t>(count);
  }
  ssize_t write(const char*, std::size_t size) override { return static_cast<ssize_t>(size); }
  void get_remote_ip_and_port(std::string& ip, int& port) const override {
    ip = address_;
    port = 0;
  }
  void get_local_ip_and_port(std::string& ip, int& port) const override {
    ip.clear();
    port = 0;
  }
  // A number below any limit of select(): the library only compares it.
  socket_t socket() const override { return 0; }

 private:
  std::string_view text_;
  const std::string& address_;
};

/// Takes the headers over from the library's container: an ordered one (0.11) hands its nodes on as they
/// are, a hashed one (0.18) the strings in them.
template <typename LibrarysHeaders>
Headers take_headers(LibrarysHeaders& from) {
  Headers to;
  while (!from.empty()) {
    auto node = from.extract(from.begin());
    if constexpr (std::is_same_v<decltype(node), Headers::node_type>) {
      to.insert(to.end(), std::move(node));  // it is behind all others: the orders are the same
    } else {
      to.emplace(std::move(node.key()), std::move(node.mapped()));
    }
  }
  return to;
}

}  // namespace

class RequestParser::Library : private httplib::Server {
 public:
  Library() {
    // The request is taken out of the library before it would route it; nothing of ours is left to do.
    set_pre_routing_handler(
        [](const httplib::Request&, httplib::Response&) { return HandlerResponse::Handled; });
  }

  using Take = std::function<void(httplib::Request&)>;

  /// Calls `take` with the request, if it can be read. Changes nothing of the server, which makes it
  /// thread-safe.
  void parse(MemoryStream& stream, const std::string& address, const Take& take) {
    call_process_request(*this, stream, address, take);
  }

 private:
  /// process_request() takes the addresses as arguments in later versions of the library (0.18), from the
  /// stream in earlier ones (0.11). A template, so that only the call that exists is compiled.
  template <typename Self>
  static void call_process_request(Self& self, httplib::Stream& stream, const std::string& address,
                                   const Take& take) {
    bool closed = false;
    if constexpr (requires { self.process_request(stream, true, closed, take); }) {
      self.process_request(stream, true, closed, take);
    } else {
      self.process_request(stream, address, 0, std::string(), 0, true, closed, take);
    }
  }
};

RequestParser::RequestParser() : library_(std::make_unique<Library>()) {}

RequestParser::~RequestParser() = default;

std::optional<Request> RequestParser::parse(std::string_view head, const std::string& address) const {
  MemoryStream stream(head, address);
  std::optional<Request> parsed;
  library_->parse(stream, address, [&](httplib::Request& request) {
    Request& ours = parsed.emplace();
    ours.method = std::move(request.method);
    ours.path = std::move(request.path);
    ours.target = std::move(request.target);
    ours.version = std::move(request.version);
    ours.headers = take_headers(request.headers);
    ours.remote_addr = address;
    request = httplib::Request();  // the library goes on with it
  });
  return parsed;
}

}  // namespace hostwatch::http
