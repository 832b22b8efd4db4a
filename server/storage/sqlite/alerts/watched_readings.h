#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "protocol/received_reading.h"
#include "server/storage/alert_store.h"
#include "server/storage/sqlite/host.h"

namespace hostwatch::storage::sqlite {

/// Shows the new readings of each transaction to the AppendWatcher, if there is one, host by host; and tells
/// it how the transaction ended. For the writing thread.
class WatchedReadings {
 public:
  /// Null: nobody watches.
  void watch(AppendWatcher* watcher) { watcher_ = watcher; }

  /// A transaction begins.
  void begin() {
    noted_.clear();
    disordered_.clear();
    is_shown_ = false;
  }

  /// A reading is new. `host`: its place among the hosts that the transaction touches. `is_latest`: it is
  /// later than all of the host that were noted. The reading must last until the transaction ends.
  void note(std::size_t host, const protocol::ReceivedReading& reading, bool is_latest) {
    if (watcher_ == nullptr) return;
    noted_.push_back({host, &reading});
    if (!is_latest) disordered_.push_back(host);
  }

  /// Shows what was noted. `touched`: the hosts, as they are before the transaction, with what is staged.
  /// Returns what the watcher wants written; null: nothing. Throws what the watcher throws.
  const AlertChanges* show(const std::vector<Host*>& touched, std::int64_t now);

  /// The transaction is on disk and in memory; or not, or that is not known. Nothing is told of one that was
  /// not shown.
  void committed() noexcept;
  void rolled_back() noexcept;

  /// Everything was read anew from the database.
  void read_anew() noexcept {
    if (watcher_ != nullptr) watcher_->rolled_back();
  }

 private:
  struct Noted {
    std::size_t host;
    const protocol::ReceivedReading* reading;
  };
  using Readings = std::span<const protocol::ReceivedReading*>;
  Readings readings_of(std::size_t host);
  void order_by_host(std::size_t hosts);
  void order_by_time();

  AppendWatcher* watcher_ = nullptr;
  bool is_shown_ = false;
  // Their memory is used again for the next transaction.
  std::vector<Noted> noted_;                                ///< in order of arrival
  std::vector<std::size_t> disordered_;                     ///< hosts whose readings came out of order
  std::vector<const protocol::ReceivedReading*> readings_;  ///< by host
  std::vector<std::size_t> ends_;                           ///< of each host's in `readings_`
};

}  // namespace hostwatch::storage::sqlite
