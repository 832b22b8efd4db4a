// DeliveryWorker: attempts, from their beginning to their end.
#include <algorithm>
#include <stdexcept>

#include "server/delivery/channel_json.h"
#include "server/delivery/delivery_worker.h"

namespace hostwatch::delivery {
namespace {

/// Slack takes a message a second.
constexpr std::chrono::seconds kSlackInterval{1};

Message test_message(const Channel& channel, std::int64_t now) {
  AlarmNotice notice;
  notice.event = "test";
  notice.rule = "test";
  notice.name = "A test of channel " + channel.name;
  notice.severity = "info";
  notice.started = notice.fired = now;
  notice.ended = now;  // an Alertmanager has it at its end
  notice.help = "Nothing has happened: somebody wanted to see whether messages arrive here.";
  Message message;
  message.id = "test-" + channel.name + "-" + std::to_string(now);
  message.channel = channel.name;
  message.created = message.due = now;
  message.alarms = {notice};
  return message;
}

}  // namespace

/// What may begin now, each channel in its turn.
std::vector<Attempt> DeliveryWorker::due(const Moment& now) {
  std::vector<Attempt> attempts;
  const util::MutexLock lock(mutex_);
  while (!tests_.empty() && tests_in_flight_ + attempts.size() < kMostTests) {
    Test test = std::move(tests_.front());
    tests_.erase(tests_.begin());
    Message message = test_message(test.channel, now.unix_time);
    attempts.push_back(
        {AttemptKind::test, std::move(test.channel), std::move(message), std::move(test.told)});
  }
  if (!has_channels_) return attempts;
  std::size_t busy = 0;
  std::size_t suspects = 0;
  for (const auto& [name, state] : states_) {
    busy += state.is_busy ? 1U : 0U;
    suspects += state.is_suspect ? 1U : 0U;
  }
  auto turn = states_.upper_bound(last_begun_);
  for (std::size_t looked_at = 0; looked_at < states_.size(); ++looked_at, ++turn) {
    if (turn == states_.end()) turn = states_.begin();
    State& state = turn->second;
    const bool is_suspect = state.queue.failures() > 0;
    const bool has_place = busy < kMostInFlight && (!is_suspect || suspects < kMostSuspects);
    if (!has_place || !take_due(state, now, attempts)) continue;
    state.is_busy = true;
    state.is_suspect = is_suspect;
    ++busy;
    suspects += is_suspect ? 1U : 0U;
    last_begun_ = turn->first;
  }
  return attempts;
}

bool DeliveryWorker::take_due(State& state, const Moment& now, std::vector<Attempt>& attempts) {
  if (!state.channel || !state.channel->enabled || state.is_busy) return false;
  if (has_beat(state) && state.next_beat <= now.steady) {
    state.next_beat = now.steady + interval_of(*state.channel);
    attempts.push_back({AttemptKind::beat, *state.channel, {}});
    return true;
  }
  const ChannelQueue::Item* item = state.queue.next(now);
  if (item == nullptr) return false;
  Attempt attempt{AttemptKind::message, *state.channel, item->message};
  attempt.done = item->done;
  attempt.is_partly_sent = item->is_partly_sent;
  attempt.refusals = item->refusals;
  attempts.push_back(std::move(attempt));
  return true;
}

/// Its requests; false if there is nothing to be sent.
bool DeliveryWorker::prepare(Attempt& attempt, const Moment& now) {
  const RenderContext context{settings_.public_url, now.unix_time};
  const Channel channel = resolve_secrets(attempt.channel);
  if (attempt.kind != AttemptKind::beat) {
    if (attempt.kind == AttemptKind::message && channel.kind == ChannelKind::heartbeat) {
      throw std::invalid_argument("a heartbeat tells nothing of alarms");
    }
    attempt.requests = render(channel, attempt.message, context);
  } else if (channel.kind == ChannelKind::heartbeat) {
    if (!callbacks_.healthy || callbacks_.healthy()) attempt.requests = {heartbeat(channel)};
  } else if (callbacks_.state) {
    const auto alerts = posted_[channel.name].complete(callbacks_.state(), now.unix_time);
    for (HttpRequest& request : alertmanager_alerts(channel, alerts, context)) {
      attempt.requests.emplace_back(std::move(request));
    }
  }
  return !attempt.requests.empty();
}

void DeliveryWorker::begin(Attempt attempt, const Moment& now) {
  attempt.begun = now.steady;
  if (attempt.kind == AttemptKind::test) ++tests_in_flight_;
  auto owned = std::make_unique<Attempt>(std::move(attempt));
  try {
    if (prepare(*owned, now)) return next_request(std::move(owned), now);
  } catch (const std::exception& error) {
    if (owned) return finish(*owned, {Outcome::unsent, 0, error.what(), std::nullopt}, now);
    throw;
  }
  finish(*owned, {}, now);
}

/// The first that has not arrived yet; without one the attempt is over.
void DeliveryWorker::next_request(std::unique_ptr<Attempt> attempt, const Moment& now) {
  while (attempt->at < attempt->requests.size() && attempt->done.contains(attempt->at)) ++attempt->at;
  if (attempt->at == attempt->requests.size()) {
    AttemptEnd end;
    end.status = attempt->status;
    for (const std::string& refusal : attempt->refusals)
      end.error += (end.error.empty() ? "" : "; ") + refusal;
    if (!attempt->refusals.empty() && !attempt->is_partly_sent) end.outcome = Outcome::dead;
    return finish(*attempt, end, now);
  }
  CURL* handle = nullptr;
  try {
    attempt->transfer =
        std::make_unique<Transfer>(attempt->requests[attempt->at], transfer_settings(attempt->channel));
    attempt->deadline = now.steady + settings_.timeout;
    handle = attempt->transfer->handle();
    if (curl_multi_add_handle(multi_.get(), handle) != CURLM_OK) throw std::runtime_error("libcurl fails");
  } catch (const std::exception& error) {
    return finish(*attempt, {Outcome::unsent, 0, error.what(), std::nullopt}, now);
  }
  in_flight_.emplace(handle, std::move(attempt));
}

void DeliveryWorker::take_ended(const Moment& now) {
  int left = 0;
  while (const CURLMsg* message = curl_multi_info_read(multi_.get(), &left)) {
    if (message->msg != CURLMSG_DONE) continue;
    CURL* handle = message->easy_handle;
    const CURLcode result = message->data.result;
    request_ended(handle, in_flight_.at(handle)->transfer->end(result), now);
  }
}

/// libcurl's own timeouts go by the system's clock; these by the one that we were given.
void DeliveryWorker::take_overdue(const Moment& now) {
  std::vector<CURL*> overdue;
  for (const auto& [handle, attempt] : in_flight_) {
    if (attempt->deadline <= now.steady) overdue.push_back(handle);
  }
  for (CURL* handle : overdue) {
    Transfer& transfer = *in_flight_.at(handle)->transfer;
    transfer.abandon();
    request_ended(handle, transfer.end_by_timeout(), now);
  }
}

void DeliveryWorker::request_ended(CURL* handle, const AttemptEnd& end, const Moment& now) {
  curl_multi_remove_handle(multi_.get(), handle);
  std::unique_ptr<Attempt> attempt = std::move(in_flight_.at(handle));
  in_flight_.erase(handle);
  attempt->transfer.reset();
  attempt->status = end.status;
  if (end.outcome == Outcome::sent || end.outcome == Outcome::dead) {
    attempt->done.insert(attempt->at);
    attempt->is_partly_sent |= end.outcome == Outcome::sent;
    if (end.outcome == Outcome::dead) attempt->refusals.push_back(end.error);
    return next_request(std::move(attempt), now);
  }
  AttemptEnd whole = end;
  if (attempt->is_partly_sent) whole.outcome = Outcome::unknown;  // to some it has been told
  finish(*attempt, whole, now);
}

void DeliveryWorker::count(State& state, const AttemptEnd& end, Outcome outcome, const Moment& now) {
  ChannelFigures& figures = state.figures;
  figures.last_at = now.unix_time;
  figures.last = outcome;
  figures.last_status = end.status;
  figures.last_error = end.error;
  switch (outcome) {
    case Outcome::sent:
      ++figures.sent;
      break;
    case Outcome::dead:
      ++figures.dead;
      break;
    case Outcome::unsent:
    case Outcome::unknown:
      ++figures.failed;
  }
}

void DeliveryWorker::finish(Attempt& attempt, const AttemptEnd& end, const Moment& now) {
  DeliveryResult result{attempt.message.id, attempt.channel.name, end.outcome, 1, end.status, end.error};
  const double spread = jitter();
  if (attempt.kind == AttemptKind::test) {
    --tests_in_flight_;
  } else {
    const util::MutexLock lock(mutex_);
    State& state = states_.at(attempt.channel.name);
    state.is_busy = false;
    state.is_suspect = false;
    if (attempt.kind == AttemptKind::beat) {
      state.queue.note(end.outcome, now, spread, end.retry_after);
      if (!attempt.requests.empty()) count(state, end, end.outcome, now);
      return;
    }
    ChannelQueue::Item& item = *state.queue.in_flight();
    item.done = attempt.done;
    item.is_partly_sent = attempt.is_partly_sent;
    item.refusals = attempt.refusals;
    if (state.channel != attempt.channel) state.queue.forget_parts();
    result = state.queue.finish(end, now, spread);
    count(state, end, result.outcome, now);
    if (result.next_due == 0) channel_of_.erase(result.id);
    if (attempt.channel.kind == ChannelKind::slack) {
      state.queue.rest_until(now.steady + kSlackInterval);
    }
  }
  result.seconds = std::chrono::duration<double>(now.steady - attempt.begun).count();
  if (attempt.kind == AttemptKind::test) return attempt.told(result);
  if (callbacks_.result) callbacks_.result(result);
}

}  // namespace hostwatch::delivery
