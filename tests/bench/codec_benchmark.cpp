// What one reading costs at each step of its way through the server, without network and disk.
#include <benchmark/benchmark.h>

#include "protocol/decode.h"
#include "protocol/encode.h"
#include "server/http/requests/request_framer.h"
#include "server/storage/packed/reading_codec.h"

namespace {

using namespace hostwatch;

protocol::Reading reading_with(std::size_t samples, std::int64_t timestamp) {
  protocol::Reading reading{"web-1", timestamp, 12.5, 41.3, 73.2, {}, {}};
  for (std::size_t i = 0; i < samples; ++i) {
    reading.samples.push_back({"network_receive_bytes_per_second", "eth" + std::to_string(i),
                               static_cast<double>(1000 * i + static_cast<std::size_t>(timestamp) % 100)});
  }
  return reading;
}

void decode_readings(benchmark::State& state) {
  std::vector<protocol::Reading> readings;
  for (std::int64_t i = 0; i < state.range(0); ++i) {
    readings.push_back(reading_with(static_cast<std::size_t>(state.range(1)), 1763884800 + i));
  }
  const std::string body = protocol::encode_readings(readings);
  for (auto _ : state) benchmark::DoNotOptimize(protocol::decode_readings(body, {}));
  state.SetItemsProcessed(state.iterations() * state.range(0));
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(body.size()));
}
BENCHMARK(decode_readings)
    ->ArgNames({"readings", "samples"})
    ->Args({1, 0})
    ->Args({1000, 0})
    ->Args({1000, 60});

void encode_reading(benchmark::State& state) {
  const protocol::Reading reading = reading_with(static_cast<std::size_t>(state.range(0)), 1763884800);
  for (auto _ : state) benchmark::DoNotOptimize(protocol::encode_reading(reading));
}
BENCHMARK(encode_reading)->ArgName("samples")->Arg(0)->Arg(60);

/// As the store's only host would have it encoded.
std::string encode(storage::ReadingCodec& codec, storage::HostSeries& series,
                   const protocol::ReceivedReading& reading) {
  return codec.encode(reading, {series, 1, reading.timestamp}, [](const auto&...) {});
}

void pack_reading(benchmark::State& state) {
  storage::ReadingCodec codec;
  storage::HostSeries series;
  const auto reading = protocol::received(reading_with(static_cast<std::size_t>(state.range(0)), 1763884800));
  for (auto _ : state) benchmark::DoNotOptimize(encode(codec, series, reading));
}
BENCHMARK(pack_reading)->ArgName("samples")->Arg(0)->Arg(60);

void unpack_three_of(benchmark::State& state) {
  storage::ReadingCodec codec;
  storage::HostSeries series;
  const std::string bytes = encode(
      codec, series, protocol::received(reading_with(static_cast<std::size_t>(state.range(0)), 1763884800)));
  storage::ReadRequest request;
  request.metrics = {"cpu", "ram", "disk"};
  storage::WantedValues wanted(request);
  std::vector<storage::StoredValue> values;
  for (auto _ : state) {
    wanted.decode(codec, bytes, values);
    benchmark::DoNotOptimize(values.data());
  }
}
BENCHMARK(unpack_three_of)->ArgName("samples")->Arg(0)->Arg(60);

void frame_request(benchmark::State& state) {
  const http::FramingLimits limits;
  const std::string body = protocol::encode_reading(reading_with(0, 1763884800));
  const std::string request =
      "POST /metrics HTTP/1.1\r\nHost: 127.0.0.1:5000\r\nContent-Type: application/json\r\nContent-Length: " +
      std::to_string(body.size()) + "\r\n\r\n" + body;
  for (auto _ : state) {
    http::RequestFramer framer(limits);
    benchmark::DoNotOptimize(framer.feed(request));
  }
}
BENCHMARK(frame_request);

}  // namespace
