// The bytes of a connection. However they are cut into pieces, the same requests come out of them.
#include "server/http/requests/request_framer.h"

#include <string>

#include "tests/fuzz/fuzz.h"

namespace {

using hostwatch::http::FramingLimits;
using hostwatch::http::RequestFramer;

/// All requests of a connection as text.
std::string requests_of(std::string_view bytes, std::size_t piece) {
  FramingLimits limits;
  limits.body_bytes = 64UL * 1024;
  RequestFramer framer(limits);
  std::string all;
  std::string_view rest = bytes;
  while (!rest.empty()) {
    std::string_view now = rest.substr(0, piece);
    rest.remove_prefix(now.size());
    while (!now.empty()) {
      now.remove_prefix(framer.feed(now));
      if (framer.state() == RequestFramer::State::refused) {
        return all + "refused " + std::to_string(framer.refusal_status()) + framer.refusal();
      }
      if (framer.state() != RequestFramer::State::complete) continue;
      all += framer.head() + "\x01" + framer.body() + "\x02" + (framer.keep_alive() ? "k" : "c");
      if (!framer.keep_alive()) return all;
      framer.reset();
    }
    hostwatch::fuzz::must(framer.memory() < 256UL * 1024);
  }
  return all;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  const std::string_view bytes = hostwatch::fuzz::text_of(data + 1, size - 1);
  const std::string whole = requests_of(bytes, bytes.size());
  hostwatch::fuzz::must(whole == requests_of(bytes, 1 + data[0] % 32U));
  return 0;
}
