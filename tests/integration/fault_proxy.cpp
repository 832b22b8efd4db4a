#include "tests/integration/fault_proxy.h"

#include <poll.h>

#include <charconv>
#include <optional>
#include <string_view>
#include <utility>

namespace hostwatch::testing {
namespace {

constexpr int kLookAround = 10;  // ms between two looks at what has been switched

/// Size of the HTTP message that the bytes begin with; nothing while its head is not whole. Knows messages
/// with a Content-Length and without a body: neither our agent nor our server sends others.
std::optional<std::size_t> message_size(std::string_view bytes) {
  const std::size_t head = bytes.find("\r\n\r\n");
  if (head == std::string_view::npos) return std::nullopt;
  constexpr std::string_view kLabel = "\r\nContent-Length: ";
  const std::size_t label = bytes.substr(0, head).find(kLabel);
  std::size_t body = 0;
  if (label != std::string_view::npos) {
    const std::size_t digits = label + kLabel.size();
    std::from_chars(bytes.data() + digits, bytes.data() + head, body);
  }
  return head + 4 + body;
}

}  // namespace

Fault Fault::answering(const std::string& status, const std::string& more, const std::string& body) {
  Fault fault;
  fault.kind = Kind::canned_answer;
  fault.answer = "HTTP/1.1 " + status + "\r\n" + more + "Content-Length: " + std::to_string(body.size()) +
                 "\r\n\r\n" + body;
  return fault;
}

const char* name_of(Fault::Kind kind) {
  static constexpr std::array<const char*, Fault::kKinds> kNames{
      "none",         "refused", "silent",     "reset in the request", "reset in the answer",
      "half-open",    "delay",   "cut answer", "lost answer",          "twice",
      "canned answer"};
  return kNames[static_cast<std::size_t>(kind)];
}

/// One connection of a client, on a thread of its own.
class FaultProxy::Relay {
 public:
  Relay(FaultProxy& proxy, TcpSocket client)
      : proxy_(proxy), epoch_(proxy.epoch_), client_(std::move(client)) {
    thread_ = std::jthread([this](const std::stop_token& stop) {
      run(stop);
      ended_ = true;
    });
  }
  bool ended() const { return ended_; }
  void request_stop() { thread_.request_stop(); }

 private:
  void run(const std::stop_token& stop) {
    while (const auto request = message(stop, client_, client_bytes_)) {
      if (!pass(stop, proxy_.fault_for_request(), *request)) break;
    }
    // Here and not with the object: the other sides wait for it.
    client_.close();
    server_.close();
  }

  /// The next whole message of one side. Nothing if a side has closed or this connection is to end.
  std::optional<std::string> message(const std::stop_token& stop, const TcpSocket& from, std::string& bytes) {
    while (true) {
      const auto size = message_size(bytes);
      if (size && bytes.size() >= *size) {
        std::string whole = bytes.substr(0, *size);
        bytes.erase(0, *size);
        return whole;
      }
      if (!wait_for_bytes(stop, from) || !from.receive(bytes)) return std::nullopt;
    }
  }

  bool wait_for_bytes(const std::stop_token& stop, const TcpSocket& from) {
    const TcpSocket& other = &from == &client_ ? server_ : client_;
    while (true) {
      if (!may_go_on(stop)) return false;
      // From the client, the other side's bytes may wait; a server that speaks unasked is about to close.
      const short unasked = &from == &client_ ? POLLIN | POLLRDHUP : POLLRDHUP;
      std::array<pollfd, 2> both{pollfd{from.fd(), POLLIN, 0}, pollfd{other.fd(), unasked, 0}};
      ::poll(both.data(), both.size(), kLookAround);
      if (both[0].revents != 0) return true;
      if (both[1].revents != 0) return false;
    }
  }

  /// False if this connection is to end at once; does not return while it is caught half-open.
  bool may_go_on(const std::stop_token& stop) {
    if (stop.stop_requested()) return false;
    if (proxy_.epoch_ != epoch_) {
      reset();
      return false;
    }
    if (proxy_.kind() == Fault::Kind::half_open) {
      proxy_.count(Fault::Kind::half_open);
      hold(stop);
      return false;
    }
    return true;
  }

  /// Keeps both sides open and silent until the client gives up.
  void hold(const std::stop_token& stop) {
    while (!stop.stop_requested()) {
      pollfd waiting{client_.fd(), POLLRDHUP, 0};
      if (::poll(&waiting, 1, kLookAround) == 1) return;
    }
  }

  void reset() {
    client_.reset();
    server_.reset();
  }

