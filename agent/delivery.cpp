#include "agent/delivery.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <exception>
#include <utility>
#include <variant>

namespace hostwatch::agent {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

Delivery::Delivery(ReadingQueue& queue, DeliverySettings settings, DeliveryHooks hooks)
    : queue_(queue),
      settings_(std::move(settings)),
      hooks_(std::move(hooks)),
      poster_(settings_.url, settings_.token, settings_.timeouts),
      log_("http://" + settings_.url.authority() + settings_.url.path),
      readings_a_request_(settings_.max_readings) {
  thread_ = std::jthread([this](const std::stop_token& stop) { run(stop); });
}

Delivery::~Delivery() = default;

bool Delivery::stop(milliseconds limit) {
  const auto deadline = Clock::now() + limit;
  std::unique_lock lock(mutex_);
  flush_deadline_ = deadline;
  lock.unlock();
  thread_.request_stop();
  lock.lock();
  if (!changed_.wait_for(lock, limit / 2, [this] { return phase_ != Phase::working; })) {
    poster_.cancel();
  }
  return changed_.wait_until(lock, deadline, [this] { return phase_ == Phase::ended; });
}

DeliveryCounts Delivery::counts() const {
  const std::scoped_lock lock(mutex_);
  return counts_;
}

void Delivery::count(std::uint64_t DeliveryCounts::*which, std::uint64_t more) {
  const std::scoped_lock lock(mutex_);
  counts_.*which += more;
}

void Delivery::enter(Phase phase) {
  const std::scoped_lock lock(mutex_);
  phase_ = phase;
  changed_.notify_all();
}

void Delivery::pause(const std::stop_token& stop, milliseconds time) {
  if (time <= milliseconds(0)) return;
  std::unique_lock lock(mutex_);
  // The predicate is false: only the time or a stop ends this wait.
  changed_.wait_for(lock, stop, time, [] { return false; });
}

void Delivery::run(const std::stop_token& stop) {
  milliseconds offset{};  // the very first reading goes at once
  while (queue_.wait_for_reading(stop)) {
    // A reading that came into an empty queue waits for this host's turn; a backlog has waited already.
    pause(stop, offset);
    while (!stop.stop_requested() && queue_.size() > 0) {
      const Outcome outcome = send_oldest();
      pause(stop, outcome.wait);
    }
    offset = settings_.send_offset;
  }
  enter(Phase::flushing);
  flush();
  enter(Phase::ended);
}

void Delivery::flush() {
  const auto remaining = [this] {
    const std::scoped_lock lock(mutex_);
    return std::chrono::duration_cast<milliseconds>(flush_deadline_ - Clock::now());
  };
  while (queue_.size() > 0) {
    // One try connects, writes and reads: each may take a third of what is left.
    const milliseconds step = remaining() / 3;
    if (step < milliseconds(10)) break;
    poster_.set_timeouts({std::min(step, settings_.timeouts.connect), std::min(step, settings_.timeouts.read),
                          std::min(step, settings_.timeouts.write)});
    if (!send_oldest().done) break;
  }
}

Delivery::Outcome Delivery::send_oldest() {
  try {
    const ReadingQueue::Batch batch = queue_.oldest(readings_a_request_, settings_.max_bytes);
    if (batch.readings == 0) return {};
    auto result = poster_.post(batch.body);
    const auto* failure = std::get_if<PostFailure>(&result);
    if (failure != nullptr && failure->idle_connection_closed) {
      result = poster_.post(batch.body);
      failure = std::get_if<PostFailure>(&result);
    }
    if (failure != nullptr) return retry(failure->reason, /*slowly=*/false, {});
    return handle(batch, std::get<HttpAnswer>(result));
  } catch (const std::exception& error) {  // out of memory: the next try may fare better
    return retry(error.what(), /*slowly=*/false, {});
  }
}

Delivery::Outcome Delivery::handle(const ReadingQueue::Batch& batch, const HttpAnswer& answer) {
  const Judgement judgement = judge(answer);
  switch (judgement.verdict) {
    case Verdict::delivered:
      return settle(batch, judgement, answer.new_connection);
    case Verdict::drop:
      return drop(batch, judgement.reason);
    case Verdict::split:
      return split(batch, judgement.reason);
    case Verdict::retry_slowly:
      return retry(judgement.reason, /*slowly=*/true, answer.retry_after);
    case Verdict::retry:
      break;
  }
  return retry(judgement.reason, /*slowly=*/false, answer.retry_after);
}

Delivery::Outcome Delivery::settle(const ReadingQueue::Batch& batch, const Judgement& judgement,
                                   bool new_connection) {
  const bool reconnected = new_connection && has_delivered_;
  has_delivered_ = true;
  const bool recovered = log_.delivered(queue_.size());
  queue_.acknowledge(batch);
  const std::uint64_t rejected = std::min<std::uint64_t>(judgement.rejected, batch.readings);
  count(&DeliveryCounts::delivered, batch.readings - rejected);
  count(&DeliveryCounts::duplicates, judgement.duplicates);
  count(&DeliveryCounts::rejected, rejected);
  if (rejected > 0) log_.rejected(judgement);
  // A server that was restarted between two readings shows as nothing but a new connection.
  if (recovered || reconnected || rejected > 0) hooks_.facts_may_be_lost();
  failures_in_a_row_ = 0;
  // What made a request too large may be gone with the backlog.
  if (queue_.size() == 0) readings_a_request_ = settings_.max_readings;
  return {};
}

Delivery::Outcome Delivery::drop(const ReadingQueue::Batch& batch, const std::string& reason) {
  queue_.acknowledge(batch);
  count(&DeliveryCounts::dropped, batch.readings);
  log_.refused(batch.readings, reason);
  hooks_.facts_may_be_lost();
  failures_in_a_row_ = 0;
  return {};
}

Delivery::Outcome Delivery::split(const ReadingQueue::Batch& batch, const std::string& reason) {
  if (batch.readings == 1) return drop(batch, reason);
  readings_a_request_ = batch.readings / 2;
  spdlog::debug("{}; sending {} readings at once from now on", reason, readings_a_request_);
  return {};
}

Delivery::Outcome Delivery::retry(const std::string& reason, bool slowly, const std::string& retry_after) {
  ++failures_in_a_row_;
  count(&DeliveryCounts::failures, 1);
  log_.failed(reason, queue_.size());
  const double random = hooks_.random();
  if (const auto asked = parse_retry_after(retry_after, hooks_.unix_now())) {
    return {false, obey_retry_after(settings_.retry, *asked, failures_in_a_row_, random)};
  }
  if (slowly) return {false, slow_retry(settings_.retry, random)};
  return {false, back_off(settings_.retry, failures_in_a_row_, random)};
}

}  // namespace hostwatch::agent
