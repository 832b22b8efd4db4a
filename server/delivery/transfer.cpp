#include "server/delivery/transfer.h"

#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <stdexcept>
#include <utility>

#include "server/delivery/channel_json.h"

namespace hostwatch::delivery {
namespace {

/// Of an answer, of which only the status counts, so much is taken.
constexpr std::size_t kMostAnswerBytes = 65'536;

/// Three digits at the beginning of a reply, else 0. `is_last`: no more lines of it come.
int reply_code(std::string_view line, bool& is_last) {
  if (line.size() < 3 || line.substr(0, 3).find_first_not_of("0123456789") != std::string_view::npos)
    return 0;
  is_last = line.size() == 3 || line[3] != '-';
  return (line[0] - '0') * 100 + (line[1] - '0') * 10 + (line[2] - '0');
}

/// libcurl's global state is made once and lives as long as the program.
void start_libcurl() {
  static const CURLcode started = curl_global_init(CURL_GLOBAL_DEFAULT);
  if (started != CURLE_OK) throw std::runtime_error("libcurl does not start");
}

}  // namespace

/// What libcurl calls, with the Transfer as its last argument. None throws: they are called by C.
struct Transfer::Callbacks {
  static curl_socket_t open_socket(void* user, curlsocktype /*purpose*/, curl_sockaddr* address) {
    auto& self = *static_cast<Transfer*>(user);
    try {
      const std::string why = why_refused(self.settings_.policy, &address->addr, self.settings_.from_file);
      if (!why.empty()) {
        self.refusal_ = why;
        return CURL_SOCKET_BAD;
      }
      const int opened = ::socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
      if (opened >= 0) self.sockets_.insert(opened);
      return opened;
    } catch (const std::exception&) {
      return CURL_SOCKET_BAD;
    }
  }

  static int close_socket(void* user, curl_socket_t socket) {
    static_cast<Transfer*>(user)->sockets_.erase(socket);
    return ::close(socket);
  }

  /// The answer's body is of no interest, and shown to nobody.
  static std::size_t discard(const char* /*data*/, std::size_t /*one*/, std::size_t size, void* user) {
    auto& self = *static_cast<Transfer*>(user);
    self.read_ += size;
    return self.read_ > kMostAnswerBytes ? 0 : size;
  }

  /// A mail server's reply. libcurl ends its session with QUIT and would wait for the answer to that, and all
  /// other transfers with it: so once nothing more is to be read nothing can be waited for.
  static std::size_t reply(const char* data, std::size_t /*one*/, std::size_t size, void* user) {
    auto& self = *static_cast<Transfer*>(user);
    self.read_ += size;
    bool is_last = false;
    const std::string_view line(data, size);
    const int code = reply_code(line, is_last);
    if (code == 235) self.is_signed_in_ = true;
    if (code == 250 && line.size() > 4 && line.substr(4).starts_with("STARTTLS")) self.has_starttls_ = true;
    if (code >= 400) self.refused_with_ = code;
    if (is_last && ++self.replies_ > 0 && self.is_last_reply(code)) self.stop_reading();
    return self.read_ > kMostAnswerBytes ? 0 : size;
  }

