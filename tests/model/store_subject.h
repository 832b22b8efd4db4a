#pragma once

#include <memory>
#include <string>

#include "server/storage/sqlite/sqlite_store.h"
#include "tests/model/subject.h"

namespace hostwatch::model {

/// The store and the queries on it, in this process: its clock is a number, and what it does of itself in the
/// server is done a piece at a time, so that a run is the same each time.
class StoreSubject final : public Subject {
 public:
  /// `tuning`: the store's inner thresholds. A database is made in `folder`.
  StoreSubject(std::string folder, std::int64_t now, const Options& options,
               storage::sqlite::SqliteOptions tuning);

  std::int64_t now() const override { return now_; }
  void advance(std::int64_t seconds) override { now_ += seconds, steady_ += seconds; }
  void set_clock_ahead(std::int64_t seconds) override { now_ += seconds; }
  std::int64_t leeway() const override { return 0; }
  std::int64_t earliest() const override { return 0; }
  bool goes_on_by_itself() const override { return false; }
  Sent send(const std::vector<protocol::Reading>& readings) override;
  bool forget(const std::string& host) override { return store_->delete_host(host); }
  bool clean(const std::string& host) override { return store_->delete_history(host, now_); }
  void maintain(int pieces) override;
  /// Killed: it goes on with a copy of the files as they lie there in the midst of the work.
  void restart(const Options& options, bool killed) override;
  std::vector<std::string> formats() const override { return {"columns"}; }
  query::History history(const query::HistoryRequest& request, const std::string& format) override;
  query::Fleet fleet(const query::FleetRequest& request) override;
  std::map<std::string, Listed> hosts() override;
  std::vector<std::string> check() override;
  std::map<std::string, Model::History> exported() override;
  std::uint64_t used_bytes() override { return store_->statistics().used_bytes; }

 private:
  void open(const Options& options);

  std::string folder_;
  std::int64_t now_;
  std::int64_t steady_ = 0;
  storage::sqlite::SqliteOptions options_;
  int generation_ = 0;
  std::unique_ptr<storage::sqlite::SqliteStore> store_;
};

}  // namespace hostwatch::model
