#pragma once

#include <chrono>
#include <cstddef>
#include <string>
#include <string_view>

namespace hostwatch::testing {

/// A TCP connection without manners, to a port of this machine.
class RawConnection {
 public:
  explicit RawConnection(int port);
  ~RawConnection();
  RawConnection(const RawConnection&) = delete;
  RawConnection& operator=(const RawConnection&) = delete;

  /// False when the other side has closed.
  bool send(std::string_view bytes);
  /// Sends `piece` until `total` bytes are out or the other side closes or stops reading; how many went.
  std::size_t flood(std::string_view piece, std::size_t total);
  /// What the server answers until it closes, or until `enough` bytes came, or 15 seconds have passed.
  std::string receive(std::size_t enough = 65536);
  /// Reads what comes until the server closes.
  bool is_closed_within(std::chrono::seconds patience);

 private:
  int fd_ = -1;
};

/// The status of an answer, 0 if there is none.
int status_of(std::string_view answer);

}  // namespace hostwatch::testing
