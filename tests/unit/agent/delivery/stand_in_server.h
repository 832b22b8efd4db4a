#pragma once

#include <httplib.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "net/url.h"
#include "tests/unit/agent/delivery/eventually.h"
#include "tests/unit/agent/delivery/loopback_listener.h"

namespace hostwatch::agent::test {

/// A real HTTP server on a loopback port that answers POST /metrics as a test wants it to.
class StandInServer {
 public:
  struct Received {
    std::string path;
    std::string body;
    httplib::Headers headers;
    int from_port = 0;

    nlohmann::json json() const { return nlohmann::json::parse(body); }
    std::size_t readings() const { return json().is_array() ? json().size() : 1; }
  };
  /// `number`: of the request, from 1.
  using Answer = std::function<void(const Received&, std::size_t number, httplib::Response&)>;

  explicit StandInServer(Answer answer, int port = 0)
      : StandInServer(std::make_unique<httplib::Server>(), std::move(answer), port) {}

  /// Over TLS, say.
  StandInServer(std::unique_ptr<httplib::Server> server, Answer answer, int port = 0)
      : answer_(std::move(answer)), owned_(std::move(server)), server_(*owned_) {
    server_.set_tcp_nodelay(true);
    server_.set_keep_alive_max_count(1'000'000);
    server_.set_keep_alive_timeout(1);
    server_.Post("/.*", [this](const httplib::Request& request, httplib::Response& response) {
      Received received{request.path, request.body, request.headers, request.remote_port};
      std::size_t number = 0;
      {
        const std::scoped_lock lock(mutex_);
        received_.push_back(received);
        number = received_.size();
      }
      answer_(received, number, response);
    });
    port_ = port == 0 ? server_.bind_to_any_port("127.0.0.1") : port;
    if (port != 0 && !server_.bind_to_port("127.0.0.1", port)) throw std::runtime_error("port taken");
    thread_ = std::jthread([this] { server_.listen_after_bind(); });
    if (!eventually([this] { return server_.is_running(); })) throw std::runtime_error("no server");
  }

  ~StandInServer() { server_.stop(); }

  StandInServer(const StandInServer&) = delete;
  StandInServer& operator=(const StandInServer&) = delete;

  net::ServerUrl url() const { return {"127.0.0.1", port_, "/metrics"}; }
  int port() const { return port_; }

  std::vector<Received> received() const {
    const std::scoped_lock lock(mutex_);
    return received_;
  }

  std::size_t requests() const { return received().size(); }

  /// How many readings each request held.
  std::vector<std::size_t> sizes() const {
    std::vector<std::size_t> result;
    for (const Received& one : received()) result.push_back(one.readings());
    return result;
  }

 private:
  Answer answer_;
  std::unique_ptr<httplib::Server> owned_;
  httplib::Server& server_;
  int port_ = 0;
  mutable std::mutex mutex_;
  std::vector<Received> received_;
  std::jthread thread_;
};

/// What a Hostwatch server says to readings that it has stored.
inline void say_ok(const StandInServer::Received& received, httplib::Response& response) {
  response.set_content(
      R"({"status":"ok","accepted":)" + std::to_string(received.readings()) + R"(,"duplicates":0})",
      "application/json");
}

inline void say_error(int status, const std::string& error, httplib::Response& response) {
  response.status = status;
  response.set_content(nlohmann::json{{"error", error}}.dump(), "application/json");
}

/// A loopback port that takes connections and never says a word, or closes them at once.
class DumbListener {
 public:
  enum class Manner {
    silent,
    closing,
    dripping  ///< says that much will come, and gives a byte of it now and then
  };

  explicit DumbListener(Manner manner) {
    if (manner == Manner::dripping) thread_ = std::jthread([this] { drip(); });
    if (manner == Manner::closing) {
      thread_ = std::jthread([this] {
        for (int peer = listener_.accept(); peer >= 0; peer = listener_.accept()) {
          ++closed_;
          ::close(peer);
        }
      });
    }
  }

  ~DumbListener() {
    listener_.end();
    if (thread_.joinable()) thread_.join();
  }

  DumbListener(const DumbListener&) = delete;
  DumbListener& operator=(const DumbListener&) = delete;

  net::ServerUrl url() const { return listener_.url(); }
  int closed() const { return closed_; }

 private:
  /// A TLS record, until the peer has gone.
  void drip() {
    for (int peer = listener_.accept(); peer >= 0; peer = listener_.accept()) {
      constexpr unsigned char kHead[] = {0x16, 3, 3, 0x10, 0, 2, 0, 0x0F, 0xFC};
      ::send(peer, kHead, sizeof kHead, MSG_NOSIGNAL);
      pollfd gone{peer, POLLRDHUP, 0};
      while (::poll(&gone, 1, 5) == 0 && ::send(peer, "x", 1, MSG_NOSIGNAL) == 1) {
      }
      ::close(peer);
    }
  }

  LoopbackListener listener_;
  std::atomic<int> closed_ = 0;
  std::jthread thread_;
};

}  // namespace hostwatch::agent::test
