#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "protocol/received_reading.h"
#include "server/storage/alert_rows.h"

namespace hostwatch::storage {

/// A host's readings in the transaction under way.
struct NewReadings {
  std::int64_t host = 0;  ///< its number: never another host's
  std::string_view name;
  bool is_new = false;                         ///< the host comes with this transaction
  std::int64_t newest = 0;                     ///< greatest timestamp stored before; INT64_MIN: none
  std::int64_t interval = 0;                   ///< seconds between readings; 0: not known
  const protocol::HostFacts* facts = nullptr;  ///< as they are with this transaction
  bool facts_changed = false;                  ///< with this transaction
  std::span<const protocol::ReceivedReading* const> readings;  ///< that are stored anew, ascending by time
};

/// Looks at readings before they are committed, and has its own rows written with them. Called by the writing
/// thread alone.
class AppendWatcher {
 public:
  virtual ~AppendWatcher() = default;

  /// Of each host that has new readings. May throw: then nothing is stored.
  virtual void see(const NewReadings& host, std::int64_t now) = 0;

  /// What is to be written in the same transaction; asked for once after all see() of a transaction.
  virtual const AlertChanges& changes() = 0;

  /// The transaction is on disk; or nothing of it is, or that is not known: what was written is to be read
  /// anew (alert_state()) before it is relied on. rolled_back() comes also when the database was opened again
  /// after an error. Neither throws.
  virtual void committed() noexcept = 0;
  virtual void rolled_back() noexcept = 0;
};

/// The part of a store that keeps alarms. Who may call what from which thread: as Store.
class AlertStore {
 public:
  virtual ~AlertStore() = default;

  /// From now on the watcher sees each transaction of readings; null: nobody does. It must outlive the store,
  /// or be taken away. For the writing thread, or before there is one.
  virtual void watch(AppendWatcher* watcher) = 0;

  /// Writes all, as one transaction, on disk when it returns. For the writing thread. Throws StoreError: then
  /// nothing was written. That is so also where the database had to be opened again: what was to be written
  /// may not go with what is there.
  virtual void write(const AlertChanges& changes) = 0;

  /// What was written; also while the watcher sees a transaction, whose own part is not there yet. Any
  /// thread. Throws StoreError.
  virtual AlertState alert_state() const = 0;
  /// Newest (by `fired`) first; open ones before all others.
  virtual std::vector<AlarmRow> alarms(const AlarmQuery& query) const = 0;
  virtual std::optional<AlarmStory> alarm(std::int64_t id) const = 0;
  /// What channels were told of these alarms; by alarm and channel.
  virtual std::vector<AlarmToldRow> told_of(std::span<const std::int64_t> alarms) const = 0;
  /// Messages that were given up, newest first; at most `limit`.
  virtual std::vector<DeliveryRow> dead_letters(std::int64_t limit) const = 0;
  /// The last messages of a channel (empty: of all), newest first.
  virtual std::vector<DeliveryRow> deliveries(std::string_view channel, std::int64_t limit) const = 0;
  /// Newest first.
  virtual std::vector<DeliveryRow> deliveries(const DeliveryQuery& query) const = 0;
};

}  // namespace hostwatch::storage
