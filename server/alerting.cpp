#include "server/alerting.h"

#include <spdlog/spdlog.h>
#include <sys/statvfs.h>

#include <chrono>
#include <filesystem>
#include <stdexcept>
#include <utility>
#include <variant>

#include "server/alerts/engine/notice_text.h"
#include "server/alerts/rules/rule_files.h"
#include "server/alerts/rules/shipped_rules.h"
#include "server/alerts/telling/notices.h"
#include "server/auth/secret.h"

namespace hostwatch::server {
namespace {

/// An Alertmanager is told of an end for so long.
constexpr std::int64_t kTellsEnds = 900;
/// A message that waits for so long is no healthy state; nor is a server without a tick.
constexpr std::int64_t kLongestWait = 900;
constexpr std::int64_t kLongestPause = 10;
constexpr std::int64_t kMostAlarms = 1000;

std::int64_t steady_seconds() {
  using std::chrono::duration_cast;
  using std::chrono::seconds;
  return duration_cast<seconds>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

/// 128 random bits, of a message.
std::string new_message_id() {
  constexpr std::string_view kDigits = "0123456789abcdef";
  const auth::Digest digest = auth::digest_of(auth::new_secret());
  std::string id;
  for (std::size_t i = 0; i < 16; ++i) {
    id += kDigits[digest[i] >> 4U];
    id += kDigits[digest[i] & 15U];
  }
  return id;
}

void log_result(const delivery::DeliveryResult& result) {
  using delivery::Outcome;
  if (result.outcome == Outcome::sent) {
    spdlog::debug("alerts: message {} reached channel '{}'", result.id, result.channel);
  } else if (result.outcome == Outcome::dead) {
    spdlog::error("alerts: message {} to channel '{}' was given up: {}", result.id, result.channel, result.error);
  } else if (result.attempts <= 1) {
    spdlog::warn("alerts: message {} did not reach channel '{}', and is tried again: {}", result.id,
                 result.channel, result.error);
  }
}

alerts::HostSignals to_signals(const ingest::HostTrouble& trouble) {
  return {.has_conflict = trouble.has_conflict, .clock_skew = std::abs(trouble.clock_skew)};
}

}  // namespace

/// The engine's way to the thread that delivers, which is there once both are.
class Alerting::Sender : public alerts::MessageSender {
 public:
  explicit Sender(const Alerting& alerting) : alerting_(alerting) {}
  void submit(delivery::Message message, bool may_have_arrived) override {
    alerting_.deliveries_->submit(std::move(message), may_have_arrived);
  }
  bool withdraw(const std::string& id) override { return alerting_.deliveries_->withdraw(id); }

