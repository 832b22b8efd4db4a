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

/// What a text takes besides its object; short ones have room in that.
std::size_t heap_bytes(const std::string& text) {
  constexpr std::size_t kOverhead = 16;
  return text.capacity() > std::string().capacity() ? text.capacity() + kOverhead : 0;
}

/// True if some host has more readings in the range than rows are wanted.
bool has_more_than(const storage::Store& store, const HistoryRequest& request, std::int64_t points,
                   AnswerBudget& budget) {
  const auto limit = static_cast<std::uint64_t>(points);
  return std::any_of(request.hostnames.begin(), request.hostnames.end(), [&](const std::string& hostname) {
    budget.check();
    return store.count(hostname, request.from, request.to + request.slack, limit + 1) > limit;
  });
}

/// Selects the hosts, and gives the step that all of them have.
std::int64_t prepare(const storage::Store& store, HistoryRequest& request, AnswerBudget& budget) {
  request.hostnames = host_names_of(store, request);
  if (request.from > request.to) request.hostnames.clear();
  if (request.step || request.hostnames.empty()) return request.step.value_or(0);
  // Few rows a host where there are many hosts, so that all of them fit.
  const auto share = static_cast<std::int64_t>(budget.limits().max_rows / request.hostnames.size());
  const std::int64_t points = std::max<std::int64_t>(std::min(request.points, share), 1);
  if (!has_more_than(store, request, points, budget)) return 0;
  return round_step(request.from, request.to + request.slack, points);
}

HostHistory read_host(const storage::Store& store, const std::string& hostname, const HistoryRequest& request,
                      std::int64_t step, AnswerBudget& budget) {
  const ReadRange range = read_range(step, request.from, request.to + request.slack);
  const storage::ReadRequest read{hostname,        range.from,       range.to,        request.all_metrics,
                                  request.metrics, range.resolution, request.extremes};
  budget.check();
  HostAggregator aggregator({step, read.from, read.to, read.extremes}, budget);
  store.read(read, [&](const storage::HistoryPart& part) {
    aggregator.add(part);
    return true;
  });
  HostHistory history;
  history.hostname = hostname;
  std::vector<AggregatedSeries> all = aggregator.finish(history.timestamps);
  history.series.reserve(all.size());
  for (AggregatedSeries& series : all) {
    storage::SeriesName name = store.series_name(series.series);
    budget.take_bytes(heap_bytes(name.metric) + heap_bytes(name.instance));
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

History read_history(const storage::Store& store, HistoryRequest request, AnswerBudget& budget) {
  History history;
  history.step = prepare(store, request, budget);
  for (const std::string& hostname : request.hostnames) {
    HostHistory host = read_host(store, hostname, request, history.step, budget);
    if (!host.timestamps.empty()) history.hosts.push_back(std::move(host));
  }
  return history;
}

History read_history(const storage::Store& store, HistoryRequest request, const HistoryLimits& limits) {
  AnswerBudget budget(limits);
  return read_history(store, std::move(request), budget);
}

void read_hosts(const storage::Store& store, HistoryRequest request, AnswerBudget& budget,
                const std::function<void(const HostHistory&)>& visit) {
  const std::int64_t step = prepare(store, request, budget);
  for (const std::string& hostname : request.hostnames) {
    const std::size_t before = budget.gathered();
    const HostHistory host = read_host(store, hostname, request, step, budget);
    if (!host.timestamps.empty()) visit(host);
    budget.give_back_bytes(budget.gathered() - before);
  }
}

}  // namespace hostwatch::query
