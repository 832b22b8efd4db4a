#pragma once

#include <cstddef>
#include <memory>
#include <string>

namespace hostwatch::test {

/// What the program logs while it lives, a line each: level and text. Thread-safe: the program's logger stays
/// the same, so that threads of a server may log while a capture begins or ends.
class LogCapture {
 public:
  LogCapture();
  ~LogCapture();
  LogCapture(const LogCapture&) = delete;
  LogCapture& operator=(const LogCapture&) = delete;

  std::string text() const;
  std::size_t lines() const;

 private:
  class Lines;
  std::shared_ptr<Lines> lines_;
};

}  // namespace hostwatch::test
