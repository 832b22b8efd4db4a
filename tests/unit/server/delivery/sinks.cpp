#include "tests/unit/server/delivery/sinks.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <stdexcept>
#include <utility>

namespace hostwatch::delivery::test {

TcpSink::TcpSink() {
  listening_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  auto* plain = reinterpret_cast<sockaddr*>(&address);
  if (::bind(listening_, plain, size) != 0 || ::listen(listening_, 64) != 0 ||
      ::getsockname(listening_, plain, &size) != 0) {
    throw std::runtime_error("no socket");
  }
  port_ = ntohs(address.sin_port);
}

void TcpSink::start() {
  accepting_ = std::thread([this] { accept_all(); });
}

void TcpSink::end() {
  {
    const std::lock_guard lock(mutex_);
    has_ended_ = true;
    for (const int socket : open_) ::shutdown(socket, SHUT_RDWR);
  }
  changed_.notify_all();
  ::shutdown(listening_, SHUT_RDWR);
  accepting_.join();
  for (std::thread& one : serving_) one.join();
  ::close(listening_);
}

std::size_t TcpSink::connections() const {
  const std::lock_guard lock(mutex_);
  return connections_;
}

void TcpSink::accept_all() {
  while (true) {
    const int socket = ::accept4(listening_, nullptr, nullptr, SOCK_CLOEXEC);
    if (socket < 0) return;
    const std::lock_guard lock(mutex_);
    if (has_ended_) {
      ::close(socket);
      return;
    }
    ++connections_;
    open_.insert(socket);
    serving_.emplace_back([this, socket] {
      serve(socket);
      const std::lock_guard closing(mutex_);
      open_.erase(socket);
      ::close(socket);
    });
  }
}

bool TcpSink::read_line(int socket, std::string& line) {
  line.clear();
  char byte = 0;
  while (::recv(socket, &byte, 1, 0) == 1) {
    if (byte == '\n') {
      if (line.ends_with('\r')) line.pop_back();
      return true;
    }
    line += byte;
  }
  return false;
}

void TcpSink::write_all(int socket, const std::string& text) {
  std::size_t sent = 0;
  while (sent < text.size()) {
    const ssize_t some = ::send(socket, text.data() + sent, text.size() - sent, MSG_NOSIGNAL);
    if (some <= 0) return;
    sent += static_cast<std::size_t>(some);
  }
}

std::string HttpSink::Request::header(const std::string& name) const {
  for (const std::string& one : headers) {
    if (one.starts_with(name + ": ")) return one.substr(name.size() + 2);
  }
  return "";
}

void HttpSink::answer_next(Answer answer) {
  const std::lock_guard lock(mutex_);
  next_.push_back(std::move(answer));
}

void HttpSink::answer_always(Answer answer) {
  const std::lock_guard lock(mutex_);
  otherwise_ = std::move(answer);
}

std::string HttpSink::url(const std::string& path) const {
  return "http://127.0.0.1:" + std::to_string(port()) + path;
}

std::vector<HttpSink::Request> HttpSink::requests() const {
  const std::lock_guard lock(mutex_);
  return requests_;
}

bool HttpSink::wait_for(std::size_t count) {
  std::unique_lock lock(mutex_);
  return changed_.wait_for(lock, std::chrono::seconds(10), [&] { return requests_.size() >= count; });
}

void HttpSink::serve(int socket) {
  Request request;
  if (!read_line(socket, request.line)) return;
  std::string line;
  while (read_line(socket, line) && !line.empty()) request.headers.push_back(line);
  const std::string length = request.header("Content-Length");
  request.body.resize(length.empty() ? 0 : std::stoul(length));
  if (!request.body.empty()) ::recv(socket, request.body.data(), request.body.size(), MSG_WAITALL);
  Answer answer;
  {
    const std::lock_guard lock(mutex_);
    answer = otherwise_;
    if (!next_.empty()) {
      answer = next_.front();
      next_.pop_front();
    }
    requests_.push_back(request);
  }
  changed_.notify_all();
  if (answer.manner == Answer::Manner::closes) return;
  if (answer.manner == Answer::Manner::answers) {
    write_all(socket, "HTTP/1.1 " + std::to_string(answer.status) + " x\r\n" + answer.headers +
                          "Content-Length: " + std::to_string(answer.body.size()) + "\r\n\r\n" + answer.body);
  }
  read_line(socket, line);  // until the client closes, or the test ends
}

std::vector<SmtpSink::Mail> SmtpSink::mails() const {
  const std::lock_guard lock(mutex_);
  return mails_;
}

std::vector<std::string> SmtpSink::commands() const {
  const std::lock_guard lock(mutex_);
  return commands_;
}

void SmtpSink::take_mail(int socket, Mail& mail) {
  write_all(socket, "354 go on\r\n");
  std::string line;
  while (read_line(socket, line) && line != ".") {
    mail.text += (line.starts_with('.') ? line.substr(1) : line) + "\r\n";
  }
  if (line == "." && manners_.data_status == 250) {
    const std::lock_guard lock(mutex_);
    mails_.push_back(mail);
  }
  write_all(socket, std::to_string(manners_.data_status) + " so it is\r\n");
}

void SmtpSink::serve(int socket) {
  Mail mail;
  write_all(socket, "220 sink\r\n");
  std::string line;
  while (read_line(socket, line)) {
    {
      const std::lock_guard lock(mutex_);
      commands_.push_back(line);
    }
    if (line.starts_with("EHLO")) {
      write_all(socket, (manners_.features.empty() ? "" : "250-" + manners_.features + "\r\n") +
                            "250 SIZE 1000000\r\n");
    } else if (line.starts_with("AUTH PLAIN")) {
      if (line.size() > 11) {
        mail.user = line.substr(11);
      } else {
        write_all(socket, "334 \r\n");
        read_line(socket, mail.user);
      }
      write_all(socket, "235 welcome\r\n");
    } else if (line.starts_with("RCPT TO:<")) {
      const std::string recipient = line.substr(9, line.find('>') - 9);
      const bool is_refused = manners_.refused.contains(recipient);
      if (!is_refused) mail.to.push_back(recipient);
      write_all(socket, is_refused ? "550 no such user\r\n" : "250 fine\r\n");
    } else if (line == "DATA") {
      take_mail(socket, mail);
    } else if (line == "QUIT") {
      if (manners_.answers_quit) {
        write_all(socket, "221 bye\r\n");
        return;
      }
    } else {
      if (line.starts_with("MAIL FROM:<")) mail.from = line.substr(11, line.find('>') - 11);
      write_all(socket, "250 fine\r\n");
    }
  }
}

}  // namespace hostwatch::delivery::test
