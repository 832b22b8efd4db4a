#include "server/http/http_server.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <spdlog/spdlog.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/timerfd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <condition_variable>
#include <cstring>
#include <stdexcept>

#include "server/http/connection.h"

namespace hostwatch::http {
namespace {

constexpr std::uint64_t kListener = ~std::uint64_t{0};
constexpr std::uint64_t kWake = kListener - 1;
constexpr std::uint64_t kTimer = kListener - 2;
constexpr std::uint64_t kStop = kListener - 3;

constexpr std::size_t kReceiveBytes = 64UL * 1024;
constexpr int kAcceptBatch = 64;
constexpr std::size_t kCompletionBatch = 32;

void add_to_epoll(int epoll, int fd, std::uint64_t ticket, std::uint32_t events) {
  epoll_event event{};
  event.events = events;
  event.data.u64 = ticket;
  if (::epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event) != 0) {
    throw std::system_error(errno, std::generic_category(), "epoll_ctl");
  }
}

void rearm(int epoll, int fd, std::uint64_t ticket, std::uint32_t events) {
  epoll_event event{};
  event.events = events | EPOLLONESHOT;
  event.data.u64 = ticket;
  ::epoll_ctl(epoll, EPOLL_CTL_MOD, fd, &event);
}

void signal_event(int fd) {
  const std::uint64_t one = 1;
  // Can only fail when the counter is full: then it is readable already.
  [[maybe_unused]] const ssize_t written = ::write(fd, &one, sizeof one);
}

void drain_event(int fd) {
  std::uint64_t count = 0;
  [[maybe_unused]] const ssize_t got = ::read(fd, &count, sizeof count);
}

std::string address_text(const sockaddr_storage& address) {
  std::array<char, INET6_ADDRSTRLEN> text{};
  const void* raw = nullptr;
  if (address.ss_family == AF_INET) {
    raw = &reinterpret_cast<const sockaddr_in&>(address).sin_addr;
  } else if (address.ss_family == AF_INET6) {
    raw = &reinterpret_cast<const sockaddr_in6&>(address).sin6_addr;
  }
  if (raw == nullptr || ::inet_ntop(address.ss_family, raw, text.data(), text.size()) == nullptr)
    return "unknown";
  return text.data();
}

/// Each connection is a descriptor: take all that the system gives. Returns how many that is.
std::size_t raise_descriptor_limit() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return 1024;
  limit.rlim_cur = limit.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &limit);
  ::getrlimit(RLIMIT_NOFILE, &limit);
  return static_cast<std::size_t>(limit.rlim_cur);
}

}  // namespace

std::int64_t system_unix_clock() {
  const auto since_1970 = std::chrono::system_clock::now().time_since_epoch();
  return std::chrono::duration_cast<std::chrono::seconds>(since_1970).count();
}

void Responder::answer(Response response) const {
  response.vouches = response.vouches || vouches_;
  server_->complete(ticket_, request_, std::move(response));
}