  static std::size_t mail_text(char* into, std::size_t /*one*/, std::size_t room, void* user) {
    auto& self = *static_cast<Transfer*>(user);
    const auto& mail = std::get<MailRequest>(self.request_);
    if (!mail.user.empty() && !self.is_signed_in_) {
      // libcurl goes on without where a server does not offer it.
      self.is_without_sign_in_ = true;
      self.stop_reading();
      return CURL_READFUNC_ABORT;
    }
    self.is_mail_begun_ = true;
    const std::size_t size = std::min(room, mail.text.size() - self.written_);
    std::memcpy(into, mail.text.data() + self.written_, size);
    self.written_ += size;
    return size;
  }
};

Transfer::Transfer(Request request, TransferSettings settings)
    : request_(std::move(request)), settings_(std::move(settings)) {
  start_libcurl();
  handle_.reset(curl_easy_init());
  if (!handle_) throw std::runtime_error("libcurl gives no handle");
  set_up();
  if (const auto* http = std::get_if<HttpRequest>(&request_)) set_up_http(*http);
  if (const auto* mail = std::get_if<MailRequest>(&request_)) set_up_mail(*mail);
}

Transfer::~Transfer() = default;

/// Whether libcurl ends the session after it.
bool Transfer::is_last_reply(int code) const {
  constexpr int kGreeted = 2;  // the answer to EHLO, after which libcurl may try HELO
  const auto& mail = std::get<MailRequest>(request_);
  const bool is_old_server = replies_ == kGreeted && !mail.demands_tls && mail.user.empty();
  if (code >= 400) return !is_old_server;
  const bool lacks_tls = mail.demands_tls && !has_starttls_ && !mail.server.starts_with("smtps");
  if (replies_ == kGreeted && lacks_tls) return true;
  return code == 250 && is_mail_begun_ && written_ == mail.text.size();
}

void Transfer::stop_reading() {
  for (const int socket : sockets_) ::shutdown(socket, SHUT_RD);
}

void Transfer::abandon() {
  for (const int socket : sockets_) ::shutdown(socket, SHUT_RDWR);
}

void Transfer::set_up() {
  set(CURLOPT_NOSIGNAL, 1L);
  set(CURLOPT_QUICK_EXIT, 1L);  // a resolver that hangs is not waited for
  set(CURLOPT_FOLLOWLOCATION, 0L);
  set(CURLOPT_PROXY, "");  // none of the environment's either
  set(CURLOPT_NOPROXY, "*");
  set(CURLOPT_FRESH_CONNECT, 1L);
  set(CURLOPT_FORBID_REUSE, 1L);
  set(CURLOPT_DNS_CACHE_TIMEOUT, 0L);
  set(CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(settings_.connect_timeout.count()));
  set(CURLOPT_TIMEOUT_MS, static_cast<long>(settings_.timeout.count()));
  set(CURLOPT_OPENSOCKETFUNCTION, &Callbacks::open_socket);
  set(CURLOPT_OPENSOCKETDATA, this);
  set(CURLOPT_CLOSESOCKETFUNCTION, &Callbacks::close_socket);
  set(CURLOPT_CLOSESOCKETDATA, this);
  set(CURLOPT_WRITEFUNCTION, &Callbacks::discard);
  set(CURLOPT_WRITEDATA, this);
  if (!settings_.ca_file.empty()) set(CURLOPT_CAINFO, settings_.ca_file.c_str());
}

void Transfer::add_header(const std::string& line) {
  curl_slist* longer = curl_slist_append(list_.get(), line.c_str());
  if (longer == nullptr) throw std::bad_alloc();
  static_cast<void>(list_.release());
  list_.reset(longer);
}

void Transfer::set_up_http(const HttpRequest& request) {
  set(CURLOPT_PROTOCOLS_STR, "http,https");
  set(CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
  set(CURLOPT_USERAGENT, "hostwatch-server/" HOSTWATCH_VERSION);
  set(CURLOPT_URL, request.url.c_str());
  if (request.method == "POST") {
    set(CURLOPT_POST, 1L);
    set(CURLOPT_POSTFIELDS, request.body.data());
    set(CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request.body.size()));
  }
  add_header("Expect:");  // nobody waits for a 100
  for (const auto& [name, value] : request.headers) add_header(name + ": " + value);
  set(CURLOPT_HTTPHEADER, list_.get());
  set(CURLOPT_HEADERFUNCTION, &Callbacks::discard);
  set(CURLOPT_HEADERDATA, this);
}

void Transfer::set_up_mail(const MailRequest& request) {
  set(CURLOPT_PROTOCOLS_STR, "smtp,smtps");
  set(CURLOPT_URL, request.server.c_str());
  set(CURLOPT_USE_SSL, static_cast<long>(request.demands_tls ? CURLUSESSL_ALL : CURLUSESSL_NONE));
  set(CURLOPT_SERVER_RESPONSE_TIMEOUT,
      static_cast<long>(std::max<std::int64_t>(1, settings_.timeout.count() / 1'000)));
  if (!request.user.empty()) {
    set(CURLOPT_USERNAME, request.user.c_str());
    set(CURLOPT_PASSWORD, request.password.c_str());
    set(CURLOPT_LOGIN_OPTIONS, "AUTH=*");
  }
  set(CURLOPT_MAIL_FROM, request.from.c_str());
  add_header(request.to);
  set(CURLOPT_MAIL_RCPT, list_.get());
  set(CURLOPT_UPLOAD, 1L);
  set(CURLOPT_READFUNCTION, &Callbacks::mail_text);
  set(CURLOPT_READDATA, this);
  set(CURLOPT_INFILESIZE_LARGE, static_cast<curl_off_t>(request.text.size()));
  set(CURLOPT_HEADERFUNCTION, &Callbacks::reply);
  set(CURLOPT_HEADERDATA, this);
}

std::string Transfer::receiver() const {
  if (const auto* mail = std::get_if<MailRequest>(&request_)) return shown_url(mail->server);
  return shown_url(std::get<HttpRequest>(request_).url);
}

/// In our own words: libcurl's hold what the receiver said.
std::string Transfer::reason(CURLcode result) const {
  if (is_without_sign_in_) return "the server does not let one sign in, but a user is set";
  switch (result) {
    case CURLE_COULDNT_RESOLVE_HOST:
      return "the name cannot be resolved";
    case CURLE_COULDNT_CONNECT:
      return refusal_.empty() ? "no connection" : "not allowed: " + refusal_;
    case CURLE_OPERATION_TIMEDOUT:
      return "no answer in time";
    case CURLE_PEER_FAILED_VERIFICATION:
      return "its certificate is not trusted, or not for this name";
    case CURLE_SSL_CONNECT_ERROR:
      return "no TLS connection";
    case CURLE_USE_SSL_FAILED:
      return "the server offers no TLS";
    case CURLE_LOGIN_DENIED:
      return "user or password are refused";
    case CURLE_GOT_NOTHING:
    case CURLE_RECV_ERROR:
    case CURLE_SEND_ERROR:
    case CURLE_PARTIAL_FILE:
      return "the connection was closed before an answer";
    default:
      return curl_easy_strerror(result);
  }
}

AttemptEnd Transfer::end(CURLcode result) const {
  return std::holds_alternative<HttpRequest>(request_) ? http_end(result) : mail_end(result);
}

AttemptEnd Transfer::end_by_timeout() const {
  return end(CURLE_OPERATION_TIMEDOUT);
}

AttemptEnd Transfer::http_end(CURLcode result) const {
  AttemptEnd end;
  long status = 0;
  curl_easy_getinfo(handle_.get(), CURLINFO_RESPONSE_CODE, &status);
  if (status >= 200) {  // whatever became of the rest of the answer
    end.status = status;
    end.outcome = http_outcome(status);
    if (end.outcome != Outcome::sent) {
      const bool is_redirect = status >= 300 && status < 400;
      end.error = receiver() + ": answered " + std::to_string(status) +
                  (is_redirect ? ", and redirects are not followed" : "");
    }
    curl_off_t seconds = 0;
    curl_easy_getinfo(handle_.get(), CURLINFO_RETRY_AFTER, &seconds);
    if (seconds > 0) end.retry_after = std::chrono::seconds(std::min<curl_off_t>(seconds, 86'400));
    return end;
  }
  curl_off_t begun = 0;  // when all was there for the request to be written
  curl_easy_getinfo(handle_.get(), CURLINFO_PRETRANSFER_TIME_T, &begun);
  end.outcome = begun == 0 ? Outcome::unsent : Outcome::unknown;
  end.error = receiver() + ": " + reason(result == CURLE_OK ? CURLE_GOT_NOTHING : result);
  return end;
}

AttemptEnd Transfer::mail_end(CURLcode result) const {
  AttemptEnd end;
  constexpr std::int64_t kTaken = 250;
  end.status = kTaken;
  if (result == CURLE_OK) return end;
  const std::int64_t status = refused_with_;
  end.status = status;
  const std::string recipient = std::get<MailRequest>(request_).to;
  if (status >= 400) {
    end.outcome = status >= 500 ? Outcome::dead : is_mail_begun_ ? Outcome::unknown : Outcome::unsent;
    end.error = receiver() + ": answered " + std::to_string(status) + " for " + recipient;
    return end;
  }
  end.outcome = is_mail_begun_ ? Outcome::unknown : Outcome::unsent;
  end.error = receiver() + ": " + reason(result);
  return end;
}

}  // namespace hostwatch::delivery
