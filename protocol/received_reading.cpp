#include "protocol/received_reading.h"

#include <algorithm>

namespace hostwatch::protocol {
namespace {

bool has_layout(const Reading& reading, const Layout& layout) {
  if (reading.samples.size() != layout.size()) return false;
  for (std::size_t i = 0; i < layout.size(); ++i) {
    const Sample& sample = reading.samples[i];
    if (layout[i] != Layout::Series{sample.metric, sample.instance}) return false;
  }
  return true;
}

}  // namespace

const SharedLayout& empty_layout() {
  static const SharedLayout kEmpty = std::make_shared<const Layout>();
  return kEmpty;
}

bool operator==(const ReceivedReading& a, const ReceivedReading& b) {
  return a.hostname == b.hostname && a.timestamp == b.timestamp && a.cpu == b.cpu && a.ram == b.ram &&
         a.disk == b.disk && (a.layout == b.layout || *a.layout == *b.layout) && a.values == b.values &&
         a.facts == b.facts;
}

Reading with_names(const ReceivedReading& reading) {
  Reading named{reading.hostname, reading.timestamp, reading.cpu, reading.ram, reading.disk, {},
                reading.facts};
  named.samples.reserve(reading.values.size());
  for (std::size_t i = 0; i < reading.values.size(); ++i) {
    const auto [metric, instance] = (*reading.layout)[i];
    named.samples.push_back({std::string(metric), std::string(instance), reading.values[i]});
  }
  return named;
}

ReceivedReading received(const Reading& reading) {
  return received(std::vector<Reading>{reading}).front();
}

std::vector<ReceivedReading> received(const std::vector<Reading>& readings) {
  std::vector<ReceivedReading> all;
  all.reserve(readings.size());
  SharedLayout layout = empty_layout();
  for (const Reading& reading : readings) {
    if (!has_layout(reading, *layout)) {
      Layout another;
      for (const Sample& sample : reading.samples) another.push_back(sample.metric, sample.instance);
      layout = std::make_shared<const Layout>(std::move(another));
    }
    ReceivedReading& one = all.emplace_back(ReceivedReading{reading.hostname,
                                                            reading.timestamp,
                                                            reading.cpu,
                                                            reading.ram,
                                                            reading.disk,
                                                            layout,
                                                            {},
                                                            reading.facts});
    one.values.reserve(reading.samples.size());
    for (const Sample& sample : reading.samples) one.values.push_back(sample.value);
  }
  return all;
}

}  // namespace hostwatch::protocol
