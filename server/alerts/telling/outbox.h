#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "server/delivery/delivery_service.h"
#include "server/delivery/message.h"
#include "server/storage/alert_rows.h"

namespace hostwatch::alerts {

/// What telling wants done. First `changes` are written; when they are on disk, `withdrawn` is taken from the
/// delivery, and `messages` are handed to it.
struct TellerOutput {
  storage::AlertChanges changes;
  std::vector<std::string> withdrawn;  ///< ids; one that is just being sent may arrive all the same
  std::vector<delivery::Message> messages;

  bool empty() const { return changes.empty() && withdrawn.empty() && messages.empty(); }
};

/// One alarm in a message, listed or left out.
struct OutboxEntry {
  delivery::AlarmNotice notice;
  std::string told;  ///< the state that the ledger has by it
  std::int64_t told_at = 0;
};

/// The messages that wait for their delivery, by channel in their order. For one thread.
class Outbox {
 public:
  /// Alarms that a message lists: all others of people's channels are counted alone; of webhooks, they are in
  /// messages of their own.
  static constexpr std::size_t kMostListed = 20;
  static constexpr std::size_t kMostInArray = 500;

  explicit Outbox(std::function<std::string()> new_id) : new_id_(std::move(new_id)) {}

  void load(std::span<const storage::DeliveryRow> waiting);

  /// Takes away the messages of a channel of which it is certain that nothing of them arrived, nor is just
  /// being sent: they wait for their next attempt, or behind one that does. Their alarms in order.
  std::vector<OutboxEntry> withdraw_unsent(const std::string& channel, std::int64_t now, TellerOutput& out);

  /// Makes messages of them; of each entry the message's id. Entries that are too many for one message are
  /// put in order, critical ones first. `lists_all`: for programs.
  std::vector<std::string> put(const std::string& channel, std::vector<OutboxEntry>& entries, bool lists_all,
                               std::int64_t now, TellerOutput& out);

  /// Of a message that is given up: the alarms it was about. Results of what was withdrawn count for nothing.
  std::vector<std::int64_t> finished(const delivery::DeliveryResult& result, TellerOutput& out);

  /// All of its messages are given up; the alarms they were about.
  std::vector<std::int64_t> remove_channel(const std::string& channel, TellerOutput& out);

  /// Puts a message that was given up back. False if its body cannot be read, or if it waits already.
  bool put_back(storage::DeliveryRow row, std::int64_t now, TellerOutput& out);

  /// Null if it does not wait.
  const storage::DeliveryRow* find(const std::string& id) const;
  std::vector<std::string> channels() const;
  std::vector<delivery::Message> messages() const;
  std::size_t size() const { return waiting_.size(); }

 private:
  struct Waiting {
    storage::DeliveryRow row;
    std::vector<OutboxEntry> entries;
    bool may_have_arrived = false;  ///< an attempt ended without certainty, or nobody knows
    bool waits_to_retry = false;    ///< an attempt ended; the next one is not before row.due
  };

  void erase(const std::string& id);
  void hand_over(Waiting waiting, delivery::Message message, TellerOutput& out);

  std::function<std::string()> new_id_;
  std::unordered_map<std::string, Waiting> waiting_;
  std::map<std::string, std::deque<std::string>> order_;  ///< by channel
};

}  // namespace hostwatch::alerts
