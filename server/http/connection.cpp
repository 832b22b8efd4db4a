#include "server/http/connection.h"

namespace hostwatch::http {

void Connection::set_reading_deadline(const HttpServerOptions& options) {
  if (!channel.is_established()) {
    deadline = opened + options.head_timeout;
  } else if (framer.is_idle()) {
    deadline = Clock::now() + options.idle_timeout;
  } else if (framer.state() == RequestFramer::State::head) {
    deadline = request_began + options.head_timeout;
  } else {
    // A body has ten seconds and one more for each 64 KiB that has really come.
    const auto for_size = std::chrono::seconds(framer.size() / (64UL * 1024));
    deadline = request_began + options.head_timeout + options.body_timeout + for_size;
  }
}

}  // namespace hostwatch::http
