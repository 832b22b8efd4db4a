// Names of hosts and metrics on their way to Prometheus: no name breaks out of its line.
#include "server/api/prometheus_text.h"

#include "protocol/decode.h"
#include "tests/fuzz/fuzz.h"
#include "tests/unit/server/api/answer_fixture.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace hostwatch;
  protocol::DecodeLimits limits;
  limits.max_readings = 20;
  const auto decoded = protocol::decode_readings(fuzz::text_of(data, size), limits);
  const auto* good = std::get_if<protocol::DecodedReadings>(&decoded);
  if (good == nullptr || good->readings.empty()) return 0;
  std::vector<storage::HostState> hosts;
  for (const protocol::ReceivedReading& reading : good->readings) {
    storage::HostState host;
    host.name = reading.hostname;
    host.latest = protocol::with_names(reading);
    host.last_heard = 1763884800;
    host.last_seen = 1763884800;
    hosts.push_back(std::move(host));
  }
  api::ServerFigures figures;
  figures.now = 1763884800;
  query::AnswerBudget budget({});
  api::AnswerText answer(budget, false);
  api::test::write_exposition(api::test::values_of(hosts), figures, answer);
  http::Response response;
  answer.finish(response);
  const std::string& text = response.body;
  std::string_view rest = text;
  while (!rest.empty()) {
    const std::size_t end = rest.find('\n');
    fuzz::must(end != std::string_view::npos);
    const std::string_view line = rest.substr(0, end);
    fuzz::must(line.starts_with("# ") || line.starts_with("hostwatch_"));
    rest.remove_prefix(end + 1);
  }
  return 0;
}
