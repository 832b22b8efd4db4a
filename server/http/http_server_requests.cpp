// HttpServer: one connection's requests, from the bytes that arrive to the answer that is sent.
#include <spdlog/spdlog.h>
#include <sys/epoll.h>

#include "server/http/connection.h"
#include "server/http/http_server.h"
#include "server/http/memory_stream.h"

namespace hostwatch::http {
namespace {

constexpr std::chrono::seconds kLingerTimeout{2};

/// An empty string assigned to it would leave it its memory.
void give_back(std::string& text) {
  std::string().swap(text);
}

}  // namespace

void HttpServer::receive(Connection& connection, std::vector<char>& buffer) {
  const bool is_lingering = connection.state == Connection::State::lingering;
  const Moved moved = is_lingering ? connection.channel.pass_over(buffer.data(), buffer.size())
                                   : connection.channel.read(buffer.data(), buffer.size());
  switch (moved.next) {
    case Moved::Next::closed:
      connection.dead = true;
      return;
    case Moved::Next::not_tls:
      refuse_plain(connection);
      return;
    case Moved::Next::readable:
      // What is no request gives no more time; only the end of the handshake does, once.
      if (connection.handshaking && connection.channel.is_established()) {
        connection.handshaking = false;
        set_deadline(connection);
      }
      watch(connection, EPOLLIN);
      return;
    case Moved::Next::writable:
      watch(connection, EPOLLOUT);
      return;
    case Moved::Next::more:
      break;
  }
  if (is_lingering) {
    watch(connection, EPOLLIN);
    return;
  }
  take_bytes(connection, std::string_view(buffer.data(), moved.bytes));
}

void HttpServer::take_bytes(Connection& connection, std::string_view bytes) {
  connection.taking = true;
  while (!bytes.empty() && connection.state == Connection::State::reading && !connection.dead) {
    if (connection.framer.is_idle()) connection.request_began = Clock::now();
    bytes.remove_prefix(connection.framer.feed(bytes));
    if (connection.framer.state() == RequestFramer::State::refused) {
      refuse(connection);
    } else if (connection.framer.state() == RequestFramer::State::complete) {
      dispatch(connection);
    } else {
      account(connection);
      if (connection.framer.take_continue()) connection.send_now("HTTP/1.1 100 Continue\r\n\r\n");
    }
  }
  connection.taking = false;
  if (connection.dead) return;
  if (connection.state == Connection::State::reading) {
    set_deadline(connection);
    watch(connection, EPOLLIN);
  } else if (connection.state == Connection::State::waiting ||
             connection.state == Connection::State::writing) {
    connection.leftover = bytes;
    connection.accounted += bytes.size();
    buffered_bytes_ += bytes.size();
    // Requests sent ahead of their answers are a courtesy: they end where the room does.
    if (buffered_bytes_ > options_.max_buffered_bytes) {
      connection.keep_alive = false;
      connection.linger_after = true;
      give_back(connection.leftover);
      buffered_bytes_ -= std::exchange(connection.accounted, 0);
    }
  }
}

/// Keeps the sum of all unfinished requests within bounds, whatever their senders do.
void HttpServer::account(Connection& connection) {
  const std::size_t size = connection.framer.memory();
  const std::size_t total = buffered_bytes_ += size - connection.accounted;
  connection.accounted = size;
  const bool is_small = size <= options_.small_bytes;
  const std::size_t limit = options_.max_buffered_bytes + (is_small ? options_.max_buffered_bytes / 4 : 0);
  if (total > limit) {
    connection.framer.reset();
    buffered_bytes_ -= std::exchange(connection.accounted, 0);
    connection.keep_alive = false;
    Response response =
        Response::error(503, "the server holds too many unfinished requests; send again later");
    response.headers.emplace_back("Retry-After", "5");
    connection.linger_after = true;
    respond(connection, response);
  }
}

void HttpServer::set_deadline(Connection& connection) {
  const RequestFramer& framer = connection.framer;
  if (!connection.channel.is_established()) {
    connection.deadline = connection.opened + options_.head_timeout;
  } else if (framer.is_idle()) {
    connection.deadline = Clock::now() + options_.idle_timeout;
  } else if (framer.state() == RequestFramer::State::head) {
    connection.deadline = connection.request_began + options_.head_timeout;
  } else {
    // A body has ten seconds and one more for each 64 KiB that has really come.
    const auto for_size = std::chrono::seconds(framer.size() / (64UL * 1024));
    connection.deadline = connection.request_began + options_.head_timeout + options_.body_timeout + for_size;
  }
}

/// process_request() takes the addresses as arguments in later versions of the library (0.18), from the
/// stream in earlier ones (0.11). A template, so that only the call that exists is compiled.
template <typename Self>
void HttpServer::let_library_parse(Self& self, httplib::Stream& stream, const std::string& address,
                                   const std::function<void(httplib::Request&)>& take) {
  bool closed = false;
  if constexpr (requires { self.process_request(stream, true, closed, take); }) {
    self.process_request(stream, true, closed, take);
  } else {
    self.process_request(stream, address, 0, std::string(), 0, true, closed, take);
  }
}

std::optional<Request> HttpServer::parse(Connection& connection) {
  MemoryStream stream(connection.framer.head(), connection.address);
  std::optional<Request> parsed;
  const auto take = [&](httplib::Request& request) {
    parsed = std::move(request);
    request = httplib::Request();
  };
  let_library_parse(*this, stream, connection.address, take);
  if (parsed) {
    parsed->body = std::move(connection.framer.body());
    parsed->remote_addr = connection.address;
  }
  return parsed;
}

void HttpServer::dispatch(Connection& connection) {
  connection.state = Connection::State::waiting;
  connection.pending = true;
  ++pending_;
  ++request_count_;
  ++connection.request;
  connection.keep_alive = connection.framer.keep_alive();
  std::optional<Response> response;
  try {
    const std::optional<Request> request = parse(connection);
    // The body has been handed over: what it cost is the handler's from here.
    buffered_bytes_ -= std::exchange(connection.accounted, 0);
    connection.framer.reset();
    if (request) {
      connection.head_only = request->method == "HEAD";
      response =
          handler_(*request, Responder(*this, connection.ticket, connection.request, connection.peer()));
    } else {
      connection.keep_alive = false;
      response = Response::error(400, "the request cannot be read");
    }
  } catch (const std::exception& error) {
    spdlog::error("a request failed: {}", error.what());
    response = Response::error(500, "the server failed to answer; its log says why");
  }
  if (response) respond(connection, *response);
}

void HttpServer::respond(Connection& connection, const Response& response) {
  if (response.vouches) prove(connection);
  connection.keep_alive = connection.keep_alive && accepting_;
  connection.out = render(response, date_.now(), connection.keep_alive, connection.head_only);
  connection.sent = 0;
  connection.taken = 0;
  connection.state = Connection::State::writing;
  connection.answer_began = Clock::now();
  connection.deadline = connection.answer_began + options_.write_timeout;
  flush(connection);
}

void HttpServer::refuse(Connection& connection) {
  connection.keep_alive = false;
  connection.linger_after = true;
  const Response response = Response::error(connection.framer.refusal_status(), connection.framer.refusal());
  connection.framer.reset();
  buffered_bytes_ -= std::exchange(connection.accounted, 0);
  respond(connection, response);
}

/// In plain words, for a browser that was sent to http:// where it should be https://.
void HttpServer::refuse_plain(Connection& connection) {
  const Response response = Response::error(400, "this port speaks TLS; use https://");
  connection.channel.write_plain(render(response, date_.now(), false, false));
  linger(connection);
}

void HttpServer::flush(Connection& connection) {
  while (connection.sent < connection.out.size()) {
    const Moved moved = connection.channel.write(std::string_view(connection.out).substr(connection.sent));
    if (moved.next == Moved::Next::closed) {
      connection.dead = true;
      return;
    }
    if (moved.next != Moved::Next::more) {
      park_answer(connection);
      watch(connection, moved.next == Moved::Next::readable ? EPOLLIN : EPOLLOUT);
      return;
    }
    connection.sent += moved.bytes;
  }
  after_answer(connection);
}

void HttpServer::after_answer(Connection& connection) {
  give_back(connection.out);
  if (connection.unsent) unsent_.remove(*std::exchange(connection.unsent, std::nullopt));
  connection.head_only = false;
  if (std::exchange(connection.pending, false)) finish_pending();
  if (!connection.keep_alive) {
    if (connection.linger_after) {
      linger(connection);
    } else {
      connection.dead = true;
    }
    return;
  }
  connection.state = Connection::State::reading;
  if (connection.taking) return;  // take_bytes() goes on by itself
  const std::string leftover = std::exchange(connection.leftover, std::string());
  buffered_bytes_ -= std::exchange(connection.accounted, 0);
  take_bytes(connection, leftover);
}

/// Closing with unread bytes would reset the connection and take the answer away from the client: say that we
/// are done, and pass over what still comes for a moment.
void HttpServer::linger(Connection& connection) {
  connection.channel.finish_writing();
  connection.state = Connection::State::lingering;
  connection.deadline = Clock::now() + kLingerTimeout;
  watch(connection, EPOLLIN);
}

}  // namespace hostwatch::http
