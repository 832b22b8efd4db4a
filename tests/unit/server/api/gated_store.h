#pragma once

#include <condition_variable>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "server/storage/store.h"

namespace hostwatch::api::test {

/// Another store, whose histories of the host "slow" are read only once the gate is open.
class GatedStore final : public storage::Store {
 public:
  explicit GatedStore(storage::Store& store) : store_(store) {}
  ~GatedStore() override { open(); }

  void open() {
    const std::lock_guard lock(mutex_);
    is_open_ = true;
    changed_.notify_all();
  }
  /// Histories of "slow" that somebody has begun to read.
  int begun() const {
    const std::lock_guard lock(mutex_);
    return begun_;
  }
  /// Those of them that were read to their end.
  int finished() const {
    const std::lock_guard lock(mutex_);
    return finished_;
  }

  void read(const storage::ReadRequest& request, const storage::PartVisitor& visit) const override {
    if (request.hostname == "slow") {
      std::unique_lock lock(mutex_);
      ++begun_;
      changed_.wait(lock, [this] { return is_open_; });
    }
    store_.read(request, visit);
    if (request.hostname != "slow") return;
    const std::lock_guard lock(mutex_);
    ++finished_;
  }

  std::vector<storage::AppendResult> append(
      std::span<const std::span<const protocol::ReceivedReading>> requests, std::int64_t now) override {
    return store_.append(requests, now);
  }
  bool delete_host(std::string_view name) override { return store_.delete_host(name); }
  bool delete_history(std::string_view name, std::int64_t now) override {
    return store_.delete_history(name, now);
  }
  bool maintain(std::int64_t now) override { return store_.maintain(now); }
  void probe() override { store_.probe(); }
  void visit_hosts(const storage::HostVisitor& visit) const override { store_.visit_hosts(visit); }
  void visit_values(const storage::ValuesVisitor& visit) const override { store_.visit_values(visit); }
  std::vector<std::string> host_names() const override { return store_.host_names(); }
  std::vector<storage::HostBrief> hosts_with(std::span<const protocol::Tag> tags) const override {
    return store_.hosts_with(tags);
  }
  protocol::HostFacts facts_of(std::string_view hostname) const override { return store_.facts_of(hostname); }
  std::int64_t earliest_kept(std::int64_t now) const override { return store_.earliest_kept(now); }
  std::int64_t earliest_history(std::int64_t now) const override { return store_.earliest_history(now); }
  std::uint64_t count(std::string_view name, std::int64_t from, std::int64_t to,
                      std::uint64_t limit) const override {
    return store_.count(name, from, to, limit);
  }
  storage::SeriesName series_name(std::uint32_t series) const override { return store_.series_name(series); }
  bool admits(std::string_view name) const override { return store_.admits(name); }
  bool keeps(std::string_view name, std::int64_t timestamp) const override {
    return store_.keeps(name, timestamp);
  }
  bool admit(std::string_view name, storage::HostComes how, std::int64_t now) override {
    return store_.admit(name, how, now);
  }
  bool knows(std::string_view name) const override { return store_.knows(name); }
  std::size_t max_hosts() const override { return store_.max_hosts(); }
  storage::StoreStatistics statistics() const override { return store_.statistics(); }
  storage::AlertStore& alerts() override { return store_.alerts(); }
  const storage::AlertStore& alerts() const override { return store_.alerts(); }

 private:
  storage::Store& store_;
  mutable std::mutex mutex_;
  mutable std::condition_variable changed_;
  bool is_open_ = false;
  mutable int begun_ = 0;
  mutable int finished_ = 0;
};

}  // namespace hostwatch::api::test
