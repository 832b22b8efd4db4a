#include "server/http/http_server.h"

#include <poll.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <sys/timerfd.h>

#include <algorithm>
#include <cerrno>
#include <iterator>
#include <stdexcept>

#include "server/http/connection.h"
#include "server/http/epoll_events.h"

namespace hostwatch::http {
namespace {

constexpr std::size_t kReceiveBytes = 64UL * 1024;
constexpr std::ptrdiff_t kCompletionBatch = 32;

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

HttpServer::HttpServer(HttpServerOptions options, RequestHandler handler, HeadCheck head_check,
                       RefusalListener refusal_listener)
    : options_(std::move(options)),
      handler_(std::move(handler)),
      head_check_(std::move(head_check)),
      refusal_listener_(std::move(refusal_listener)),
      date_(options_.unix_clock),
      unfinished_(options_.unfinished),
      unsent_(options_.max_unsent_bytes),
      unproven_(options_.unproven) {}

HttpServer::~HttpServer() {
  stop(std::chrono::milliseconds(0));
}

void HttpServer::reload_tls() {
  if (!options_.tls) return;
  auto fresh = std::make_shared<const TlsContext>(*options_.tls);
  const std::lock_guard lock(tls_mutex_);
  tls_ = std::move(fresh);
}

void HttpServer::start() {
  reload_tls();
  const std::size_t descriptors = raise_descriptor_limit();
  listener_.open(options_.host, options_.port);
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

  listener_.start(epoll_.get());
  add_to_epoll(epoll_.get(), wake_.get(), kWake, EPOLLIN | EPOLLONESHOT);
  add_to_epoll(epoll_.get(), timer_.get(), kTimer, EPOLLIN | EPOLLONESHOT);
  add_to_epoll(epoll_.get(), stopping_.get(), kStop, EPOLLIN);
  for (std::size_t i = 0; i < options_.threads; ++i) {
    // Made here, where want of memory is this call's failure, and not on the thread.
    pool_.emplace_back([this, buffer = std::vector<char>(kReceiveBytes)](
                           const std::stop_token& token) mutable { run(token, buffer); });
  }
}

void HttpServer::run(const std::stop_token& stop, std::vector<char>& buffer) {
  while (!stop.stop_requested()) {
    // One event at a time: whatever takes long must not hold up others that this thread already fetched.
    epoll_event event{};
    if (::epoll_wait(epoll_.get(), &event, 1, -1) != 1) continue;
    on_event(event.data.u64, event.events, buffer);
  }
}

void HttpServer::on_event(std::uint64_t what, std::uint32_t events, std::vector<char>& buffer) {
  switch (what) {
    case kListener:
      listener_.accept([this](util::FileDescriptor socket, std::string address) {
        open_connection(std::move(socket), std::move(address));
      });
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
      on_connection_event(what, events, buffer);
  }
}

void HttpServer::watch(Connection& connection, std::uint32_t events) {
  rearm(epoll_.get(), connection.channel.socket(), connection.ticket, events);
}

void HttpServer::on_connection_event(std::uint64_t ticket, std::uint32_t events, std::vector<char>& buffer) {
  Slot& slot = slots_[Slot::index_of(ticket)];
  const std::lock_guard lock(slot.mutex);
  if (!slot.connection || slot.connection->ticket != ticket) return;
  Connection& connection = *slot.connection;
  try {
    advance(connection, events, buffer);
  } catch (const std::exception& error) {
    connection.give_up(error);
  }
  if (connection.dead) close_connection(slot);
}

void HttpServer::advance(Connection& connection, std::uint32_t events, std::vector<char>& buffer) {
  switch (connection.state) {
    case Connection::State::reading:
      if (!connection.leftover.empty()) {
        go_on(connection);
        break;
      }
      [[fallthrough]];
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
}

void HttpServer::finish_pending() {
  if (--pending_ == 0 && !listener_.is_accepting()) {
    const std::lock_guard lock(idle_mutex_);
    idle_.notify_all();
  }
}

/// Takes over the one that is in the list: nothing here can fail for want of memory.
void HttpServer::complete(std::list<Completion>& one) {
  const std::lock_guard lock(completions_mutex_);
  const bool is_first = completions_.empty();
  completions_.splice(completions_.end(), one);
  if (is_first) signal_event(wake_.get());
}

/// Whether the client that sent the request still listens. One that has closed its side of the connection may
/// do so in theory (RFC 9112, section 9.6); in practice it has gone, and servers have always taken it so.
bool HttpServer::is_awaited(std::uint64_t ticket, std::uint64_t request) {
  Slot& slot = slots_[Slot::index_of(ticket)];
  const std::lock_guard lock(slot.mutex);
  if (!slot.is_waiting_for(ticket, request)) return false;
  pollfd one{slot.connection->channel.socket(), POLLRDHUP, 0};
  return ::poll(&one, 1, 0) == 0;
}

void HttpServer::run_completions() {
  std::list<Completion> batch;
  {
    const std::lock_guard lock(completions_mutex_);
    const auto count = std::min(static_cast<std::ptrdiff_t>(completions_.size()), kCompletionBatch);
    batch.splice(batch.end(), completions_, completions_.begin(), std::next(completions_.begin(), count));
    if (completions_.empty()) drain_event(wake_.get());
  }
  rearm(epoll_.get(), wake_.get(), kWake, EPOLLIN);  // another thread takes the next batch meanwhile
  for (Completion& completion : batch) finish(completion);
}

void HttpServer::finish(Completion& completion) {
  Slot& slot = slots_[Slot::index_of(completion.ticket)];
  const std::lock_guard lock(slot.mutex);
  if (!slot.is_waiting_for(completion.ticket, completion.request)) return;
  Connection& connection = *slot.connection;
  try {
    if (completion.response) {
      respond(connection, std::move(*completion.response));
    } else {
      connection.dead = true;
    }
  } catch (const std::exception& error) {
    connection.give_up(error);
  }
  if (connection.dead) close_connection(slot);
}

void HttpServer::stop_accepting() {
  if (listener_.stop()) sweep();
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
  listener_.close();
  for (Slot& slot : slots_) {
    if (slot.connection) close_connection(slot);
  }
}

}  // namespace hostwatch::http
