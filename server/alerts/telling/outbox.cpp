#include "server/alerts/telling/outbox.h"

#include <algorithm>
#include <utility>

namespace hostwatch::alerts {

namespace {

constexpr std::string_view kWaiting = "waiting";
constexpr std::string_view kSent = "sent";
constexpr std::string_view kDead = "dead";
constexpr std::string_view kMerged = "merged";

/// From the decision to its commit: what is to be tried again sooner is taken for being sent.
constexpr std::int64_t kCommitSeconds = 2;

std::optional<delivery::Message> message_of(const storage::DeliveryRow& row) {
  auto message = delivery::message_from_body(row.body);
  if (!message.has_value()) return std::nullopt;
  message->id = row.id;
  message->channel = row.channel;
  message->created = row.created;
  message->due = row.due;
  message->attempts = row.attempts;
  return message;
}

std::vector<std::int64_t> alarms_of(const std::vector<OutboxEntry>& entries) {
  std::vector<std::int64_t> alarms;
  for (const OutboxEntry& entry : entries) alarms.push_back(entry.notice.id);
  return alarms;
}

std::vector<OutboxEntry> entries_of(delivery::Message message) {
  std::vector<OutboxEntry> entries;
  for (auto& notice : message.alarms) entries.push_back({std::move(notice), {}, 0});
  return entries;
}

}  // namespace

void Outbox::load(std::span<const storage::DeliveryRow> waiting) {
  waiting_.clear();
  order_.clear();
  for (const storage::DeliveryRow& row : waiting) {
    Waiting one{row, {}, /*may_have_arrived=*/true, false};
    if (auto message = message_of(row)) one.entries = entries_of(std::move(*message));
    order_[row.channel].push_back(row.id);
    waiting_.emplace(row.id, std::move(one));
  }
}

std::vector<OutboxEntry> Outbox::withdraw_unsent(const std::string& channel, std::int64_t now,
                                                 TellerOutput& out) {
  std::vector<OutboxEntry> entries;
  const auto order = order_.find(channel);
  if (order == order_.end() || order->second.empty()) return entries;
  const Waiting& first = waiting_.at(order->second.front());
  if (!first.waits_to_retry || first.row.due < now + kCommitSeconds) return entries;
  const std::deque<std::string> ids = order->second;
  for (const std::string& id : ids) {
    Waiting& one = waiting_.at(id);
    if (one.may_have_arrived) continue;
    one.row.state = kMerged;
    std::move(one.entries.begin(), one.entries.end(), std::back_inserter(entries));
    out.changes.deliveries.push_back(one.row);
    out.withdrawn.push_back(id);
    erase(id);
  }
  return entries;
}

std::vector<std::string> Outbox::put(const std::string& channel, std::vector<OutboxEntry>& entries,
                                     bool lists_all, std::int64_t now, TellerOutput& out) {
  std::vector<std::string> ids(entries.size());
  if (!lists_all && entries.size() > kMostListed) {
    std::stable_partition(entries.begin(), entries.end(),
                          [](const OutboxEntry& entry) { return entry.notice.severity == "critical"; });
  }
  const std::size_t most = lists_all ? kMostInArray : entries.size();
  for (std::size_t begin = 0; begin < entries.size(); begin += most) {
    const std::size_t end = std::min(entries.size(), begin + most);
    delivery::Message message;
    message.id = new_id_();
    message.channel = channel;
    message.created = now;
    message.due = now;
    Waiting waiting;
    for (std::size_t i = begin; i < end; i++) {
      ids[i] = message.id;
      if (lists_all || message.alarms.size() < kMostListed) {
        message.alarms.push_back(entries[i].notice);
      } else {
        message.left_out++;
      }
      waiting.entries.push_back(entries[i]);
    }
    waiting.row = {message.id, channel, message_body(message), now, now, 0, std::string(kWaiting), 0, {}};
    hand_over(std::move(waiting), std::move(message), out);
  }
  return ids;
}

void Outbox::hand_over(Waiting waiting, delivery::Message message, TellerOutput& out) {
  out.changes.deliveries.push_back(waiting.row);
  order_[waiting.row.channel].push_back(waiting.row.id);
  waiting_.insert_or_assign(waiting.row.id, std::move(waiting));
  out.messages.push_back(std::move(message));
}

std::vector<std::int64_t> Outbox::finished(const delivery::DeliveryResult& result, TellerOutput& out) {
  const auto found = waiting_.find(result.id);
  if (found == waiting_.end()) return {};
  Waiting& one = found->second;
  one.row.attempts = result.attempts;
  one.row.status = result.status;
  one.row.error = result.error;
  if (result.outcome == delivery::Outcome::unsent || result.outcome == delivery::Outcome::unknown) {
    if (result.outcome == delivery::Outcome::unknown) one.may_have_arrived = true;
    one.waits_to_retry = true;
    one.row.due = result.next_due;
    out.changes.deliveries.push_back(one.row);
    return {};
  }
  const bool is_dead = result.outcome == delivery::Outcome::dead;
  one.row.state = is_dead ? kDead : kSent;
  auto alarms = is_dead ? alarms_of(one.entries) : std::vector<std::int64_t>();
  out.changes.deliveries.push_back(one.row);
  erase(result.id);
  return alarms;
}

std::vector<std::int64_t> Outbox::remove_channel(const std::string& channel, TellerOutput& out) {
  std::vector<std::int64_t> alarms;
  const auto order = order_.find(channel);
  if (order == order_.end()) return alarms;
  for (const std::string& id : std::deque<std::string>(order->second)) {
    Waiting& one = waiting_.at(id);
    const auto its = alarms_of(one.entries);
    alarms.insert(alarms.end(), its.begin(), its.end());
    one.row.state = kDead;
    one.row.error = "channel removed";
    out.changes.deliveries.push_back(one.row);
    out.withdrawn.push_back(id);
    erase(id);
  }
  return alarms;
}

bool Outbox::put_back(storage::DeliveryRow row, std::int64_t now, TellerOutput& out) {
  if (waiting_.contains(row.id)) return false;
  row.state = kWaiting;
  row.due = now;
  row.attempts = 0;
  auto message = message_of(row);
  if (!message.has_value()) return false;
  Waiting waiting{std::move(row), entries_of(*message), /*may_have_arrived=*/true, false};
  hand_over(std::move(waiting), std::move(*message), out);
  return true;
}

const storage::DeliveryRow* Outbox::find(const std::string& id) const {
  const auto found = waiting_.find(id);
  return found == waiting_.end() ? nullptr : &found->second.row;
}

std::vector<std::string> Outbox::channels() const {
  std::vector<std::string> channels;
  for (const auto& [channel, ids] : order_) channels.push_back(channel);
  return channels;
}

std::vector<delivery::Message> Outbox::messages() const {
  std::vector<delivery::Message> messages;
  for (const auto& [channel, ids] : order_) {
    for (const std::string& id : ids) {
      if (auto message = message_of(waiting_.at(id).row)) messages.push_back(std::move(*message));
    }
  }
  return messages;
}

void Outbox::erase(const std::string& id) {
  const auto found = waiting_.find(id);
  if (found == waiting_.end()) return;
  const auto order = order_.find(found->second.row.channel);
  if (order != order_.end()) {
    std::erase(order->second, id);
    if (order->second.empty()) order_.erase(order);
  }
  waiting_.erase(found);
}

}  // namespace hostwatch::alerts
