#pragma once

#include <httplib.h>
#include <openssl/ssl.h>

#include <array>
#include <chrono>
#include <cstddef>
#include <string>

#include "net/answer_allowance.h"

namespace hostwatch::net {

/// A connection that the library has made, and what it may wait for.
struct AnswerConnection {
  int socket = -1;
  SSL* tls = nullptr;  ///< null: plain
  std::chrono::milliseconds read_timeout{};
  std::chrono::milliseconds write_timeout{};
};

/// What the library's client writes a request to and reads the answer from, in place of its own stream: it
/// ends when the allowance is spent. The allowance must outlive it. For one thread.
class AnswerStream final : public httplib::Stream {
 public:
  AnswerStream(const AnswerConnection& connection, AnswerAllowance& allowance);

  bool is_readable() const override;
  bool is_writable() const override;
  ssize_t read(char* to, std::size_t size) override;
  ssize_t write(const char* from, std::size_t size) override;
  void get_remote_ip_and_port(std::string& ip, int& port) const override;
  void get_local_ip_and_port(std::string& ip, int& port) const override;
  socket_t socket() const override { return connection_.socket; }

 private:
  ssize_t receive(char* to, std::size_t size);

  AnswerConnection connection_;
  AnswerAllowance& allowance_;
  std::array<char, 4096> buffer_{};  ///< the library reads a byte at a time
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
};

}  // namespace hostwatch::net
