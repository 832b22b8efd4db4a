#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "server/alerts/rules/rule.h"
#include "server/alerts/telling/notices.h"
#include "server/alerts/telling/outbox.h"
#include "server/alerts/telling/pace.h"
#include "server/alerts/telling/routes.h"
#include "server/alerts/telling/silence.h"
#include "server/delivery/delivery_service.h"
#include "server/storage/alert_rows.h"

namespace hostwatch::alerts {

/// Why nothing is told of an alarm for now, neither that it fires, nor again, nor that it ended.
enum class Hush : std::uint8_t {
  none,
  frozen,      ///< its host is down: that is told, by the host's own alarm
  settling,    ///< its host is just back
  late,        ///< a backlog says so; no reading that is not late does yet
  many_silent  ///< so many hosts went silent at once that this one is told
};

struct TellerOptions {
  std::function<std::string()> new_id;  ///< 32 hexadecimal digits of 128 random bits, at each call others
  Describe describe = {};               ///< may be empty
};

/// Why a channel was told, or was not.
struct ChannelReason {
  std::string channel;
  std::string state;    ///< "sent", "waiting", "dead", "held", "not routed"
  std::string text;     ///< a sentence for people, times of the server's zone
  std::int64_t at = 0;  ///< when it was told; 0: it was not
};

/// Decides who is told what of which alarm, and when. It goes by state and not by event: for each alarm and
/// each channel that it goes to, what the ledger (alarm_told) says was told last is compared with what is;
/// the difference is told. So a restart, the end of a silence or a new channel are no cases of their own,
/// nothing is told twice but repeats, and an end goes to those alone that were told the beginning.
///
/// It does no I/O and has no clock: each call brings the server's time (Unix seconds). What is to be done
/// gathers until take(). If what was taken could not be written, everything is load()ed anew. For one thread.
class Teller {
 public:
  explicit Teller(TellerOptions options);

  /// Begins anew with what was written; channels stay as they were set. `open_alarms` may have ended ones
  /// that have a row in `told` that does not say "ended": these are told as ended. Nothing is told of an
  /// alarm before update() was called for it. Definitions that cannot be read are left out; they are
  /// returned.
  std::vector<std::string> load(const storage::AlertState& state, std::int64_t now);

  /// All channels as they are from now on, in the order in which they are told. What waits for one that is
  /// not among them is given up ("channel removed").
  void set_channels(std::vector<TellingChannel> channels, std::int64_t now);

  /// Replaces all routes; to be written.
  void set_routes(std::vector<Route> routes);
  const std::vector<Route>& routes() const { return routes_; }

  /// Returns it as it is kept, with its id.
  Silence add_silence(Silence silence);
  /// False if there is none of that id.
  bool remove_silence(std::int64_t id);
  std::vector<Silence> silences() const { return silences_.list(); }
  bool is_active(std::int64_t silence, std::int64_t now) const { return silences_.is_active(silence, now); }

  /// An alarm is new, or anything of it changed, or it was loaded. `rule` may be null (it was removed);
  /// `value` was measured last. A rise to critical breaks an acknowledgement: that is taken out of the row,
  /// so this is to be called before the row is written.
  void update(storage::AlarmRow& alarm, const Rule* rule, const Tags& tags, Hush hush, std::int64_t now,
              std::optional<double> value = {});

  /// The same where nothing but the hush changed; alarms that are not known are passed over.
  void set_hush(std::int64_t alarm, Hush hush);

  /// Stands in the next message about the alarm ("while away: 2 alarms, over").
  void set_note(std::int64_t alarm, std::string note);

  /// How an attempt to deliver ended.
  void finished(const delivery::DeliveryResult& result, std::int64_t now);
  /// A message that was given up is sent again, with its id. False if that cannot be.
  bool retry(const storage::DeliveryRow& dead, std::int64_t now);

  /// Decides. To be called after the updates of a transaction, before it is written, and once a second; costs
  /// what changed and what is due costs, whatever else is open.
  void tick(std::int64_t now);

  /// What came together since the last call.
  TellerOutput take() { return std::exchange(out_, {}); }

  /// Messages that wait for delivery, by channel in their order: for a delivery that begins.
  std::vector<delivery::Message> waiting() const { return outbox_.messages(); }

  /// Of each channel why it was, or was not, told; also of alarms that are long over.
  std::vector<ChannelReason> why(const storage::AlarmStory& story, std::int64_t now) const;
  /// The silence of an open alarm, if there is one now.
  std::optional<Silences::Hold> silenced(std::int64_t alarm, std::int64_t now) const;
  /// Channels that were told of an alarm that is open, or whose end is not told yet.
  std::vector<std::string> told(std::int64_t alarm) const;

 private:
  /// Why something is not told now although there is something to tell.
  enum class Hold : std::uint8_t { none, disabled, hush, silence, acknowledged, after };

