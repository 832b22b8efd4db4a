#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "server/alerts/engine/alarm_book.h"
#include "server/alerts/engine/alert_snapshot.h"
#include "server/alerts/engine/rule_book.h"
#include "server/alerts/engine/silent_hosts.h"
#include "server/alerts/engine/store_failure.h"
#include "server/alerts/engine/watched_host.h"
#include "server/alerts/telling/teller.h"
#include "server/delivery/delivery_service.h"
#include "server/delivery/message.h"
#include "server/storage/alert_store.h"
#include "server/storage/store.h"
#include "util/mutex.h"
#include "util/text/text_hash.h"

namespace hostwatch::alerts {

/// Where messages go that are on disk.
class MessageSender {
 public:
  virtual ~MessageSender() = default;
  /// Takes a message on; passes over one whose id waits already. `may_have_arrived`: it was being sent when
  /// the server ended, perhaps.
  virtual void submit(delivery::Message message, bool may_have_arrived) = 0;
  /// False if it is under way, or may have arrived: then it stays as it is.
  virtual bool withdraw(const std::string& id) = 0;
};

/// What the server knows of a host besides its readings.
struct HostSignals {
  bool has_conflict = false;    ///< two machines have its name
  std::int64_t clock_skew = 0;  ///< seconds, either way
};

/// What it knows of itself.
struct ServerSignals {
  bool is_store_failing = false;
  double database_free_bytes = 0;
  double database_free_percent = 100;
};

/// What an engine is made of. All must outlive it.
struct EngineParts {
  const storage::Store& store;
  storage::AlertStore& alerts;
  MessageSender& sender;
  std::function<std::int64_t()> clock;  ///< Unix seconds
  std::function<std::int64_t()>
      steady;  ///< seconds of a clock that nobody sets, and that stands still in suspension
  std::function<std::map<std::string, HostSignals, std::less<>>()> host_signals;  ///< those that have any
  std::function<ServerSignals()> server_signals;
  std::vector<Rule> shipped;
  std::function<std::string()> new_id;  ///< 32 hexadecimal digits of random bits, of a message
};

struct FoundAlarm;

/// Readings to alarms, and alarms to messages: all of it on the thread that writes, so that an alarm is on
/// disk with the reading that raised it. What is in memory is what is on disk: after a transaction that
/// failed it is read anew.
///
/// Members are for the writing thread alone but where they say otherwise.
class AlertEngine : public storage::AppendWatcher {
 public:
  explicit AlertEngine(EngineParts parts);
  ~AlertEngine() override;
  AlertEngine(const AlertEngine&) = delete;
  AlertEngine& operator=(const AlertEngine&) = delete;

  // As AppendWatcher.
  void see(const storage::NewReadings& host, std::int64_t now) override;
  const storage::AlertChanges& changes() override;
  void committed() noexcept override;
  void rolled_back() noexcept override;

  /// Once a second: silence, signals, repeats, what became of messages. Writes what comes of it. Throws
  /// StoreError.
  void tick();

  // What people change; each is on disk on return. Throw StoreError.
  struct RuleChange {
    enum class Result : std::uint8_t { made, changed, wrong_revision, of_file } result;
    SharedEntry entry;  ///< as it is from now on; of wrong_revision: as it is
  };
  /// `revision`: that it must have to be changed; nothing: there must be none of the page or a file.
  RuleChange put_rule(Rule rule, std::optional<std::int64_t> revision, const std::string& by);
  enum class RuleRemoval : std::uint8_t { removed, not_there, of_file, shipped };
  RuleRemoval remove_rule(const std::string& id);
  void set_file_rules(std::vector<Rule> rules);
  void note_reload_failed();
  void set_channels(std::vector<TellingChannel> channels);
  void set_routes(std::vector<Route> routes);
  Silence add_silence(Silence silence);
  bool remove_silence(std::int64_t id);
  /// `by` empty: it is taken back. False: there is no such open alarm.
  bool acknowledge(std::int64_t alarm, const std::string& by, const std::string& note, std::int64_t until);
  bool retry(const storage::DeliveryRow& dead);
  void host_deleted(const std::string& hostname);
  void history_deleted(const std::string& hostname);

