#include "server/query/history.h"

#include <algorithm>
#include <tuple>

#include "protocol/catalogue.h"
#include "server/query/host_aggregator.h"

namespace hostwatch::query {
namespace {

/// Where a metric stands in the catalogue; custom ones behind all others.
std::size_t catalogue_position(const std::string& metric) {
  const auto* known = protocol::find_metric(metric);
  return known != nullptr ? static_cast<std::size_t>(known - protocol::catalogue().data())
                          : protocol::catalogue().size();
}

/// True if some host has more readings in the range than rows are wanted.
bool has_more_than(const storage::Store& store, const HistoryRequest& request, std::int64_t points) {
  const auto limit = static_cast<std::uint64_t>(points);
  return std::any_of(request.hostnames.begin(), request.hostnames.end(), [&](const std::string& hostname) {
    return store.count(hostname, request.from, request.to + request.slack, limit + 1) > limit;
  });
}

HostHistory read_host(const storage::Store& store, const storage::ReadRequest& request, std::int64_t step,
                      AnswerBudget& budget) {
  HostAggregator aggregator(step, request.from, request.to, budget);
  store.read(request, [&](const storage::HistoryPart& part) {
    aggregator.add(part);
    return true;
  });
  HostHistory history;
  history.hostname = request.hostname;
  for (AggregatedSeries& series : aggregator.finish(history.timestamps)) {
    storage::SeriesName name = store.series_name(series.series);
    if (aggregator.has_averages()) {
      for (double& average : series.average) average = round_average(name.metric, average);
    }
    history.series.push_back({std::move(name.metric), std::move(name.instance), std::move(series.average),
                              std::move(series.minimum), std::move(series.maximum)});
  }
  std::sort(history.series.begin(), history.series.end(), [](const SeriesHistory& a, const SeriesHistory& b) {
    return std::tuple(catalogue_position(a.metric), std::string_view(a.metric),
                      std::string_view(a.instance)) <
           std::tuple(catalogue_position(b.metric), std::string_view(b.metric), std::string_view(b.instance));
  });
  return history;
}

}  // namespace

const SeriesHistory* HostHistory::find(std::string_view metric) const {
  const auto found = std::find_if(series.begin(), series.end(), [&](const SeriesHistory& candidate) {
    return candidate.metric == metric && candidate.instance.empty();
  });
  return found == series.end() ? nullptr : &*found;
}

std::size_t History::rows() const {
  std::size_t sum = 0;
  for (const HostHistory& host : hosts) sum += host.timestamps.size();
  return sum;
}

History read_history(const storage::Store& store, HistoryRequest request, const HistoryLimits& limits) {
  AnswerBudget budget(limits);
  request.hostnames = host_names_of(store, request);
  History history;
  if (request.from > request.to || request.hostnames.empty()) {
    history.step = request.step.value_or(0);
    return history;
  }
  // Few rows a host where there are many hosts, so that all of them fit.
  const auto share = static_cast<std::int64_t>(limits.max_rows / request.hostnames.size());
  const std::int64_t points = std::max<std::int64_t>(std::min(request.points, share), 1);
  if (request.step) {
    history.step = *request.step;
  } else if (has_more_than(store, request, points)) {
    history.step = round_step(request.to - request.from, points);
  }

  for (std::string& hostname : request.hostnames) {
    const storage::ReadRequest read{std::move(hostname), request.from,    request.to + request.slack,
                                    request.all_metrics, request.metrics, resolution_for(history.step),
                                    request.extremes};
    HostHistory host = read_host(store, read, history.step, budget);
    if (!host.timestamps.empty()) history.hosts.push_back(std::move(host));
  }
  return history;
}

}  // namespace hostwatch::query
