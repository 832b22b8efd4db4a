#include "server/api/metric_families.h"

#include <prometheus/text_serializer.h>

#include <sstream>

namespace hostwatch::api {

using prometheus::ClientMetric;
using prometheus::MetricFamily;
using prometheus::MetricType;

void MetricFamilies::gauge(const std::string& name, const std::string& help, double value,
                           const Labels& labels) {
  add(name, help, MetricType::Gauge, labels).gauge.value = value;
}

void MetricFamilies::counter(const std::string& name, const std::string& help, std::uint64_t value,
                             const Labels& labels) {
  add(name, help, MetricType::Counter, labels).counter.value = static_cast<double>(value);
}

void MetricFamilies::counter_of(const std::string& name, const std::string& help, double value) {
  add(name, help, MetricType::Counter, {}).counter.value = value;
}

std::map<std::string, std::string> MetricFamilies::texts() const {
  std::map<std::string, std::string> texts;
  for (const auto& [name, family] : families_) {
    std::ostringstream out;
    prometheus::TextSerializer().Serialize(out, {family});
    texts.emplace(name, std::move(out).str());
  }
  return texts;
}

ClientMetric& MetricFamilies::add(const std::string& name, const std::string& help, MetricType type,
                                  const Labels& labels) {
  MetricFamily& family = families_[name];
  family.name = name;
  family.help = help;
  family.type = type;
  ClientMetric& metric = family.metric.emplace_back();
  for (const auto& [label, value] : labels) {
    ClientMetric::Label& one = metric.label.emplace_back();
    one.name = label;
    one.value = value;
  }
  return metric;
}

}  // namespace hostwatch::api
