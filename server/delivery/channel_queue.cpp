#include "server/delivery/channel_queue.h"

#include <algorithm>
#include <utility>

namespace hostwatch::delivery {
namespace {

/// Refusals of one message after which others need not wait for it.
constexpr int kPassedAfter = 3;

bool tells_of_any(const Message& message, const std::set<std::int64_t>& alarms) {
  return std::any_of(message.alarms.begin(), message.alarms.end(),
                     [&alarms](const AlarmNotice& notice) { return alarms.contains(notice.id); });
}

bool may_be_passed(const ChannelQueue::Item& item) {
  return item.tries == 0 || (item.was_answered && item.tries >= kPassedAfter);
}

std::int64_t whole_seconds(std::chrono::steady_clock::duration duration) {
  return std::chrono::duration_cast<std::chrono::seconds>(duration + std::chrono::milliseconds{999}).count();
}

}  // namespace

bool ChannelQueue::add(Message message, bool may_have_arrived, const Moment& now) {
  if (by_id_.contains(message.id)) return false;
  constexpr std::int64_t kLifetime = std::chrono::seconds(kMessageLifetime).count();
  const std::int64_t wait = std::clamp<std::int64_t>(message.due - now.unix_time, 0, kLifetime);
  const std::int64_t age = std::clamp<std::int64_t>(now.unix_time - message.created, 0, kLifetime);
  Item item;
  item.not_before = now.steady + std::chrono::seconds(wait);
  item.dies = now.steady + std::chrono::seconds(kLifetime - age);
  item.may_have_arrived = may_have_arrived;
  item.message = std::move(message);
  items_.push_back(std::move(item));
  by_id_.emplace(items_.back().message.id, std::prev(items_.end()));
  return true;
}

bool ChannelQueue::withdraw(const std::string& id) {
  const auto found = by_id_.find(id);
  if (found == by_id_.end() || found->second->in_flight || found->second->may_have_arrived) return false;
  erase(found->second);
  return true;
}

void ChannelQueue::erase(Items::iterator item) {
  by_id_.erase(item->message.id);
  items_.erase(item);
}

ChannelQueue::Items::const_iterator ChannelQueue::find_next(SteadyTime now) const {
  std::set<std::int64_t> passed;
  for (auto item = items_.begin(); item != items_.end(); ++item) {
    const bool must_wait = !passed.empty() && tells_of_any(item->message, passed);
    if (item->not_before <= now && !must_wait) return item;
    if (!may_be_passed(*item)) break;
    for (const AlarmNotice& notice : item->message.alarms) passed.insert(notice.id);
  }
  return items_.end();
}

ChannelQueue::Item* ChannelQueue::next(const Moment& now) {
  if (in_flight_ != nullptr || now.steady < rest_until_) return nullptr;
  const auto found = find_next(now.steady);
  if (found == items_.end()) return nullptr;
  in_flight_ = &*by_id_.at(found->message.id);
  in_flight_->in_flight = true;
  return in_flight_;
}

void ChannelQueue::note(Outcome outcome, const Moment& now, double jitter,
                        std::optional<std::chrono::seconds> retry_after) {
  if (outcome == Outcome::sent || outcome == Outcome::dead) {  // either way it is there and works
    failures_ = 0;
    return;
  }
  ++failures_;
  rest_until(now.steady + retry_delay(failures_, jitter, retry_after));
}

DeliveryResult ChannelQueue::finish(const AttemptEnd& end, const Moment& now, double jitter) {
  Item& item = *in_flight_;
  in_flight_ = nullptr;
  item.in_flight = false;
  ++item.tries;
  ++item.message.attempts;
  note(end.outcome, now, jitter, end.retry_after);
  DeliveryResult result;
  result.id = item.message.id;
  result.channel = item.message.channel;
  result.outcome = end.outcome;
  result.attempts = item.message.attempts;
  result.status = end.status;
  result.error = end.error;
  const bool has_failed = end.outcome == Outcome::unsent || end.outcome == Outcome::unknown;
  if (has_failed && now.steady >= item.dies) {
    result.outcome = Outcome::dead;
    result.error = "given up after 24 hours: " + end.error;
  }
  if (!has_failed || result.outcome == Outcome::dead) {
    erase(by_id_.at(result.id));
    return result;
  }
  item.was_answered = end.status != 0;
  if (end.outcome == Outcome::unknown) item.may_have_arrived = true;
  item.not_before = std::min(now.steady + retry_delay(item.tries, jitter, end.retry_after), item.dies);
  result.next_due = now.unix_time + whole_seconds(std::max(item.not_before, rest_until_) - now.steady);
  return result;
}

void ChannelQueue::release() noexcept {
  if (in_flight_ != nullptr) in_flight_->in_flight = false;
  in_flight_ = nullptr;
}

void ChannelQueue::forget_parts() {
  for (Item& item : items_) {
    item.done.clear();
    item.refusals.clear();
  }
}

std::optional<SteadyTime> ChannelQueue::wake() const {
  if (items_.empty() || in_flight_ != nullptr) return std::nullopt;
  SteadyTime earliest = SteadyTime::max();
  for (const Item& item : items_) {
    earliest = std::min(earliest, item.not_before);
    if (!may_be_passed(item)) break;
  }
  return std::max(earliest, rest_until_);
}

std::vector<DeliveryResult> ChannelQueue::give_up(const std::string& why) {
  std::vector<DeliveryResult> results;
  for (auto item = items_.begin(); item != items_.end();) {
    const auto here = item++;
    if (here->in_flight) continue;
    DeliveryResult result;
    result.id = here->message.id;
    result.channel = here->message.channel;
    result.outcome = Outcome::dead;
    result.attempts = here->message.attempts;
    result.error = why;
    results.push_back(std::move(result));
    erase(here);
  }
  return results;
}

std::int64_t ChannelQueue::oldest() const {
  std::int64_t oldest = 0;
  for (const Item& item : items_) {
    if (oldest == 0 || item.message.created < oldest) oldest = item.message.created;
  }
  return oldest;
}

}  // namespace hostwatch::delivery
