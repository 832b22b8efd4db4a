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
/// How long a transaction waits at most for the clients that the one before has just answered: on a
/// connection that is kept alive the next request follows at once, and two syncs for two halves cost more
/// than one for the whole.
constexpr std::chrono::microseconds kGatherPatience{120};
constexpr std::size_t kMostGathered = 64;
/// While the database fails and nothing arrives, it is tried again so often.
constexpr std::chrono::seconds kProbeInterval{2};

/// Nothing ends the thread that writes. Where memory is wanting even to say what failed, those whose requests
/// it was get no answer: their connections end, and they send again.
template <typename Work>
void guarded(const Work& work) {
  try {
    work();
  } catch (const std::exception& exception) {
    spdlog::error("a request failed: {}", exception.what());
  }
}

}  // namespace

IngestQueue::IngestQueue(storage::Store& store, IngestOptions options, UnixClock clock)
    : store_(store),
      options_(options),
      clock_(std::move(clock)),
      shares_(options.max_waiting_bytes),
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

bool IngestQueue::submit(const std::string& client, std::vector<protocol::Reading> readings, Done done) {
  Request request;
  request.values = readings.size();
  for (const protocol::Reading& reading : readings) request.values += reading.samples.size();
  request.bytes = memory_of(readings);
  request.readings = std::move(readings);
  request.done = std::move(done);
  return enqueue(client, std::move(request));
}

bool IngestQueue::run(std::function<void(storage::Store&)> work,
                      std::function<void(const std::optional<std::string>&)> done) {
  Request request;
  request.values = 1;
  request.bytes = sizeof(Request);
  request.work = std::move(work);
  request.work_done = std::move(done);
  return enqueue({}, std::move(request));
}

bool IngestQueue::enqueue(const std::string& client, Request request) {
  bool wake = false;
  Batch one;
  one.push_back(std::move(request));
  Request& queued = one.front();
  {
    const std::lock_guard lock(mutex_);
    // An empty queue takes anything that the edge let through: no request is too large for ever.
    // Work is nobody's share: where the queue is full, whoever fills it, it is refused.
    const bool has_room = queued.work ? statistics_.waiting_bytes + queued.bytes <= options_.max_waiting_bytes
                                      : shares_.has_room_for(client, queued.bytes);
    if (stopped_ || (!waiting_.empty() && !has_room)) {
      ++statistics_.refused;
      return false;
    }
    queued.share = shares_.add(client, queued.bytes);
    statistics_.waiting_values += queued.values;
    statistics_.waiting_bytes += queued.bytes;
    waiting_.splice(waiting_.end(), one);
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
      guarded([&] { commit(batch); });
      release(batch);
    }
    if (was_idle && stop.stop_requested()) return;
    guarded([this] { maintain(); });
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

/// In the order in which they came, but for those of clients that have had their part: others pass them.
IngestQueue::Batch IngestQueue::take_next() {
  Batch batch;
  std::size_t readings = 0;
  for (auto next = waiting_.begin(); next != waiting_.end() && readings < options_.max_readings_per_commit;) {
    // Work keeps its place: what was submitted before it is committed before it.
    const bool is_work = static_cast<bool>(next->work);
    if (is_work && (!batch.empty() || next != waiting_.begin())) break;
    std::size_t& taken = next->share->second.taken;
    if (taken >= options_.max_readings_of_one) {
      ++next;
      continue;
    }
    taken += next->readings.size();
    readings += next->readings.size();
    const auto one = next++;
    batch.splice(batch.end(), waiting_, one);
    if (is_work) break;
  }
  for (const Request& request : batch) request.share->second.taken = 0;
  return batch;
}

void IngestQueue::commit(Batch& batch) {
  if (batch.front().work) {
    run_work(batch.front());
    return;
  }
  std::vector<std::span<const protocol::Reading>> readings;
  readings.reserve(batch.size());
  for (const Request& request : batch) readings.emplace_back(request.readings);

  std::vector<storage::AppendResult> results;
  std::optional<std::string> error;
  try {
    results = store_.append(readings, clock_());
  } catch (const std::exception& exception) {
    error = exception.what();
  }
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

void IngestQueue::answer(Batch& batch, const std::vector<storage::AppendResult>& results,
                         const std::optional<std::string>& error) {
  std::size_t i = 0;
  for (Request& request : batch) {
    // Want of memory for one answer costs none of the others theirs.
    guarded([&] { request.done({error ? storage::AppendResult{} : results[i], error}); });
    ++i;
  }
}

/// Only now is what the batch took in memory given back.
void IngestQueue::release(Batch& batch) {
  std::size_t values = 0;
  std::size_t bytes = 0;
  for (Request& request : batch) {
    values += request.values;
    bytes += request.bytes;
    std::vector<protocol::Reading>().swap(request.readings);
    request.done = nullptr;
    request.work = nullptr;
    request.work_done = nullptr;
  }
  {
    const std::lock_guard lock(mutex_);
    for (const Request& request : batch) shares_.remove(request.share, request.bytes);
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
  set_failure(error);
  request.work_done(error);
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