 private:
  const Alerting& alerting_;
};

Alerting::Alerting(AlertingSettings settings, AlertingParts parts)
    : settings_(std::move(settings)),
      parts_(std::move(parts)),
      channels_(parts_.credentials, settings_.channels_of_file),
      sender_(std::make_unique<Sender>(*this)) {
  for (const std::string& problem : channels_.problems()) spdlog::error("alerts: {}", problem);
  alerts::EngineParts engine{
      .store = parts_.store,
      .alerts = parts_.store.alerts(),
      .sender = *sender_,
      .clock = parts_.clock,
      .steady = steady_seconds,
      .host_signals =
          [this] {
            std::map<std::string, alerts::HostSignals, std::less<>> signals;
            for (const auto& [host, trouble] : parts_.agents.troubles(parts_.clock())) {
              signals.emplace(host, to_signals(trouble));
            }
            return signals;
          },
      .server_signals = [this] { return server_signals(); },
      .shipped = alerts::shipped_rules(),
      .new_id = new_message_id};
  engine_ = std::make_unique<alerts::AlertEngine>(std::move(engine));
  delivery::DeliveryCallbacks callbacks{
      .result =
          [this](const delivery::DeliveryResult& result) {
            log_result(result);
            engine_->finished(result);
          },
      .state = [this] { return state(); },
      .healthy = [this] { return is_healthy(); }};
  deliveries_ = std::make_unique<delivery::DeliveryService>(settings_.delivery, std::move(callbacks));
}

Alerting::~Alerting() {
  stop();
  parts_.store.alerts().watch(nullptr);
}

void Alerting::begin() {
  if (has_rule_files()) engine_->set_file_rules(read_rules());
  look_at_channels();
  parts_.store.alerts().watch(engine_.get());
}

void Alerting::stop() {
  deliveries_->stop();
}

void Alerting::tick() {
  look_at_channels();
  engine_->tick();
  const std::uint64_t transitions = engine_->snapshot()->figures.transitions;
  if (std::exchange(posted_transitions_, transitions) != transitions) deliveries_->post_state();
  ticked_ = parts_.clock();
}

std::vector<alerts::Rule> Alerting::read_rules() const {
  auto read = alerts::read_rule_files(settings_.rules);
  if (const auto* faults = std::get_if<std::vector<alerts::FileFault>>(&read)) {
    std::string text = "the rules of '" + settings_.rules + "' cannot be used";
    for (const alerts::FileFault& fault : *faults) text += "\n  " + fault.line();
    throw std::runtime_error(text);
  }
  std::vector<alerts::Rule> rules;
  for (alerts::FileRule& one : std::get<alerts::RuleFiles>(read).rules) rules.push_back(std::move(one.rule));
  return rules;
}

/// Channels are changed by the page and by other programs; who delivers and who tells learn of it here.
void Alerting::look_at_channels() {
  auto channels = channels_.all();
  if (channels == known_channels_) return;
  std::vector<alerts::TellingChannel> telling;
  for (const delivery::Channel& one : *channels) {
    telling.push_back({one.name, one.kind, one.is_default, one.enabled});
  }
  deliveries_->set_channels(channels);
  engine_->set_channels(std::move(telling));
  known_channels_ = std::move(channels);
}

/// For the heartbeat: somebody else is to notice when it is not.
bool Alerting::is_healthy() const {
  const std::int64_t now = parts_.clock();
  if (parts_.is_store_failing() || now - ticked_ > kLongestPause) return false;
  for (const auto& [name, figures] : deliveries_->figures()) {
    if (figures.oldest != 0 && now - figures.oldest > kLongestWait) return false;
  }
  return true;
}

std::vector<delivery::AlarmNotice> Alerting::state() const {
  const alerts::SharedSnapshot snapshot = engine_->snapshot();
  storage::AlarmQuery query;
  query.from = parts_.clock() - kTellsEnds;
  query.open = false;
  query.limit = kMostAlarms;
  std::vector<delivery::AlarmNotice> notices;
  const auto add = [&](const storage::AlarmRow& alarm, alerts::Tell tell, std::optional<double> value) {
    const auto entry = snapshot->rules.find(alarm.rule);
    const alerts::Rule* const rule =
        entry == snapshot->rules.end() ? nullptr : &entry->second->entry.rule;
    const alerts::Tags tags = alarm.host.empty() ? alerts::Tags() : parts_.store.facts_of(alarm.host).tags;
    delivery::AlarmNotice notice = alerts::make_notice(alarm, rule, tags, tell, value);
    if (rule != nullptr) alerts::describe_notice(*rule, notice);
    notices.push_back(std::move(notice));
  };
  for (const auto& [id, open] : snapshot->open) {
    if (open.row.severity != "info") add(open.row, alerts::Tell::fired, open.value);
  }
  for (const storage::AlarmRow& ended : parts_.store.alerts().alarms(query)) {
    if (ended.ended >= query.from && ended.severity != "info") add(ended, alerts::Tell::ended, {});
  }
  return notices;
}

alerts::ServerSignals Alerting::server_signals() const {
  alerts::ServerSignals signals;
  signals.is_store_failing = parts_.is_store_failing();
  struct statvfs file_system{};
  if (settings_.database.empty()) return signals;
  const std::string folder = std::filesystem::path(settings_.database).parent_path().string();
  if (::statvfs(folder.empty() ? "." : folder.c_str(), &file_system) != 0) return signals;
  const auto block = static_cast<double>(file_system.f_frsize);
  signals.database_free_bytes = block * static_cast<double>(file_system.f_bavail);
  const double all = block * static_cast<double>(file_system.f_blocks);
  if (all > 0) signals.database_free_percent = signals.database_free_bytes / all * 100;
  return signals;
}

}  // namespace hostwatch::server