  /// Any thread.
  SharedSnapshot snapshot() const;
  /// What became of a message. Any thread.
  void finished(delivery::DeliveryResult result);

  const Teller& teller() const { return teller_; }

 private:
  class Sink;
  void load();
  void load_if_stale();
  WatchedHost& add_host(const std::string& name, const protocol::Tags& tags, std::int64_t interval);
  WatchedHost& host_for(const storage::NewReadings& host);
  void restore_into(Evaluator& evaluator, const std::string& host, std::int64_t offset);
  void end_alarms_without_standing();
  void prime(WatchedHost& host, std::int64_t declared);
  void evaluate(WatchedHost& host, const protocol::ReceivedReading& reading, std::int64_t declared);
  bool is_of_the_past(WatchedHost& host, const protocol::ReceivedReading& reading, std::int64_t lateness);
  void note_heard(WatchedHost& host, bool has_gap);
  void note_boot(WatchedHost& host, const protocol::HostFacts& facts);
  void release_late(WatchedHost& host);
  void evaluate_signals(WatchedHost& host);
  void evaluate_server(const ServerSignals& signals);
  void look_at_agents();
  void forget_old();
  void begin_command();
  void finish_command();
  void save_standings(Evaluator& evaluator, std::string_view host, std::int64_t offset);
  void note(const Transition& transition, WatchedHost* host, bool is_signal, bool is_late);
  Hush hush_of(const storage::AlarmRow& alarm, const WatchedHost* host) const;
  void tell(storage::AlarmRow& alarm, const WatchedHost* host, std::optional<double> value);
  void gather();
  void tell_open_alarms_of(WatchedHost& host);
  void tell_all();
  void end_alarm(std::int64_t alarm, std::string_view reason, const WatchedHost* host);
  void watch_silence(WatchedHost& host);
  void look_at_hosts();
  void look_at_backlogs();
  void evaluate_backlog(WatchedHost& host);
  void add_late_alarm(const WatchedHost& host, const FoundAlarm& found);
  StoreFailure::Audience audience_of_failure() const;
  void tell_of_failing_store();
  void tell_of_working_store();
  void take_results();
  void select_rules_anew();
  void select_rules_anew(WatchedHost& host, std::string_view reason);
  void write();
  void hand_over() noexcept;
  void publish();
  void publish_open(const Evaluator::Open& open, const WatchedHost* host, std::int64_t offset,
                    AlertSnapshot& to) const;
  WatchedHost* find_host(std::string_view name);

  EngineParts parts_;
  RuleBook book_;
  AlarmBook alarms_;
  Teller teller_;
  Evaluator server_;
  SilentHosts silent_hosts_;
  StoreFailure store_failure_;
  std::vector<TellingChannel> channels_;
  std::unordered_map<std::string, std::unique_ptr<WatchedHost>, util::TextHash, std::equal_to<>> hosts_;
  std::unordered_map<std::string, std::vector<storage::AlarmStateRow>, util::TextHash, std::equal_to<>>
      stored_standings_;  ///< of hosts that are not known yet
  std::unordered_map<std::string, std::vector<storage::AlarmRow>, util::TextHash, std::equal_to<>>
      recent_firings_;  ///< alarms of the last hour, by host
  storage::AlertChanges changes_;
  TellerOutput to_send_;     ///< once changes_ are on disk
  bool is_stale_ = true;     ///< what is in memory is not what is on disk
  bool is_changed_ = true;   ///< since it was published
  bool holds_back_ = false;  ///< messages about single silent hosts
  std::int64_t ready_ = 0;   ///< steady: silence counts from here at the earliest
  std::int64_t now_ = 0;     ///< Unix seconds, of the call under way
  std::int64_t steady_ = 0;  ///< likewise
  std::int64_t looked_at_agents_ = INT64_MIN / 2;
  std::int64_t forgot_ = INT64_MIN / 2;
  AlertFigures figures_;
  std::map<std::string, std::int64_t> dead_letters_;  ///< of the last day: when they were given up
  std::vector<delivery::DeliveryResult> results_in_hand_;

  mutable util::Mutex mutex_;
  SharedSnapshot snapshot_ GUARDED_BY(mutex_);
  std::vector<delivery::DeliveryResult> results_ GUARDED_BY(mutex_);
};

}  // namespace hostwatch::alerts
