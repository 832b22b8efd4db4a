#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "server/storage/sqlite/sqlite_options.h"
#include "server/storage/store.h"

namespace hostwatch::storage::sqlite {

class SqliteAlertStore;
struct StoreParts;

/// The store in one SQLite file. A reading goes through three places, each time in a transaction that puts it
/// into the next and takes it out of the one before: the journal (a row a transaction, in order of arrival,
/// with a copy in memory, the pending readings), the tail (readings filed by host), the chunks (columns of
/// one host and period, with their roll-ups). append() fills the journal; maintain() does the rest, a small
/// piece at a time. At start the journal is read back. docs/storage.md tells more.
/// The work is done by StoreParts; this says what comes after what.
class SqliteStore final : public Store {
 public:
  /// Opens or creates the database. Throws StoreError.
  explicit SqliteStore(SqliteOptions options);
  ~SqliteStore() override;

  std::vector<AppendResult> append(std::span<const std::span<const protocol::ReceivedReading>> requests,
                                   std::int64_t now) override;
  bool delete_host(std::string_view hostname) override;
  bool delete_history(std::string_view hostname, std::int64_t now) override;
  bool maintain(std::int64_t now) override;
  void probe() override;
  void visit_hosts(const HostVisitor& visit) const override;
  void visit_values(const ValuesVisitor& visit) const override;
  std::vector<std::string> host_names() const override;
  std::vector<HostBrief> hosts_with(std::span<const protocol::Tag> tags) const override;
  protocol::HostFacts facts_of(std::string_view hostname) const override;
  std::int64_t earliest_kept(std::int64_t now) const override;
  std::int64_t earliest_history(std::int64_t now) const override;
  std::uint64_t count(std::string_view hostname, std::int64_t from, std::int64_t to,
                      std::uint64_t limit) const override;
  void read(const ReadRequest& request, const PartVisitor& visit) const override;
  SeriesName series_name(std::uint32_t series) const override;
  bool admits(std::string_view hostname) const override;
  bool admit(std::string_view hostname, HostComes how, std::int64_t now) override;
  bool keeps(std::string_view hostname, std::int64_t timestamp) const override;
  bool knows(std::string_view hostname) const override;
  std::size_t max_hosts() const override;
  StoreStatistics statistics() const override;
  AlertStore& alerts() override;
  const AlertStore& alerts() const override;

 private:
  std::unique_ptr<StoreParts> parts_;
  std::unique_ptr<SqliteAlertStore> alerts_;
  bool compaction_first_ = false;  ///< of two pieces of maintenance that take turns
};

}  // namespace hostwatch::storage::sqlite
