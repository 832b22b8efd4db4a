#pragma once

#include <prometheus/metric_family.h>

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace hostwatch::api {

/// Figures as Prometheus' families: one a metric, made when its first value comes. Not thread-safe.
class MetricFamilies {
 public:
  using Labels = std::vector<std::pair<std::string, std::string>>;  ///< name, value

  void gauge(const std::string& name, const std::string& help, double value, const Labels& labels = {});
  void counter(const std::string& name, const std::string& help, std::uint64_t value,
               const Labels& labels = {});
  /// One that counts parts of things, such as seconds.
  void counter_of(const std::string& name, const std::string& help, double value);

  /// In the text exposition format, by metric.
  std::map<std::string, std::string> texts() const;

 private:
  prometheus::ClientMetric& add(const std::string& name, const std::string& help, prometheus::MetricType type,
                                const Labels& labels);

  std::map<std::string, prometheus::MetricFamily> families_;
};

}  // namespace hostwatch::api