  /// False if the connection ends with it.
  bool pass(const std::stop_token& stop, const Fault& fault, const std::string& request) {
    proxy_.count(fault.kind);
    switch (fault.kind) {
      case Fault::Kind::silent:
        hold(stop);
        return false;
      case Fault::Kind::canned_answer:
        return client_.send(fault.answer);
      case Fault::Kind::reset_request:
        if (connect()) server_.send(std::string_view(request).substr(0, fault.bytes));
        reset();
        return false;
      case Fault::Kind::delay:
        wait_out(stop, fault.time);
        break;
      case Fault::Kind::twice:
        return pass_twice(stop, request);
      default:
        break;
    }
    const auto answer = exchange(stop, request);
    return answer && pass_back(fault, *answer);
  }

  bool pass_back(const Fault& fault, const std::string& answer) {
    switch (fault.kind) {
      case Fault::Kind::lost_answer:
        return false;
      case Fault::Kind::cut_answer:
        client_.send(std::string_view(answer).substr(0, fault.bytes));
        return false;
      case Fault::Kind::reset_answer:
        client_.send(std::string_view(answer).substr(0, fault.bytes));
        reset();
        return false;
      default:
        return client_.send(answer);
    }
  }

  bool connect() {
    if (!server_.valid()) server_ = TcpSocket::connected(proxy_.target_port_);
    return server_.valid();
  }

  std::optional<std::string> exchange(const std::stop_token& stop, const std::string& request) {
    if (!connect() || !server_.send(request)) return std::nullopt;
    return message(stop, server_, server_bytes_);
  }

  bool pass_twice(const std::stop_token& stop, const std::string& request) {
    const TcpSocket second = TcpSocket::connected(proxy_.target_port_);
    if (!second.valid() || !second.send(request)) return false;
    const auto answer = exchange(stop, request);
    std::string ignored;
    if (!message(stop, second, ignored)) return false;
    return answer && client_.send(*answer);
  }

  void wait_out(const std::stop_token& stop, std::chrono::milliseconds time) {
    const auto until = std::chrono::steady_clock::now() + time;
    while (std::chrono::steady_clock::now() < until && !stop.stop_requested())
      std::this_thread::sleep_for(std::chrono::milliseconds(kLookAround));
  }

  FaultProxy& proxy_;
  std::uint64_t epoch_;
  TcpSocket client_;
  TcpSocket server_;
  std::string client_bytes_;
  std::string server_bytes_;
  std::atomic<bool> ended_{false};
  std::jthread thread_;
};

FaultProxy::FaultProxy(int target_port)
    : holder_(TcpSocket::bound(0)), port_(holder_.port()), target_port_(target_port) {
  listener_ = TcpSocket::bound(port_);
  listener_.listen();
  thread_ = std::jthread([this](const std::stop_token& stop) { accept_connections(stop); });
}

FaultProxy::~FaultProxy() {
  thread_ = {};
  for (const auto& relay : relays_) relay->request_stop();
}

void FaultProxy::set(Fault fault) {
  const Fault::Kind wanted = fault.kind;
  {
    const std::lock_guard lock(mutex_);
    fault_ = std::move(fault);
  }
  kind_ = wanted;
  const std::lock_guard lock(listener_mutex_);
  if (wanted == Fault::Kind::refused) {
    count(wanted);
    listener_.close();
    cut_connections();
  } else if (!listener_.valid()) {
    listener_ = TcpSocket::bound(port_);
    listener_.listen();
  }
}

Fault FaultProxy::fault_for_request() {
  const std::lock_guard lock(mutex_);
  return ++requests_ % fault_.every == 0 ? fault_ : Fault{};
}

void FaultProxy::accept_connections(const std::stop_token& stop) {
  while (!stop.stop_requested()) {
    std::erase_if(relays_, [](const auto& relay) { return relay->ended(); });
    accept_one();
  }
}

void FaultProxy::accept_one() {
  TcpSocket client;
  {
    const std::lock_guard lock(listener_mutex_);  // also while it waits: it must not be closed meanwhile
    pollfd waiting{listener_.fd(), POLLIN, 0};
    if (::poll(&waiting, 1, listener_.valid() ? kLookAround : 0) == 1) client = listener_.accept();
  }
  if (client.valid()) {
    relays_.push_back(std::make_unique<Relay>(*this, std::move(client)));
  } else {
    std::this_thread::sleep_for(std::chrono::milliseconds(1));  // others want the lock, too
  }
}

}  // namespace hostwatch::testing
