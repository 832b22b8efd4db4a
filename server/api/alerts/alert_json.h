#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "protocol/tag.h"
#include "server/alerts/engine/alert_snapshot.h"
#include "server/alerts/telling/silence.h"
#include "server/alerts/telling/teller.h"
#include "server/storage/alert_rows.h"
#include "server/storage/store.h"
#include "util/text/json_object.h"

namespace hostwatch::api {

/// Writes alarms as the interface tells them (docs/api.md), with what their rules say as they are now. For
/// one answer; not thread-safe. What it is made with must outlive it.
class AlarmWriter {
 public:
  AlarmWriter(const storage::Store& store, const alerts::AlertSnapshot& snapshot)
      : store_(store), snapshot_(snapshot) {}

  std::string open(const alerts::OpenAlarm& alarm);
  /// `told`: channels.
  std::string ended(const storage::AlarmRow& alarm, const std::vector<std::string>& told);

  /// With what happened to it, and why each channel was told or was not.
  std::string story(const storage::AlarmStory& story, std::span<const alerts::ChannelReason> why);

 private:
  util::JsonObjectWriter begin(const storage::AlarmRow& alarm, std::optional<double> value);
  util::JsonObjectWriter open_object(const alerts::OpenAlarm& alarm);
  util::JsonObjectWriter ended_object(const storage::AlarmRow& alarm, const std::vector<std::string>& told);
  const protocol::Tags& tags_of(const std::string& host);

  const storage::Store& store_;
  const alerts::AlertSnapshot& snapshot_;
  std::map<std::string, protocol::Tags> tags_;  ///< by host
};

/// {"critical": 1, "warning": 2, "info": 0}
std::string counts_json(const alerts::AlarmCounts& counts);

std::string pending_json(const alerts::PendingAlarm& pending, const alerts::AlertSnapshot& snapshot);

/// `is_active`: it holds now.
std::string silence_json(const alerts::Silence& silence, bool is_active);

/// A message with the alarms that it is about, without its texts.
std::string delivery_json(const storage::DeliveryRow& delivery);

/// A list of texts.
std::string texts_json(std::span<const std::string> texts);

}  // namespace hostwatch::api
