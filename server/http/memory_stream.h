#pragma once

#include <httplib.h>

#include <algorithm>
#include <cstring>
#include <string>
#include <string_view>

namespace hostwatch::http {

/// What cpp-httplib reads a request's head from: text in memory. What it would write is dropped, as answers
/// are rendered by render(). The text must outlive the stream.
class MemoryStream final : public httplib::Stream {
 public:
  MemoryStream(std::string_view text, const std::string& address) : text_(text), address_(address) {}

  bool is_readable() const override { return !text_.empty(); }
  bool is_writable() const override { return true; }
  ssize_t read(char* to, std::size_t size) override {
    const std::size_t count = std::min(size, text_.size());
    std::memcpy(to, text_.data(), count);
    text_.remove_prefix(count);
    return static_cast<ssize_t>(count);
  }
  ssize_t write(const char*, std::size_t size) override { return static_cast<ssize_t>(size); }
  void get_remote_ip_and_port(std::string& ip, int& port) const override {
    ip = address_;
    port = 0;
  }
  void get_local_ip_and_port(std::string& ip, int& port) const override {
    ip.clear();
    port = 0;
  }
  // A number below any limit of select(): the library only compares it.
  socket_t socket() const override { return 0; }

 private:
  std::string_view text_;
  const std::string& address_;
};

}  // namespace hostwatch::http
