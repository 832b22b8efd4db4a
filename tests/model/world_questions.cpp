// World: what is asked, and held against the model.
#include <algorithm>
#include <array>

#include "tests/model/times.h"
#include "tests/model/world.h"

namespace hostwatch::model {
namespace {}  // namespace

query::Selection World::made_up_range() {
  query::Selection range;
  const std::int64_t now = subject_->now();
  const std::int64_t past = std::min(now - first_ + options_.retention.readings, 60 * kDay);
  range.from = dice_.one_in(20) ? 0 : now - dice_.from(0, past);
  if (dice_.one_in(3)) range.from = std::max<std::int64_t>(now - dice_.from(0, kDay), 0);
  range.to = dice_.one_in(2) ? now : dice_.from(range.from, now + kAhead);
  if (dice_.one_in(2)) {  // whole hours or days
    const std::int64_t unit = dice_.one_in(2) ? kHour : kDay;
    range.from = floor_to(range.from, unit);
    range.to = floor_to(range.to, unit) + unit - 1;
  } else if (dice_.one_in(2)) {
    range.slack = kAhead;
  }
  range.from = std::max(range.from, subject_->earliest());
  range.to = std::max(range.to, range.from);
  if (dice_.one_in(2)) {
    for (const Host& host : hosts_) {
      if (dice_.one_in(2)) range.hostnames.push_back(host.name);
    }
    if (dice_.one_in(5)) range.hostnames.emplace_back("nobody");
  }
  return range;
}

void World::ask() {
  static constexpr std::array<std::int64_t, 22> kSteps{0,    1,    2,    5,     7,    10,      15,  30,
                                                       45,   60,   90,   120,   300,  600,     900, 1800,
                                                       3600, 5400, 7200, 21600, kDay, 7 * kDay};
  static constexpr std::array<const char*, 9> kMetrics{"cpu",
                                                       "ram",
                                                       "load1",
                                                       "network_receive_bytes_per_second",
                                                       "filesystem_used_percent",
                                                       "queue_length",
                                                       "pressure",
                                                       "noise",
                                                       "nothing"};
  const query::Selection range = made_up_range();
  ++tally_.questions;
  const std::string wanted = dice_.of(kMetrics);
  const bool has_step = !dice_.one_in(3);
  const std::int64_t step = dice_.one_in(6) ? dice_.from(1, 2 * kDay) : dice_.of(kSteps);
  const std::int64_t points = dice_.one_in(3) ? dice_.from(1, 5000) : dice_.from(1, 300);
  if (dice_.one_in(3)) {
    query::FleetRequest request;
    static_cast<query::Selection&>(request) = range;
    request.metric = wanted;
    if (has_step) request.step = std::max<std::int64_t>(step, (range.to - range.from) / 20000 + 1);
    request.points = points;
    if (dice_.one_in(4)) request.instance = std::string(dice_.of(kSeries).instance);
    if (dice_.one_in(2)) request.combine = dice_.one_in(2) ? query::Combine::sum : query::Combine::highest;
    request.top = static_cast<std::size_t>(dice_.from(0, 4));
    request.by = dice_.one_in(2) ? query::FleetOrder::average : query::FleetOrder::maximum;
    comparison_->compare(request);
    return;
  }
  query::HistoryRequest request;
  static_cast<query::Selection&>(request) = range;
  if (has_step) request.step = step;
  request.points = points;
  request.all_metrics = dice_.one_in(2);
  if (!request.all_metrics) {
    request.metrics = {wanted};
    if (dice_.one_in(3)) request.metrics.insert(request.metrics.end(), {"disk", "queue"});
  }
  request.extremes = !dice_.one_in(3);
  const std::vector<std::string> formats = subject_->formats();
  const std::string format =
      formats[static_cast<std::size_t>(dice_.from(0, static_cast<std::int64_t>(formats.size()) - 1))];
  if (format == "csv" || format == "long") request.step = step;
  comparison_->compare(request, format);
}

/// Holds all that the server tells against the model. One that goes on by itself may have come from one state
/// to another between two answers: then once more.
void World::look() {
  for (int tries = subject_->goes_on_by_itself() ? 3 : 1;; --tries) {
    try {
      look_once();
      return;
    } catch (const Difference& difference) {
      if (tries == 1) throw;
      tell_(std::string("look again: ") + difference.what());
      subject_->maintain(0);
      note_time();
    }
  }
}

void World::look_once() {
  ++tally_.looks;
  std::map<std::string, Listed> listed = subject_->hosts();
  for (const auto& [name, history] : model_.hosts) {
    if (!listed.contains(name)) throw Difference(name + " is not listed");
    if (!history.empty() && listed[name].last_seen < history.rbegin()->first)
      throw Difference(name + " was last seen at " + std::to_string(listed[name].last_seen) +
                       ", and should be at " + std::to_string(history.rbegin()->first));
  }
  if (listed.size() != model_.hosts.size()) throw Difference("a host is listed that there is not");
  comparison_ = std::make_unique<Comparison>(*subject_, model_);
  for (const auto& [name, history] : model_.hosts) comparison_->learn(name, allowed());
  for (int i = 0; i < size_.questions; ++i) {
    try {
      ask();
    } catch (const query::HistoryTooLarge&) {
      ++tally_.too_large;
    }
  }
  if (!dice_.one_in(3)) return;
  comparison_->compare_export(allowed());
  const std::vector<std::string> problems = subject_->check();
  if (!problems.empty()) throw Difference("check: " + problems.front());
}

}  // namespace hostwatch::model