  struct Told {
    std::string channel;
    std::string state;
    std::int64_t at = 0;
    std::string delivery;
    std::int64_t repeats = 0;
    std::int64_t repeat_base = 0;  ///< repeats count from then: those that fell into a pause are left out
    bool is_dead = false;          ///< what told it last was given up
  };

  struct Tracked {
    storage::AlarmRow row;
    std::shared_ptr<const Tags> tags;
    Hush hush = Hush::none;
    std::optional<double> value;
    std::string note;
    std::int64_t opened = 0;          ///< by the server's clock
    std::int64_t risen = 0;           ///< likewise, since it has its severity or more
    std::int64_t unacknowledged = 0;  ///< since then, without a pause in which nobody is told
    bool is_known = false;            ///< update() was called
    bool is_dirty = false;
    bool was_paused = false;  ///< acknowledged, hushed or silenced
    std::int64_t due = 0;     ///< its entry in due_; 0: none
    std::string held;         ///< the event of that kind that was written last
    std::vector<Told> told;
    std::vector<std::string> silenced;  ///< channels that a silence keeps from being told
  };

  struct ChannelState {
    TellingChannel channel;
    Pace pace;
    std::set<std::int64_t> pending;  ///< alarms of which there is something to tell
  };

  struct Verdict {
    Tell tell = Tell::nothing;
    Hold hold = Hold::none;
    std::int64_t silence = 0;
    std::int64_t until = INT64_MAX;  ///< when to look again
    bool give_up = false;            ///< of an end: nobody is told any more
  };

  static Told* find_told(Tracked& alarm, const std::string& channel);
  static const Told* find_told(const Tracked& alarm, const std::string& channel);
  static bool is_acknowledged(const storage::AlarmRow& alarm, std::int64_t now);

  const Rule* rule_of(const Tracked& alarm) const;
  std::vector<Target> targets_of(const Tracked& alarm) const;

  // judge.cpp: what there is to tell
  Verdict judge(const Tracked& alarm, const TellingChannel& channel, std::span<const Target> targets,
                std::int64_t now) const;
  Verdict judge_open(const Tracked& alarm, const TellingChannel& channel, const Target* target,
                     std::int64_t now) const;
  Verdict judge_ended(const Tracked& alarm, const TellingChannel& channel, std::int64_t now) const;
  void hold_back(const Tracked& alarm, std::int64_t now, Verdict& verdict) const;
  static Tell difference(const storage::AlarmRow& alarm, const Told* told);
  std::int64_t repeat_due(const Tracked& alarm, const Told& told, std::int64_t now) const;
  std::string held_text(const Tracked& alarm, const Verdict& verdict, std::int64_t now) const;

  // telling.cpp: telling it
  void decide(std::int64_t id, std::int64_t now);
  void note_held(Tracked& alarm, const Verdict& verdict, std::int64_t now);
  void close_ended(Tracked& alarm, std::int64_t now);
  void forget(std::int64_t id);
  void tell(ChannelState& channel, std::int64_t now);
  std::vector<OutboxEntry> entries_for(ChannelState& channel, std::int64_t now);
  OutboxEntry entry_for(Tracked& alarm, const std::string& channel, Tell tell, std::int64_t now);
  void record(const std::string& channel, const std::vector<OutboxEntry>& entries,
              const std::vector<std::string>& ids, std::int64_t now);

  // why.cpp
  ChannelReason reason(const storage::AlarmStory& story, const Tracked* alarm, const TellingChannel& channel,
                       std::span<const Target> targets, std::int64_t now) const;
  ChannelReason told_reason(const storage::AlarmStory& story, const storage::AlarmToldRow& told) const;

  void mark(Tracked& alarm);
  void mark_all();
  void schedule(Tracked& alarm, std::int64_t due);
  void undelivered(const std::string& channel, std::span<const std::int64_t> alarms, const std::string& error,
                   std::int64_t now);
  std::shared_ptr<const Tags> shared_tags(const std::string& host, const Tags& tags);
  void remember_rule(const Rule& rule);

  TellerOptions options_;
  std::vector<ChannelState> channels_;
  std::vector<TellingChannel> channel_list_;  ///< the same, for targets()
  bool channels_are_set_ = false;
  std::vector<Route> routes_;
  Silences silences_;
  std::int64_t last_silence_ = 0;
  std::unordered_map<std::int64_t, Tracked> alarms_;
  std::unordered_map<std::string, std::shared_ptr<const Rule>> rules_;  ///< the last ones seen, by id
  std::unordered_map<std::string, std::shared_ptr<const Tags>> tags_;   ///< by host
  std::vector<std::int64_t> dirty_;
  std::set<std::pair<std::int64_t, std::int64_t>> due_;  ///< when, which alarm
  std::int64_t last_tick_ = INT64_MIN;
  std::int64_t silences_checked_ = INT64_MIN;
  Outbox outbox_;
  TellerOutput out_;
};

}  // namespace hostwatch::alerts
