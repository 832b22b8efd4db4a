#include "protocol/encode.h"

#include <cmath>
#include <string_view>
#include <vector>

#include "util/text/json_text.h"

namespace hostwatch::protocol {
namespace {

void append_member(std::string& out, std::string_view name, double value) {
  util::append_json_string(out, name);
  out += ':';
  util::append_json_number(out, value);
}

void append_instances(std::string& out, std::span<const Sample* const> samples) {
  if (samples.size() == 1 && samples.front()->instance.empty()) {
    util::append_json_number(out, samples.front()->value);
    return;
  }
  out += '{';
  for (std::size_t i = 0; i < samples.size(); ++i) {
    if (i != 0) out += ',';
    append_member(out, samples[i]->instance, samples[i]->value);
  }
  out += '}';
}

void append_metrics(std::string& out, const std::vector<Sample>& samples) {
  std::vector<std::vector<const Sample*>> metrics;
  for (const Sample& sample : samples) {
    if (!std::isfinite(sample.value)) continue;
    // Collectors hand over one metric after the other or interleave a few: searching back from the end is
    // short.
    auto same = metrics.rbegin();
    while (same != metrics.rend() && same->front()->metric != sample.metric) ++same;
    if (same == metrics.rend()) {
      metrics.push_back({&sample});
    } else {
      same->push_back(&sample);
    }
  }
  if (metrics.empty()) return;
  out += ",\"metrics\":{";
  for (std::size_t i = 0; i < metrics.size(); ++i) {
    if (i != 0) out += ',';
    util::append_json_string(out, metrics[i].front()->metric);
    out += ':';
    append_instances(out, metrics[i]);
  }
  out += '}';
}

void append_reading(std::string& out, const Reading& reading) {
  out += "{\"hostname\":";
  util::append_json_string(out, reading.hostname);
  out += ",\"timestamp\":" + std::to_string(reading.timestamp);
  out += ",\"cpu\":";
  util::append_json_number(out, reading.cpu);
  out += ",\"ram\":";
  util::append_json_number(out, reading.ram);
  out += ",\"disk\":";
  util::append_json_number(out, reading.disk);
  append_metrics(out, reading.samples);
  if (reading.facts) {
    out += ",\"facts\":" + facts_json(*reading.facts);
  }
  out += '}';
}

}  // namespace

std::string encode_reading(const Reading& reading) {
  std::string out;
  append_reading(out, reading);
  return out;
}

std::string encode_readings(std::span<const Reading> readings) {
  std::string out = "[";
  for (std::size_t i = 0; i < readings.size(); ++i) {
    if (i != 0) out += ',';
    append_reading(out, readings[i]);
  }
  out += ']';
  return out;
}

}  // namespace hostwatch::protocol
