#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "server/api/answer_text.h"
#include "server/api/hosts/host_json.h"
#include "server/api/prometheus_text.h"

namespace hostwatch::api::test {

/// What `write` writes, as a client without gzip gets it.
template <typename Write>
std::string text_of(Write write, const query::HistoryLimits& limits = {}) {
  query::AnswerBudget budget(limits);
  AnswerText text(budget, false);
  write(text);
  http::Response response;
  text.finish(response);
  return response.body;
}

inline EachHost each_of(std::vector<storage::HostState> hosts) {
  return [hosts = std::move(hosts)](const storage::HostVisitor& visit) {
    for (const storage::HostState& host : hosts) {
      if (!visit(host)) return;
    }
  };
}

/// Their latest values, as a store has them: series are numbered as they come.
inline LatestValues values_of(const std::vector<storage::HostState>& hosts) {
  struct Gathered {
    std::vector<storage::HostValues> hosts;
    std::vector<storage::SeriesName> series{{"", ""}, {"cpu", ""}, {"ram", ""}, {"disk", ""}};
    std::map<std::pair<std::string, std::string>, std::uint32_t> numbers;
  };
  const auto gathered = std::make_shared<Gathered>();
  for (const storage::HostState& host : hosts) {
    storage::HostValues& one = gathered->hosts.emplace_back();
    one.name = host.name;
    one.last_heard = host.last_heard;
    one.interval = host.interval;
    if (!host.latest) continue;
    one.values = {{storage::kCpuSeries, host.latest->cpu},
                  {storage::kRamSeries, host.latest->ram},
                  {storage::kDiskSeries, host.latest->disk}};
    for (const protocol::Sample& sample : host.latest->samples) {
      const auto next = static_cast<std::uint32_t>(gathered->series.size());
      const auto [number, is_new] = gathered->numbers.try_emplace({sample.metric, sample.instance}, next);
      if (is_new) gathered->series.push_back({sample.metric, sample.instance});
      one.values.push_back({number->second, sample.value});
    }
  }
  return {[gathered](const storage::ValuesVisitor& visit) {
            for (const storage::HostValues& host : gathered->hosts) {
              if (!visit(host)) return;
            }
          },
          [gathered](std::uint32_t series) { return gathered->series.at(series); }};
}

/// What GET /metrics answers of them.
inline void write_exposition(const LatestValues& hosts, const ServerFigures& figures, AnswerText& text) {
  PrometheusText exposition(hosts, figures, text.budget());
  while (exposition.next(text.out())) text.go_on();
}

}  // namespace hostwatch::api::test
