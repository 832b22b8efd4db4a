#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "server/alerts/engine/alert_engine.h"
#include "server/auth/credential_store.h"
#include "server/delivery/alert_channels.h"
#include "server/delivery/delivery_service.h"
#include "server/ingest/agent_registry.h"
#include "server/storage/store.h"

namespace hostwatch::server {

struct AlertingSettings {
  delivery::DeliverySettings delivery;
  std::vector<delivery::Channel> channels_of_file;
  std::string rules;     ///< a folder or a file of rules; empty: none
  std::string database;  ///< whose file system is watched; empty: none is
};

/// What alerting needs of the other parts. All must outlive it.
struct AlertingParts {
  storage::Store& store;
  auth::CredentialStore& credentials;
  ingest::AgentRegistry& agents;
  std::function<std::int64_t()> clock;  ///< Unix seconds; any thread
  std::function<bool()> is_store_failing;
};

/// The engine, the channels and the thread that brings messages to them, wired.
class Alerting {
 public:
  /// Reads the files of rules. Throws std::runtime_error with all their faults.
  Alerting(AlertingSettings settings, AlertingParts parts);
  ~Alerting();
  Alerting(const Alerting&) = delete;
  Alerting& operator=(const Alerting&) = delete;

  /// See AlertEngine::tick(). For the writing thread.
  void tick();

  /// From now on the store's readings are evaluated. Before the writing thread begins.
  void begin();
  /// No more messages are sent. After the writing thread has ended.
  void stop();

  alerts::AlertEngine& engine() { return *engine_; }
  delivery::AlertChannels& channels() { return channels_; }
  delivery::DeliveryService& deliveries() { return *deliveries_; }

  /// The files' rules as they are now; throws std::runtime_error with all faults. Any thread.
  std::vector<alerts::Rule> read_rules() const;
  bool has_rule_files() const { return !settings_.rules.empty(); }

 private:
  class Sender;
  void look_at_channels();
  bool is_healthy() const;
  std::vector<delivery::AlarmNotice> state() const;
  alerts::ServerSignals server_signals() const;

  AlertingSettings settings_;
  AlertingParts parts_;
  delivery::AlertChannels channels_;
  std::shared_ptr<const std::vector<delivery::Channel>> known_channels_;
  std::unique_ptr<Sender> sender_;
  std::unique_ptr<alerts::AlertEngine> engine_;
  std::unique_ptr<delivery::DeliveryService> deliveries_;
  std::uint64_t posted_transitions_ =
      0;                                 ///< since the start, when channels that are told the state last were
  std::atomic<std::int64_t> ticked_{0};  ///< Unix seconds of the last tick that went well
};

}  // namespace hostwatch::server
