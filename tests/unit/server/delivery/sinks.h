#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <vector>

namespace hostwatch::delivery::test {

/// Something on loopback that takes connections, each in a thread of its own, until it ends.
class TcpSink {
 public:
  TcpSink();
  virtual ~TcpSink() = default;
  TcpSink(const TcpSink&) = delete;
  TcpSink& operator=(const TcpSink&) = delete;

  std::uint16_t port() const { return port_; }
  std::size_t connections() const;

 protected:
  /// Talks to one client until it returns; the socket is closed then.
  virtual void serve(int socket) = 0;
  void start();
  void end();  ///< to be called by the destructor of what overrides serve()
  /// One line without its end, or what is left if the client closes; false at its end.
  static bool read_line(int socket, std::string& line);
  static void write_all(int socket, const std::string& text);

  mutable std::mutex mutex_;
  std::condition_variable changed_;

 private:
  void accept_all();

  int listening_ = -1;
  std::uint16_t port_ = 0;
  bool has_ended_ = false;
  std::size_t connections_ = 0;
  std::set<int> open_;
  std::vector<std::thread> serving_;
  std::thread accepting_;
};

/// A receiver of HTTP that answers what it is told to.
class HttpSink : public TcpSink {
 public:
  struct Answer {
    int status = 200;
    std::string headers = {};  ///< each with its CRLF
    std::string body = {};
    enum class Manner : std::uint8_t { answers, never, closes } manner = Manner::answers;
  };
  struct Request {
    std::string line;  ///< "POST /x HTTP/1.1"
    std::vector<std::string> headers;
    std::string body;

    std::string header(const std::string& name) const;  ///< its value; empty: there is none
  };

  HttpSink() { start(); }
  ~HttpSink() override { end(); }

  /// The next answers, in order; afterwards `otherwise` (200 unless it is set).
  void answer_next(Answer answer);
  void answer_always(Answer answer);
  std::string url(const std::string& path = "/") const;
  std::vector<Request> requests() const;
  /// Waits until there are so many; false if they do not come.
  bool wait_for(std::size_t count);

 private:
  void serve(int socket) override;

  std::deque<Answer> next_;
  Answer otherwise_;
  std::vector<Request> requests_;
};

/// A mail server without TLS.
class SmtpSink : public TcpSink {
 public:
  struct Manners {
    std::string features = {};           ///< lines of its answer to EHLO: "AUTH PLAIN"
    std::set<std::string> refused = {};  ///< recipients that it answers 550
    int data_status = 250;               ///< its answer to a mail
    bool answers_quit = true;
  };
  struct Mail {
    std::string from;
    std::vector<std::string> to;
    std::string text;  ///< as it came, points unescaped
    std::string user;  ///< what it was told by AUTH PLAIN, in base64
  };

  explicit SmtpSink(Manners manners) : manners_(std::move(manners)) { start(); }
  ~SmtpSink() override { end(); }

  std::string url() const { return "smtp://127.0.0.1:" + std::to_string(port()); }
  std::vector<Mail> mails() const;
  std::vector<std::string> commands() const;

 private:
  void serve(int socket) override;
  void take_mail(int socket, Mail& mail);

  const Manners manners_;
  std::vector<Mail> mails_;
  std::vector<std::string> commands_;
};

}  // namespace hostwatch::delivery::test
