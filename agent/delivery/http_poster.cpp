#include "agent/delivery/http_poster.h"

#include <httplib.h>
#include <sys/socket.h>

#include <utility>

#include "net/http_client.h"
#include "util/gzip.h"
#include "util/text/http_date.h"

namespace hostwatch::agent {
namespace {

/// A connection that the server has closed says so at once; every time limit is longer than this.
constexpr std::chrono::milliseconds kSoon{500};

/// A single reading of a usual host is sent as it is: compressing costs more than sampling it did.
constexpr std::size_t kWorthCompressing = 8U << 10U;

/// What a server did whose handshake failed, but not for its certificate.
std::string describe_handshake(net::TlsHandshake::End end) {
  switch (end) {
    case net::TlsHandshake::End::late:
      return " did not finish the TLS handshake in time";
    case net::TlsHandshake::End::closed:
      return " closed the connection during the TLS handshake; does it speak TLS on this port?";
    default:
      return " speaks no TLS, or none that this agent takes (1.2 or newer)";
  }
}

}  // namespace

HttpPoster::HttpPoster(net::ServerUrl url, net::TlsFiles tls, std::string identity,
                       const HttpTimeouts& timeouts)
    : url_(std::move(url)),
      tls_(std::move(tls)),
      server_name_(url_.authority()),
      identity_(std::move(identity)),
      client_(std::make_unique<net::HttpClient>(url_, tls_, allowance_)) {
  set_up_client();
  set_timeouts(timeouts);
}

void HttpPoster::set_up_client() {
  client_->set_keep_alive(true);
  client_->set_tcp_nodelay(true);  // else each request waits 40 ms for the acknowledgement of its header
  client_->set_follow_location(false);
  client_->set_url_encode(false);  // the path goes out as it was given
  client_->set_decompress(false);
  client_->set_socket_options([this](int socket) {  // called for each socket before it connects
    ++connections_;
    const std::scoped_lock lock(mutex_);
    socket_ = socket;
  });
}

void HttpPoster::renew() {
  auto fresh = std::make_unique<net::HttpClient>(url_, tls_, allowance_);
  {
    const std::scoped_lock lock(mutex_);
    socket_ = -1;  // the old client closes it
  }
  client_ = std::move(fresh);
  set_up_client();
  set_timeouts(timeouts_);
}

/// `error`: an httplib::Error. Of the last request.
std::string HttpPoster::describe(int error) const {
  switch (static_cast<httplib::Error>(error)) {
    case httplib::Error::Connection:
      return "cannot connect to " + server_name_;
    case httplib::Error::ConnectionTimeout:
      return server_name_ + " did not take the connection in time";
    case httplib::Error::Read:
      return server_name_ + " closed the connection or did not answer in time";
    case httplib::Error::Write:
      return server_name_ + " closed the connection or did not take the request in time";
    case httplib::Error::Canceled:
      return "the request was broken off: the answer was too long or too slow";
    case httplib::Error::SSLConnection:
      return server_name_ + describe_handshake(client_->handshake_end());
    case httplib::Error::SSLServerVerification:
      return server_name_ + ": " + net::describe_refused_certificate(client_->refused_certificate());
    default:
      return httplib::to_string(static_cast<httplib::Error>(error)) + " (" + server_name_ + ")";
  }
}

HttpPoster::~HttpPoster() = default;

void HttpPoster::set_timeouts(const HttpTimeouts& timeouts) {
  timeouts_ = timeouts;
  client_->set_connection_timeout(timeouts.connect);
  client_->set_read_timeout(timeouts.read);
  client_->set_write_timeout(timeouts.write);
  const std::scoped_lock lock(mutex_);
  longest_request_ = timeouts.request;
}

void HttpPoster::begin_request(Time now) {
  const std::scoped_lock lock(mutex_);
  request_began_ = now;
}

void HttpPoster::end_request(bool connection_usable) {
  const std::scoped_lock lock(mutex_);
  request_began_.reset();
  if (!connection_usable) socket_ = -1;
}

bool HttpPoster::send(httplib::Request& request, httplib::Response& response, std::string& failure) {
  httplib::Error error = httplib::Error::Success;
  const bool answered = client_->send(request, response, error);
  if (!answered) {
    failure = allowance_.is_spent() ? "the answer of " + server_name_ + " is too long"
                                    : describe(static_cast<int>(error));
  }
  return answered;
}

/// All but where the answer goes.
void HttpPoster::fill_request(const PostedBody& posted, std::int64_t unix_now,
                              httplib::Request& request) const {
  request.method = "POST";
  request.path = posted.path;
  const bool compress = posted.json.size() >= kWorthCompressing;
  request.body = compress ? util::deflate_gzip(posted.json, 1) : posted.json;
  if (compress) request.set_header("Content-Encoding", "gzip");
  request.set_header("Date", util::format_http_date(unix_now));
  if (!identity_.empty()) request.set_header("Hostwatch-Agent", identity_);
  request.set_header("Host", url_.host_header());
  request.set_header("Content-Type", "application/json");
  request.set_header("Accept", "application/json");
  request.set_header("Accept-Encoding", "identity");
  request.set_header("User-Agent", "hostwatch-agent/" HOSTWATCH_VERSION);
  if (!posted.token.empty()) request.set_header("Authorization", "Bearer " + posted.token);
}

std::variant<HttpAnswer, PostFailure> HttpPoster::post(const PostedBody& posted, std::int64_t unix_now) {
  httplib::Request request;
  fill_request(posted, unix_now, request);
  const std::uint64_t connections_before = connections_;
  const Time began = std::chrono::steady_clock::now();

  // The library bounds neither the body of an answer nor the time that it may take in all.
  HttpAnswer answer;
  allowance_.begin();
  request.response_handler = [this](const httplib::Response&) {
    allowance_.head_is_over();
    return true;
  };
  request.content_receiver = [&](const char* data, std::size_t size, std::uint64_t, std::uint64_t) {
    if (answer.body.size() + size > net::kMaxAnswerBytes) return false;
    if (std::chrono::steady_clock::now() - began > longest_request_) return false;
    answer.body.append(data, size);
    return true;
  };

  begin_request(began);
  httplib::Response response;
  std::string failure;
  const bool answered = send(request, response, failure);
  end_request(client_->is_socket_open() != 0);
  const bool new_connection = connections_ != connections_before;
  if (!answered) {
    const bool soon = std::chrono::steady_clock::now() - began < kSoon;
    return PostFailure{failure, !new_connection && soon && !allowance_.is_spent()};
  }
  answer.status = response.status;
  answer.retry_after = response.get_header_value("Retry-After");
  answer.date = response.get_header_value("Date");
  answer.location = response.get_header_value("Location");
  answer.new_connection = new_connection;
  return answer;
}

void HttpPoster::cancel() {
  const std::scoped_lock lock(mutex_);
  // Not ClientImpl::stop(): it waits for a lock that the library holds while it looks up names and connects.
  // Between the library's close() and end_request() the number may belong to some other file: not to another
  // socket, as this program has none, and to all else this does nothing.
  if (socket_ >= 0) ::shutdown(socket_, SHUT_RDWR);
}

void HttpPoster::cancel_overdue(Time now) {
  {
    const std::scoped_lock lock(mutex_);
    if (!request_began_ || now - *request_began_ <= longest_request_) return;
  }
  cancel();
}

}  // namespace hostwatch::agent
