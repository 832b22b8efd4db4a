#pragma once

#include <SQLiteCpp/SQLiteCpp.h>

#include <atomic>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <shared_mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "server/storage/reading_codec.h"
#include "server/storage/sqlite/database.h"
#include "server/storage/store.h"

namespace hostwatch::storage::sqlite {

struct SqliteOptions {
  std::string path;
  std::int64_t retention_seconds = 7 * 86400;
  std::size_t max_hosts = 20000;           ///< see Store::admits()
  std::size_t file_after_readings = 5000;  ///< filing starts when so many are pending
  std::int64_t file_after_seconds = 30;    ///< or when it last ended so long ago
  /// Memory of the readings that are not filed yet; from here on filing goes before ingest.
  std::size_t max_pending_bytes = 64UL * 1024 * 1024;
};

/// The store in one SQLite file. A transaction of readings is one row of the journal, written in order of
/// arrival, and a copy in memory (the pending readings); later, in small transactions, maintain() files them
/// in the table `reading`, keyed by host and time, and drops the journal's rows. At start the journal is read
/// back. Both places hold a reading for a moment; readers look at memory first and then at the table, so they
/// never miss one.
class SqliteStore final : public Store {
 public:
  /// Opens or creates the database. Throws StoreError.
  explicit SqliteStore(SqliteOptions options);
  ~SqliteStore() override;

  std::vector<AppendResult> append(std::span<const std::span<const protocol::Reading>> requests,
                                   std::int64_t now) override;
  bool forget_host(std::string_view hostname) override;
  bool clean_host(std::string_view hostname, std::int64_t now) override;
  bool maintain(std::int64_t now) override;
  void probe() override;
  std::vector<HostState> hosts() const override;
  std::vector<std::string> host_names() const override;
  std::int64_t earliest_kept(std::int64_t now) const override { return now - options_.retention_seconds; }
  std::uint64_t count(std::string_view hostname, std::int64_t from, std::int64_t to,
                      std::uint64_t limit) const override;
  void read(const ReadRequest& request, const ReadingVisitor& visit) const override;
  SeriesName series_name(std::uint32_t series) const override;
  bool admits(std::string_view hostname) const override;
  StoreStatistics statistics() const override;

 private:
  using PackedByTime = std::map<std::int64_t, std::string>;

  /// A host in memory. `mutex_` guards all but `staged`, which is the writer's alone.
  struct Host {
    std::int64_t id = 0;
    std::string name;
    std::int64_t first_seen = 0;
    std::int64_t last_seen = INT64_MIN;  ///< greatest timestamp ever accepted, also of readings that are gone
    std::int64_t facts_time = INT64_MIN;    ///< timestamp of the reading that the facts came with
    std::int64_t newest = INT64_MIN;        ///< greatest timestamp accepted
    std::int64_t newest_filed = INT64_MIN;  ///< greatest timestamp in the table `reading`
    std::int64_t last_heard = 0;
    std::int64_t observed_interval = 0;
    std::uint64_t backfilled = 0;  ///< see HostState
    protocol::HostFacts facts;
    std::string latest;    ///< packed reading at `newest`; empty: none
    PackedByTime pending;  ///< durable in the journal, not yet filed
    PackedByTime staged;   ///< in the transaction under way
    const protocol::HostFacts* staged_facts = nullptr;
    bool is_new = false;  ///< created by the transaction under way
  };
  using Hosts = std::unordered_map<std::string, std::unique_ptr<Host>, TextHash, std::equal_to<>>;

  // what is in memory, read back from the database
  void load();
  void load_dictionaries();
  void load_hosts();
  void load_latest(Host& host);
  void replay_journal();

  // append(), in its order
  void stage(const protocol::Reading& reading, AppendResult& result, std::vector<Host*>& touched,
             std::int64_t now);
  Host* host_for(const protocol::Reading& reading, std::int64_t now);
  const std::string* find_stored(const Host& host, std::int64_t timestamp, std::string& from_table);
  void commit_staged(const std::vector<Host*>& touched, std::size_t series_before,
                     std::size_t layouts_before);
  void insert_new_names(const std::vector<Host*>& touched, std::size_t series_before,
                        std::size_t layouts_before);
  void publish(const std::vector<Host*>& touched, std::int64_t now);
  void unstage(const std::vector<Host*>& touched, std::size_t series_before, std::size_t layouts_before);

  // maintain(), in its order
  bool file_pending(std::int64_t now);
  bool delete_expired(std::int64_t now);
  bool delete_forgotten();

  static std::size_t memory_of(const std::string& packed);
  void count_pending(const PackedByTime& readings);
  void uncount_pending(PackedByTime::const_iterator begin, PackedByTime::const_iterator end);
  /// When a transaction must be on disk.
  enum class Sync : std::uint8_t {
    at_once,  ///< when it returns
    later     ///< with the next one that must: for work that the journal can do over again
  };
  void in_transaction(Sync sync, const std::function<void()>& work);
  SQLite::Statement& statement(const char* sql);
  void recover_if_broken();

  SqliteOptions options_;
  DatabaseLock lock_;
  std::unique_ptr<SQLite::Database> writer_;
  std::unordered_map<const char*, std::unique_ptr<SQLite::Statement>> statements_;
  mutable ReaderPool readers_;
  ReadingCodec codec_;

  mutable std::shared_mutex mutex_;
  Hosts hosts_;
  std::size_t pending_count_ = 0;
  std::size_t pending_bytes_ = 0;  ///< their memory

  // The writer's own
  std::int64_t next_sequence_ = 1;
  std::int64_t next_host_id_ = 1;
  Sync sync_ = Sync::at_once;  ///< what the connection is set to
  bool broken_ = false;        ///< the last transaction met an I/O error: recover before the next
  bool filing_ = false;
  std::int64_t filing_up_to_ = 0;  ///< last journal row of the filing under way
  std::vector<std::string> filing_hosts_;
  std::int64_t last_filed_ = 0;
  std::vector<std::string> expiring_hosts_;
  std::int64_t last_expired_ = 0;
  bool has_forgotten_ = true;  ///< there may be rows in forgotten_host
};

}  // namespace hostwatch::storage::sqlite
