#include "server/http/http_server.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/timerfd.h>

#include <cerrno>
#include <list>
#include <system_error>
#include <utility>

namespace hostwatch::http {
namespace {

constexpr std::size_t kReceiveBytes = 64UL * 1024;

/// Each connection is a descriptor: take all that the system gives. Returns how many that is.
std::size_t raise_descriptor_limit() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return 1024;
  limit.rlim_cur = limit.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &limit);
  ::getrlimit(RLIMIT_NOFILE, &limit);
  return static_cast<std::size_t>(limit.rlim_cur);
}

void drain_timer(int timer) {
  std::uint64_t count = 0;
  [[maybe_unused]] const ssize_t got = ::read(timer, &count, sizeof count);
}

}  // namespace

HttpServer::HttpServer(HttpServerOptions options, RequestHandler handler, HeadCheck head_check,
                       RefusalListener refusal_listener)
    : options_(std::move(options)),
      unfinished_(options_.unfinished),
      unsent_(options_.max_unsent_bytes),
      connections_(options_, poller_, {unfinished_, unsent_, pending_}),
      answers_({options_, poller_, listener_, connections_, unsent_, pending_}),
      requests_({options_, poller_, connections_, unfinished_, pending_, completions_, answers_},
                {std::move(handler), std::move(head_check), std::move(refusal_listener)}) {}

HttpServer::~HttpServer() {
  stop(std::chrono::milliseconds(0));
}

void HttpServer::reload_tls() {
  if (!options_.tls) return;
  auto fresh = std::make_shared<const TlsContext>(*options_.tls);
  const util::MutexLock lock(tls_mutex_);
  tls_ = std::move(fresh);
}

void HttpServer::start() {
  reload_tls();
  const std::size_t descriptors = raise_descriptor_limit();
  listener_.open(options_.host, options_.port);
  connections_.open(descriptors);
  watch_all();
  for (std::size_t i = 0; i < options_.threads; ++i) {
    // Made here, where want of memory is this call's failure, and not on the thread.
    pool_.emplace_back([this, buffer = std::vector<char>(kReceiveBytes)](
                           const std::stop_token& token) mutable { run(token, buffer); });
  }
}

void HttpServer::watch_all() {
  poller_.open();
  completions_.open();
  stopping_.open();
  timer_.reset(::timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK));
  if (!timer_) throw std::system_error(errno, std::generic_category(), "timerfd");
  itimerspec every_second{{1, 0}, {1, 0}};
  ::timerfd_settime(timer_.get(), 0, &every_second, nullptr);

  listener_.start(poller_);
  poller_.add(completions_.descriptor(), Poller::kWake, EPOLLIN);
  poller_.add(timer_.get(), Poller::kTimer, EPOLLIN);
  poller_.add(stopping_.descriptor(), Poller::kStop, EPOLLIN, true);
}

void HttpServer::run(const std::stop_token& stop, std::vector<char>& buffer) {
  while (!stop.stop_requested()) {
    if (const auto event = poller_.wait()) on_event(*event, buffer);
  }
}

void HttpServer::on_event(const Poller::Event& event, std::vector<char>& buffer) {
  switch (event.number) {
    case Poller::kListener:
      listener_.accept([this](util::FileDescriptor socket, std::string address) {
        open_connection(std::move(socket), std::move(address));
      });
      break;
    case Poller::kWake:
      run_completions();
      break;
    case Poller::kTimer:
      drain_timer(timer_.get());
      sweep();
      poller_.rearm(timer_.get(), Poller::kTimer, EPOLLIN);
      break;
    case Poller::kStop:
      break;
    default:
      connections_.visit(event.number,
                         [&](Connection& connection) { advance(connection, event.events, buffer); });
  }
}

void HttpServer::open_connection(util::FileDescriptor socket, std::string address) {
  if (!connections_.make_room(socket.get(), address)) return;
  const int yes = 1;
  ::setsockopt(socket.get(), IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
  connections_.add(open_channel(std::move(socket)), std::move(address));
}

/// A session of TLS holds its context, so that connections outlive its replacement.
Channel HttpServer::open_channel(util::FileDescriptor socket) {
  if (!options_.tls) return Channel(std::move(socket));
  const util::MutexLock lock(tls_mutex_);
  return Channel(std::move(socket), *tls_);
}

void HttpServer::advance(Connection& connection, std::uint32_t events, std::vector<char>& buffer) {
  switch (connection.state) {
    case Connection::State::reading:
      if (!connection.leftover.empty()) {
        requests_.go_on(connection);
        break;
      }
      [[fallthrough]];
    case Connection::State::lingering:
      requests_.receive(connection, buffer);
      break;
    case Connection::State::writing:
      if ((events & (EPOLLERR | EPOLLHUP)) != 0) connection.dead = true;
      if (!connection.dead) answers_.flush(connection);
      break;
    case Connection::State::waiting:
      break;
  }
}

void HttpServer::run_completions() {
  std::list<Completion> batch = completions_.take();
  // Another thread takes the next batch meanwhile.
  poller_.rearm(completions_.descriptor(), Poller::kWake, EPOLLIN);
  for (Completion& completion : batch) {
    connections_.visit(completion.ticket, [&](Connection& connection) {
      if (!connection.is_waiting_for(completion.request)) return;
      if (completion.response) {
        answers_.respond(connection, std::move(*completion.response));
      } else {
        connection.dead = true;
      }
    });
  }
}

void HttpServer::sweep() {
  listener_.listen_again();
  const Connection::Clock::time_point now = Connection::Clock::now();
  // One that is at work just now is looked at next time.
  connections_.visit_idle([&](Connection& connection) { look_at_deadline(connection, now); });
}

void HttpServer::look_at_deadline(Connection& connection, Connection::Clock::time_point now) {
  if (connection.state == Connection::State::writing) answers_.look_at_progress(connection);
  const bool unwanted = !listener_.is_accepting() && connection.state == Connection::State::reading;
  if (connection.state == Connection::State::waiting || (!unwanted && now < connection.deadline)) return;
  if (connection.state == Connection::State::reading && !connection.framer.is_idle() && !unwanted) {
    requests_.refuse(connection, Response::error(408, "the request took too long to arrive"));
  } else {
    connection.dead = true;
  }
}

void HttpServer::stop_accepting() {
  if (listener_.stop()) sweep();
}

void HttpServer::stop(std::chrono::milliseconds patience) {
  stop_accepting();
  if (!pool_.empty()) pending_.wait_for_none(patience);
  for (std::jthread& thread : pool_) thread.request_stop();
  if (stopping_.is_open()) stopping_.raise();
  pool_.clear();
  listener_.close();
  connections_.close_all();
}

}  // namespace hostwatch::http
