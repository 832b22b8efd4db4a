#include "server/ingest/ingest_queue.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <chrono>
#include <span>

#include "server/ingest/reading_memory.h"

namespace hostwatch::ingest {
namespace {

/// How long the writer sleeps at most when nothing arrives: maintenance looks at the clock that often.
constexpr std::chrono::seconds kMaintenanceInterval{1};
constexpr std::chrono::seconds kTickInterval{1};
/// How long a transaction waits at most for the clients that the one before has just answered: on a
/// connection that is kept alive the next request follows at once, and two syncs for two halves cost more
/// than one for the whole.
constexpr std::chrono::microseconds kGatherPatience{120};
constexpr std::size_t kMostGathered = 64;
/// However long transactions take: else what each of them costs by itself would be most of it.
constexpr std::size_t kLeastPerCommit = 500;
/// While the database fails and nothing arrives, it is tried again so often.
constexpr std::chrono::seconds kProbeInterval{2};

/// Nothing ends the thread that writes. Where memory is wanting even to say what failed, those whose requests
/// it was get no answer: their connections end, and they send again.
template <typename Work>
void guarded(const char* name, const Work& work) {
  try {
    work();
  } catch (const std::exception& exception) {
    spdlog::error("{} failed: {}", name, exception.what());
  }
}

}  // namespace

IngestQueue::IngestQueue(storage::Store& store, IngestOptions options, UnixClock clock)
    : store_(store),
      options_(std::move(options)),
      clock_(std::move(clock)),
      shares_(options_.max_waiting_bytes),
      readings_per_commit_(options_.max_readings_per_commit),
      writer_([this](const std::stop_token& stop) { write(stop); }) {}

IngestQueue::~IngestQueue() {
  stop();
}

void IngestQueue::stop() {
  {
    const std::lock_guard lock(mutex_);
    stopped_ = true;
  }
  room_.notify_all();
  writer_.request_stop();
  if (writer_.joinable()) writer_.join();
}

bool IngestQueue::submit(const std::string& client, std::vector<protocol::ReceivedReading> readings,
                         Done done, SentBy sent_by) {
  Request request;
  request.sent_by = sent_by;
  request.values = readings.size();
  for (const protocol::ReceivedReading& reading : readings) request.values += reading.values.size();
  request.bytes = memory_of(readings);
  request.readings = std::move(readings);
  request.done = std::move(done);
  return enqueue(client, std::move(request));
}

bool IngestQueue::run(const std::string& host, std::function<void(storage::Store&)> work,
                      std::function<void(const std::optional<std::string>&)> done, WorkKind kind) {
  Batch one;
  Request& request = one.emplace(kFirst, Request{})->second;
  request.work = std::move(work);
  request.work_done = std::move(done);
  request.work_kind = kind;
  {
    const std::lock_guard lock(mutex_);
    if (stopped_ || waiting_work_ >= options_.max_waiting_work) {
      ++statistics_.refused;
      return false;
    }
    ++waiting_work_;
    if (!host.empty()) put_first(host);
    waiting_.merge(one);
  }
  wake_.notify_one();
  return true;
}

/// What waits of the host's readings comes before all others'. Needs no memory. With mutex_ held.
void IngestQueue::put_first(const std::string& host) {
  const auto names_it = [&](const protocol::ReceivedReading& reading) { return reading.hostname == host; };
  for (auto next = waiting_.upper_bound(kFirst); next != waiting_.end();) {
    const auto one = next++;
    if (!std::any_of(one->second.readings.begin(), one->second.readings.end(), names_it)) continue;
    auto node = waiting_.extract(one);
    node.key() = kFirst;
    waiting_.insert(std::move(node));
  }
}

bool IngestQueue::enqueue(const std::string& client, Request request) {
  bool wake = false;
  Batch one;
  Request& queued = one.emplace(kFirst, std::move(request))->second;
  {
    const std::lock_guard lock(mutex_);
    if (stopped_ || !shares_.has_room_for(client, queued.bytes)) {
      ++statistics_.refused;
      return false;
    }
    queued.place = shares_.add(client, queued.bytes);
    util::QueueShares::Share& share = queued.place->share();
    // After its own that wait, in proportion to what they cost; of whoever has none waiting: from now on.
    share.last_turn = std::max(share.last_turn, turn_) + queued.values;
    statistics_.waiting_values += queued.values;
    statistics_.waiting_bytes += queued.bytes;
    auto node = one.extract(one.begin());
    node.key() = share.last_turn;
    waiting_.insert(std::move(node));
    // In between the writer is gathering, or busy: it looks by itself.
    wake = waiting_.size() == 1 || waiting_.size() >= gather_;
  }
  if (wake) wake_.notify_one();
  return true;
}

bool IngestQueue::turns_away(const std::string& client) {
  const std::lock_guard lock(mutex_);
  if (!shares_.is_full_for(client) && !stopped_) return false;
  ++statistics_.refused;
  return true;
}

void IngestQueue::wait_for_room(const std::string& client) {
  std::unique_lock lock(mutex_);
  room_.wait(lock, [&] { return !shares_.is_full_for(client) || stopped_; });
}

std::optional<std::string> IngestQueue::failure() const {
  const std::lock_guard lock(mutex_);
  return failure_;
}

IngestStatistics IngestQueue::statistics() const {
  const std::lock_guard lock(mutex_);
  return statistics_;
}

void IngestQueue::set_failure(const std::optional<std::string>& failure) {
  const std::lock_guard lock(mutex_);
  if (failure && !failure_) spdlog::error("readings cannot be stored: {}", *failure);
  if (!failure && failure_) spdlog::info("readings are stored again");
  if (failure) failed_at_ = std::chrono::steady_clock::now();
  failure_ = failure;
}

void IngestQueue::write(const std::stop_token& stop) {
  while (true) {
    Batch batch = take_batch(stop);
    const bool was_idle = batch.empty();
    if (!batch.empty()) {
      guarded("storing readings", [&] { commit(batch); });
      release(batch);
    }
    if (was_idle && stop.stop_requested()) return;
    guarded("upkeep of the database", [this] { maintain(); });
    guarded("looking after alarms", [this] { tick_when_due(); });
  }
}

/// Waits for work, but not past the next look at the maintenance; takes what has gathered, up to the limit.
IngestQueue::Batch IngestQueue::take_batch(const std::stop_token& stop) {
  std::unique_lock lock(mutex_);
  const auto patience = more_maintenance_ ? std::chrono::seconds(0)
                        : failure_        ? kProbeInterval
                                          : kMaintenanceInterval;
  wake_.wait_for(lock, stop, patience, [this] { return !waiting_.empty(); });
  if (!waiting_.empty() && waiting_.size() < gather_) {
    wake_.wait_for(lock, stop, kGatherPatience, [this] { return waiting_.size() >= gather_; });
  }
  return take_next();
}

/// By turns, but for those of clients that have had their part: others pass them. Work is alone, and waits
/// for what was put before it. With mutex_ held.
IngestQueue::Batch IngestQueue::take_next() {
  Batch batch;
  if (!waiting_.empty() && waiting_.begin()->second.work) {
    batch.insert(waiting_.extract(waiting_.begin()));
    return batch;
  }
  std::size_t readings = 0;
  for (auto next = waiting_.begin(); next != waiting_.end() && readings < readings_per_commit_;) {
    const auto one = next++;
    const Request& request = one->second;
    if (request.work) continue;
    util::QueueShares::Share& share = request.place->share();
    if (share.taken >= options_.max_readings_of_one) continue;
    share.taken += request.readings.size();
    readings += request.readings.size();
    turn_ = std::max(turn_, one->first);
    batch.insert(waiting_.extract(one));
  }
  for (const auto& [turn, request] : batch) request.place->share().taken = 0;
  return batch;
}

void IngestQueue::commit(Batch& batch) {
  if (batch.begin()->second.work) {
    run_work(batch.begin()->second);
    return;
  }
  withdraw_deleted(batch);
  std::vector<std::span<const protocol::ReceivedReading>> readings;
  readings.reserve(batch.size());
  for (const auto& [turn, request] : batch) {
    if (!request.is_withdrawn) readings.emplace_back(request.readings);
  }
  if (readings.empty()) return answer(batch, {}, std::nullopt);

  std::vector<storage::AppendResult> results;
  std::optional<std::string> error;
  const auto began = std::chrono::steady_clock::now();
  try {
    results = store_.append(readings, clock_());
  } catch (const std::exception& exception) {
    error = exception.what();
  }
  adapt(std::chrono::steady_clock::now() - began);
  set_failure(error);
  {
    const std::lock_guard lock(mutex_);
    if (!error) ++statistics_.commits;
    gather_ = std::min(batch.size() + waiting_.size(), kMostGathered);
    for (const storage::AppendResult& result : results) {
      statistics_.accepted += result.accepted;
      statistics_.duplicates += result.duplicates;
      statistics_.conflicts += result.conflicts;
    }
    for (const auto& request : readings) statistics_.failed += error ? request.size() : 0;
  }
  answer(batch, results, error);
}

/// Deleting a host is work of this thread, so that what is asked here holds until the readings are stored.
void IngestQueue::withdraw_deleted(Batch& batch) const {
  if (!options_.has_tokens) return;
  for (auto& [turn, request] : batch) {
    if (request.sent_by == SentBy::anyone || request.readings.empty()) continue;
    request.is_withdrawn = !options_.has_tokens(request.readings.front().hostname);
  }
}

/// Some readings take a hundred times as long as others: those that lie among old ones, mostly.
void IngestQueue::adapt(std::chrono::steady_clock::duration took) {
  const std::size_t most = options_.max_readings_per_commit;
  if (took > options_.commit_time) {
    readings_per_commit_ = std::max(readings_per_commit_ / 2, std::min(kLeastPerCommit, most));
  } else if (took < options_.commit_time / 2) {
    readings_per_commit_ = std::min(readings_per_commit_ * 2, most);
  }
}

void IngestQueue::answer(Batch& batch, const std::vector<storage::AppendResult>& results,
                         const std::optional<std::string>& error) {
  std::size_t i = 0;
  for (auto& turn_and_request : batch) {
    Request& request = turn_and_request.second;
    // Want of memory for one answer costs none of the others theirs.
    guarded("an answer to a post", [&] {
      if (request.is_withdrawn) return request.done({.is_withdrawn = true});
      request.done({error ? storage::AppendResult{} : results[i], error});
    });
    i += request.is_withdrawn ? 0 : 1;
  }
}

/// Only now is what the batch took in memory given back.
void IngestQueue::release(Batch& batch) {
  std::size_t values = 0;
  std::size_t bytes = 0;
  std::size_t work = 0;
  for (auto& [turn, request] : batch) {
    work += request.work ? 1 : 0;
    values += request.values;
    bytes += request.bytes;
    std::vector<protocol::ReceivedReading>().swap(request.readings);
    request.done = nullptr;
    request.work = nullptr;
    request.work_done = nullptr;
  }
  {
    const std::lock_guard lock(mutex_);
    for (const auto& [turn, request] : batch) {
      if (request.place) shares_.remove(*request.place);
    }
    waiting_work_ -= work;
    statistics_.waiting_values -= values;
    statistics_.waiting_bytes -= bytes;
  }
  room_.notify_all();
}

void IngestQueue::run_work(Request& request) {
  std::optional<std::string> error;
  try {
    request.work(store_);
  } catch (const std::exception& exception) {
    error = exception.what();
  }
  if (request.work_kind == WorkKind::writes) set_failure(error);
  request.work_done(error);
}

void IngestQueue::tick_when_due() {
  const auto now = std::chrono::steady_clock::now();
  if (!options_.tick || now - ticked_at_ < kTickInterval) return;
  ticked_at_ = now;
  options_.tick();
}

void IngestQueue::maintain() {
  try {
    more_maintenance_ = store_.maintain(clock_());
    // Not at once: where the disk has room for a probe and not for readings, health would say so in turns.
    if (failure() && std::chrono::steady_clock::now() - failed_at_ >= kProbeInterval) {
      store_.probe();
      set_failure(std::nullopt);
    }
  } catch (const std::exception& exception) {
    more_maintenance_ = false;
    set_failure(exception.what());
  }
}

}  // namespace hostwatch::ingest