HttpServer::HttpServer(HttpServerOptions options, RequestHandler handler)
    : options_(std::move(options)),
      handler_(std::move(handler)),
      date_(options_.unix_clock),
      unproven_(options_.unproven) {
  // Without SO_REUSEPORT, which the library would set: a second server on the port must fail, not share it.
  set_socket_options([](socket_t socket) {
    const int yes = 1;
    ::setsockopt(socket, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
  });
  // The request is taken out of the library before it would route it (see parse()); nothing of ours is left
  // to do.
  set_pre_routing_handler(
      [](const httplib::Request&, httplib::Response&) { return httplib::Server::HandlerResponse::Handled; });
}

HttpServer::~HttpServer() {
  stop(std::chrono::milliseconds(0));
}

void HttpServer::listen_on_socket() {
  errno = 0;
  if (!bind_to_port(options_.host, options_.port)) {
    const std::string where = options_.host + " port " + std::to_string(options_.port);
    const std::string why = errno == EADDRINUSE
                                ? "the port is in use; stop what uses it or choose another with --port"
                            : errno == EACCES ? "the port needs root; choose one above 1023 with --port"
                                              : "the address is not one of this machine; see --listen";
    throw std::runtime_error("cannot listen on " + where + ": " + why);
  }
  const int listener = svr_sock_;
  // The library's backlog of 5 turns a burst of connections into retries of a second and more.
  if (::listen(listener, 4096) != 0) throw std::system_error(errno, std::generic_category(), "listen");
  ::fcntl(listener, F_SETFL, ::fcntl(listener, F_GETFL) | O_NONBLOCK);
  ::fcntl(listener, F_SETFD, FD_CLOEXEC);
  sockaddr_storage address{};
  socklen_t length = sizeof address;
  ::getsockname(listener, reinterpret_cast<sockaddr*>(&address), &length);
  port_ = ntohs(address.ss_family == AF_INET6 ? reinterpret_cast<sockaddr_in6&>(address).sin6_port
                                              : reinterpret_cast<sockaddr_in&>(address).sin_port);
}

void HttpServer::reload_tls() {
  if (!options_.tls) return;
  auto fresh = std::make_shared<const TlsContext>(*options_.tls);
  const std::lock_guard lock(tls_mutex_);
  tls_ = std::move(fresh);
}

/// A session of TLS holds its context, so that connections outlive its replacement.
Channel HttpServer::open_channel(FileDescriptor socket) {
  if (!options_.tls) return Channel(std::move(socket));
  const std::lock_guard lock(tls_mutex_);
  return Channel(std::move(socket), *tls_);
}

void HttpServer::start() {
  reload_tls();
  const std::size_t descriptors = raise_descriptor_limit();
  listen_on_socket();
  // Some descriptors are the store's, and numbers are given out from the smallest: this many slots are
  // enough.
  constexpr std::size_t kOthers = 512;
  slots_ = std::vector<Slot>(std::min(descriptors, options_.max_connections + kOthers));
  options_.max_connections =
      std::min(options_.max_connections, slots_.size() - std::min(slots_.size() / 2, kOthers));

  epoll_.reset(::epoll_create1(EPOLL_CLOEXEC));
  wake_.reset(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  stopping_.reset(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  timer_.reset(::timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK));
  if (!epoll_ || !wake_ || !stopping_ || !timer_)
    throw std::system_error(errno, std::generic_category(), "epoll");
  itimerspec every_second{{1, 0}, {1, 0}};
  ::timerfd_settime(timer_.get(), 0, &every_second, nullptr);

  accepting_ = true;
  add_to_epoll(epoll_.get(), svr_sock_, kListener, EPOLLIN | EPOLLONESHOT);
  add_to_epoll(epoll_.get(), wake_.get(), kWake, EPOLLIN | EPOLLONESHOT);
  add_to_epoll(epoll_.get(), timer_.get(), kTimer, EPOLLIN | EPOLLONESHOT);
  add_to_epoll(epoll_.get(), stopping_.get(), kStop, EPOLLIN);
  for (std::size_t i = 0; i < options_.threads; ++i) {
    pool_.emplace_back([this](const std::stop_token& token) { run(token); });
  }
}

void HttpServer::run(const std::stop_token& stop) {
  std::vector<char> buffer(kReceiveBytes);
  while (!stop.stop_requested()) {
    // One event at a time: whatever takes long must not hold up others that this thread already fetched.
    epoll_event event{};
    if (::epoll_wait(epoll_.get(), &event, 1, -1) != 1) continue;
    switch (event.data.u64) {
      case kListener:
        accept_connections();
        break;
      case kWake:
        run_completions();
        break;
      case kTimer:
        drain_event(timer_.get());
        sweep();
        rearm(epoll_.get(), timer_.get(), kTimer, EPOLLIN);
        break;
      case kStop:
        break;
      default:
        on_connection_event(event.data.u64, event.events, buffer);
    }
  }
}

void HttpServer::accept_connections() {
  for (int i = 0; i < kAcceptBatch && accepting_; ++i) {
    sockaddr_storage address{};
    socklen_t length = sizeof address;
    const int socket =
        ::accept4(svr_sock_, reinterpret_cast<sockaddr*>(&address), &length, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (socket >= 0) {
      open_connection(socket, address_text(address));
      continue;
    }
    if (errno == EAGAIN || errno == EWOULDBLOCK) break;
    if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM) {
      // The connection stays in the backlog; asking again at once would only spin. The next sweep listens
      // again.
      if (!paused_.exchange(true)) spdlog::error("cannot take more connections: {}", std::strerror(errno));
      return;
    }
    // Anything else (ECONNABORTED, a firewall's EPERM, ...) concerns that one connection.
  }
  if (accepting_) rearm(epoll_.get(), svr_sock_, kListener, EPOLLIN);
}

void HttpServer::open_connection(int socket, std::string address) {
  FileDescriptor owned(socket);
  const auto index = static_cast<std::size_t>(socket);
  if (index >= slots_.size() || !make_room(address)) return;
  const int yes = 1;
  ::setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
  Slot& slot = slots_[index];
  const std::lock_guard lock(slot.mutex);
  slot.connection = std::make_unique<Connection>(open_channel(std::move(owned)), slot.ticket(index),
                                                 std::move(address), options_.framing);
  slot.connection->unproven = unproven_.add(slot.connection->address, slot.connection->ticket, Clock::now());
  ++connection_count_;
  set_deadline(*slot.connection);
  add_to_epoll(epoll_.get(), socket, slot.connection->ticket, EPOLLIN | EPOLLONESHOT);
}

/// False if a connection from that address cannot come in now. May end another one that has not proved
/// itself.
bool HttpServer::make_room(const std::string& address) {
  const bool is_full = connection_count_ >= options_.max_connections;
  const auto admission = unproven_.ask(address, is_full, Clock::now());
  if (!admission.to_end) return admission.admitted;
  Slot& slot = slots_[Slot::index_of(*admission.to_end)];
  const std::unique_lock lock(slot.mutex, std::try_to_lock);
  // One that is at work just now, or waits for its answer, is no idler: for this once the new one goes
  // without its place.
  const bool can_go = lock && slot.connection && slot.connection->ticket == *admission.to_end &&
                      slot.connection->state != Connection::State::waiting;
  if (can_go) close_connection(slot);
  return can_go || !is_full;
}

void HttpServer::prove(Connection& connection) {
  if (connection.unproven != 0) unproven_.remove(connection.address, std::exchange(connection.unproven, 0));
}

void HttpServer::close_connection(Slot& slot) {
  Connection& connection = *slot.connection;
  connection.channel.say_end();
  prove(connection);
  set_unsent(connection, 0);
  buffered_bytes_ -= connection.accounted;
  if (connection.pending) finish_pending();
  ++slot.generation;
  slot.connection.reset();
  --connection_count_;
}

void HttpServer::watch(Connection& connection, std::uint32_t events) {
  rearm(epoll_.get(), connection.channel.socket(), connection.ticket, events);
}

void HttpServer::on_connection_event(std::uint64_t ticket, std::uint32_t events, std::vector<char>& buffer) {
  Slot& slot = slots_[Slot::index_of(ticket)];
  const std::lock_guard lock(slot.mutex);
  if (!slot.connection || slot.connection->ticket != ticket) return;
  Connection& connection = *slot.connection;
  switch (connection.state) {
    case Connection::State::reading:
    case Connection::State::lingering:
      receive(connection, buffer);
      break;
    case Connection::State::writing:
      if ((events & (EPOLLERR | EPOLLHUP)) != 0) connection.dead = true;
      if (!connection.dead) flush(connection);
      break;
    case Connection::State::waiting:
      break;
  }
  if (connection.dead) close_connection(slot);
}

void HttpServer::finish_pending() {
  if (--pending_ == 0 && !accepting_) {
    const std::lock_guard lock(idle_mutex_);
    idle_.notify_all();
  }
}

void HttpServer::complete(std::uint64_t ticket, std::uint64_t request, Response response) {
  const std::lock_guard lock(completions_mutex_);
  completions_.push_back({ticket, request, std::move(response)});
  if (completions_.size() == 1) signal_event(wake_.get());
}

void HttpServer::run_completions() {
  std::array<Completion, kCompletionBatch> batch;
  std::size_t count = 0;
  {
    const std::lock_guard lock(completions_mutex_);
    while (count < batch.size() && !completions_.empty()) {
      batch.at(count++) = std::move(completions_.front());
      completions_.pop_front();
    }
    if (completions_.empty()) drain_event(wake_.get());
  }
  rearm(epoll_.get(), wake_.get(), kWake, EPOLLIN);  // another thread takes the next batch meanwhile
  for (std::size_t i = 0; i < count; ++i) {
    const Completion& completion = batch.at(i);
    Slot& slot = slots_[Slot::index_of(completion.ticket)];
    const std::lock_guard lock(slot.mutex);
    const bool current = slot.connection && slot.connection->ticket == completion.ticket &&
                         slot.connection->request == completion.request &&
                         slot.connection->state == Connection::State::waiting;
    if (!current) continue;
    respond(*slot.connection, completion.response);
    if (slot.connection->dead) close_connection(slot);
  }
}

void HttpServer::sweep() {
  if (paused_.exchange(false) && accepting_) rearm(epoll_.get(), svr_sock_, kListener, EPOLLIN);
  const Clock::time_point now = Clock::now();
  for (Slot& slot : slots_) {
    const std::unique_lock lock(slot.mutex, std::try_to_lock);
    // A slot that is held is at work: its deadline is looked at next time.
    if (!lock || !slot.connection) continue;
    Connection& connection = *slot.connection;
    if (connection.state == Connection::State::writing) connection.deadline = write_deadline(connection);
    const bool unwanted = !accepting_ && connection.state == Connection::State::reading;
    if (connection.state == Connection::State::waiting || (!unwanted && now < connection.deadline)) continue;
    if (connection.state == Connection::State::reading && !connection.framer.is_idle() && !unwanted) {
      connection.framer.reset();
      buffered_bytes_ -= std::exchange(connection.accounted, 0);
      connection.keep_alive = false;
      connection.linger_after = true;
      respond(connection, Response::error(408, "the request took too long to arrive"));
      if (!connection.dead) continue;
    }
    close_connection(slot);
  }
}

void HttpServer::stop_accepting() {
  if (!accepting_.exchange(false)) return;
  // Not closed yet: another thread may be about to watch it again, and its number could be another file's by then.
  ::shutdown(svr_sock_, SHUT_RDWR);
  sweep();
}

void HttpServer::stop(std::chrono::milliseconds patience) {
  stop_accepting();
  if (!pool_.empty()) {
    std::unique_lock lock(idle_mutex_);
    idle_.wait_for(lock, patience, [this] { return pending_ == 0; });
  }
  for (std::jthread& thread : pool_) thread.request_stop();
  if (stopping_) signal_event(stopping_.get());
  pool_.clear();
  if (const int listener = svr_sock_.exchange(INVALID_SOCKET); listener != INVALID_SOCKET) ::close(listener);
  for (Slot& slot : slots_) {
    if (slot.connection) close_connection(slot);
  }
}

}  // namespace hostwatch::http
