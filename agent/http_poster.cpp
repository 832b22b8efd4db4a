#include "agent/http_poster.h"

#include <httplib.h>

#include <utility>

namespace hostwatch::agent {
namespace {

std::string describe(httplib::Error error, const std::string& host) {
  switch (error) {
    case httplib::Error::Connection:
      return "cannot connect to " + host;
    case httplib::Error::ConnectionTimeout:
      return host + " did not take the connection in time";
    case httplib::Error::Read:
      return host + " closed the connection or did not answer in time";
    case httplib::Error::Write:
      return host + " closed the connection or did not take the request in time";
    case httplib::Error::Canceled:
      return "the request was broken off: the answer was too long or too slow";
    default:
      return httplib::to_string(error) + " (" + host + ")";
  }
}

}  // namespace

HttpPoster::HttpPoster(const ServerUrl& url, const std::string& token, const HttpTimeouts& timeouts)
    : path_(url.path),
      host_header_(url.authority()),
      authorization_(token.empty() ? "" : "Bearer " + token),
      // Not httplib::Client: that one takes a URL apart by a regular expression that knows no IPv6 letters.
      client_(std::make_unique<httplib::ClientImpl>(url.host, url.port)) {
  client_->set_keep_alive(true);
  client_->set_tcp_nodelay(true);  // else each request waits 40 ms for the acknowledgement of its header
  client_->set_follow_location(false);
  client_->set_url_encode(false);  // the path goes out as it was given
  client_->set_decompress(false);
  set_timeouts(timeouts);
}

HttpPoster::~HttpPoster() = default;

void HttpPoster::set_timeouts(const HttpTimeouts& timeouts) {
  client_->set_connection_timeout(timeouts.connect);
  client_->set_read_timeout(timeouts.read);
  client_->set_write_timeout(timeouts.write);
  longest_answer_ = 3 * timeouts.read;
}

std::variant<HttpAnswer, PostFailure> HttpPoster::post(std::string json) {
  const bool reused = client_->is_socket_open() != 0;
  const auto start = std::chrono::steady_clock::now();

  httplib::Request request;
  request.method = "POST";
  request.path = path_;
  request.body = std::move(json);
  request.set_header("Host", host_header_);
  request.set_header("Content-Type", "application/json");
  request.set_header("Accept", "application/json");
  request.set_header("Accept-Encoding", "identity");
  request.set_header("User-Agent", "hostwatch-agent/" HOSTWATCH_VERSION);
  if (!authorization_.empty()) request.set_header("Authorization", authorization_);

  // The library bounds neither the body of an answer nor the time that it may take in all.
  HttpAnswer answer;
  request.content_receiver = [&](const char* data, std::size_t size, std::uint64_t, std::uint64_t) {
    if (answer.body.size() + size > kMaxAnswerBytes) return false;
    if (std::chrono::steady_clock::now() - start > longest_answer_) return false;
    answer.body.append(data, size);
    return true;
  };

  httplib::Response response;
  httplib::Error error = httplib::Error::Success;
  if (!client_->send(request, response, error)) return PostFailure{describe(error, host_header_), reused};
  answer.status = response.status;
  answer.retry_after = response.get_header_value("Retry-After");
  answer.location = response.get_header_value("Location");
  return answer;
}

void HttpPoster::cancel() {
  client_->stop();
}

}  // namespace hostwatch::agent
