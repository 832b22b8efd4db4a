#pragma once

#include <SQLiteCpp/SQLiteCpp.h>
#include <sys/types.h>

#include <atomic>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <shared_mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "server/storage/packed/giving_turns.h"
#include "server/storage/packed/host_places.h"
#include "server/storage/packed/host_series.h"
#include "server/storage/packed/reading_codec.h"
#include "server/storage/settled_clock.h"
#include "server/storage/sqlite/compactor.h"
#include "server/storage/sqlite/connection.h"
#include "server/storage/sqlite/database.h"
#include "server/storage/sqlite/filed_readings.h"
#include "server/storage/sqlite/history_reader.h"
#include "server/storage/sqlite/reference_scan.h"
#include "server/storage/sqlite/tail.h"
#include "server/storage/store.h"

namespace hostwatch::storage::sqlite {

/// Of std::chrono::steady_clock.
std::int64_t steady_clock_seconds();

struct SqliteOptions {
  std::string path;
  Retention retention;
  /// What the database may hold: beyond it the hosts that hold most lose their oldest, readings before
  /// roll-ups. 0: as much as comes.
  std::uint64_t max_database_bytes = 0;
  std::size_t max_hosts = 20000;  ///< see Store::admits()
  DictionaryLimits names;         ///< how many series and layouts there can be
  /// For readings that the operator imports: the names of a host are reckoned by the days of its readings,
  /// and not bounded by the hour.
  bool trusts_readings = false;
  std::size_t file_after_readings = 5000;  ///< filing starts when so many are pending
  std::size_t file_at_once = 20000;        ///< readings a transaction of filing
  std::int64_t file_after_seconds = 30;    ///< or when it last ended so long ago
  /// Memory of the readings that are not filed yet; from here on filing goes before ingest.
  std::size_t max_pending_bytes = 64UL * 1024 * 1024;
  /// Compaction of a host starts when so many of its readings are filed; while there is other work, and the
  /// chunk that they go to is large, when they are a fourth of its rows or so many.
  std::int64_t compact_after_readings = 256;
  std::int64_t most_uncompacted = 8192;
  /// Seconds of a clock that nobody sets, from any beginning: see SettledClock.
  std::function<std::int64_t()> steady_seconds = steady_clock_seconds;
};

/// The store in one SQLite file. A reading goes through three places, each time in a transaction that puts it
/// into the next and takes it out of the one before: the journal (a row a transaction, in order of arrival,
/// with a copy in memory, the pending readings), the tail (readings filed by host), the chunks (columns of
/// one host and period, with their roll-ups). append() fills the journal; maintain() does the rest, a small
/// piece at a time. At start the journal is read back. docs/storage.md tells more.
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
  void visit_hosts(const HostVisitor& visit) const override;
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
  std::size_t max_hosts() const override { return options_.max_hosts; }
  StoreStatistics statistics() const override;

 private:
  using PackedByTime = std::map<std::int64_t, SharedPacked>;

  /// Where a host's history begins that has lost some; 0: it has not. What is older goes, or has gone.
  struct KeptFrom {
    std::int64_t reading = 0;  ///< older ones are not taken any more: what they would be in is gone
    std::int64_t minute = 0;
    std::int64_t hour = 0;
  };

  /// A host in memory. `mutex_` guards all but `staged`, which is the writer's alone.
  struct Host {
    std::int64_t id = 0;
    std::string name;
    std::int64_t first_seen = 0;
    std::int64_t known_since = 0;        ///< the server's clock; 0: long ago, or imported
    std::int64_t last_seen = INT64_MIN;  ///< greatest timestamp ever accepted, also of readings that are gone
    std::int64_t facts_time = INT64_MIN;    ///< timestamp of the reading that the facts came with
    std::int64_t newest = INT64_MIN;        ///< greatest timestamp accepted
    std::int64_t newest_filed = INT64_MIN;  ///< greatest timestamp in the tail and the chunks
    std::int64_t last_heard = 0;
    std::int64_t observed_interval = 0;
    std::uint64_t backfilled = 0;  ///< see HostState
    protocol::HostFacts facts;
    /// Less than a day by the server's clock: what readings say of the time makes no host older.
    bool is_young(std::int64_t now) const { return now >= known_since && now - known_since < kDay; }
    /// The agent's own, else observed; 0: not known.
    std::int64_t interval() const {
      return facts.interval_seconds != 0 ? facts.interval_seconds : observed_interval;
    }
    SharedPacked latest;  ///< reading at `newest`; null: none
    KeptFrom kept_from;
    PackedByTime pending;  ///< durable in the journal, not yet filed
    PackedByTime staged;   ///< in the transaction under way
    const protocol::HostFacts* staged_facts = nullptr;
    bool is_new = false;  ///< created by the transaction under way

    // The writer's alone, too
    HostSeries series;
    std::vector<TailRow> filed_rows;  ///< in the transaction of filing under way
    bool awaits_compaction = false;   ///< it is in to_compact_
    bool may_be_compacted = false;    ///< it is in to_compact_when_idle_
    bool told_of_refusals = false;
    std::vector<TailRow> tail;        ///< if tail_known
    bool tail_known = true;           ///< false after a start, until it is needed
    std::int64_t next_tail = 0;       ///< number of its next row
    std::int64_t uncompacted = 0;     ///< readings in the tail
    std::int64_t compact_before = 0;  ///< readings of the tail that are older wait for no more to come
    bool compacts_all = false;        ///< nothing of its tail waits, until it is empty
    bool is_compared = true;          ///< its newest reading, with its chunks: see compare_newest()
    std::int64_t put_off_until = 0;   ///< steady seconds: until then nothing of it is compacted
    std::int64_t put_off_for = 0;     ///< seconds; 0: the last piece of its upkeep went well
    std::int64_t chunk_rows = 0;      ///< of the chunk that was last compacted into
    std::int64_t leaf_period = kDay;  ///< its length
  };
  using Hosts = std::unordered_map<std::string, std::unique_ptr<Host>, TextHash, std::equal_to<>>;

  std::optional<HostState> state_of(const std::string& hostname) const;

  struct Snapshot {
    ReaderPool::Lease reader;
    std::int64_t host = 0;
    std::vector<LooseReading> pending;
  };

  // what is in memory, read back from the database
  void open();
  void load();
  void load_hosts();
  std::unordered_map<std::int64_t, Host*> hosts_by_id() const;
  void load_filed();
  void load_series(Host& host, std::string_view packed);
  void load_latest(Host& host, std::string_view packed);
  void load_kept_from();
  void load_state();
  void load_damaged();
  // what is noted of a host's rows, and the rows
  void compare_with_rows(Host& host, bool is_filed);
  bool compare_with_chunks(std::int64_t now);
  void compare_newest(Host& host, std::int64_t now);
  void compare_with_tail(Host& host);
  void remake_filed(Host& host);
  void contradicts(const Host& host, const std::string& what);
  bool mend_bookkeeping();
  void mend_journal();
  std::vector<TailRow> mend_tail(Host& host);
  void write_bookkeeping(const Host& host, const std::vector<TailRow>& tail);
  void put_off(Host& host, const std::string& why);
  void end_putting_off(Host& host);
  bool is_put_off(const Host& host) const { return settled_steady_ < host.put_off_until; }
  void replay_journal();
  void replay_reading(Host& host, std::int64_t timestamp, std::string_view packed, bool may_be_filed);

  // append(), in its order
  void stage(const protocol::Reading& reading, AppendResult& result, std::vector<Host*>& touched,
             std::int64_t now);
  Host* host_for(const protocol::Reading& reading, std::int64_t now);
  std::string encode(const protocol::Reading& reading, Host& host, std::int64_t now);
  Stored find_stored(Host& host, std::int64_t timestamp, const std::string& packed);
  /// The last numbers of series and layouts that were given before a transaction, and how many names hosts
  /// had brought that are new.
  struct NamesBefore {
    std::uint32_t series;
    std::uint32_t layout;
    Brought by_new_hosts;
  };
  void commit_staged(const std::vector<Host*>& touched, NamesBefore before);
  void insert_new_names(NamesBefore before);
  void upsert_hosts(const std::vector<Host*>& touched);
  void publish(const std::vector<Host*>& touched, std::int64_t now);
  void unstage(const std::vector<Host*>& touched, NamesBefore before);
  void shrink_dictionaries(NamesBefore before);
  void count_young_hosts(std::int64_t now);

  void write_forgotten(std::int64_t host);

  // maintain(), in its order
  bool bring_log_home();
  bool file_pending(std::int64_t now);
  bool begin_filing(std::int64_t now);
  std::size_t file_host(Host& host, std::size_t most, PackedByTime::iterator& end);
  void write_filed(const Host& host, PackedByTime::const_iterator newest, std::int64_t count,
                   std::int64_t next_tail);
  void publish_filed(const std::vector<std::pair<Host*, PackedByTime::iterator>>& filed);
  bool compact();
  void compact(Host& host);
  bool compact_when_idle();
  void settle_clock(std::int64_t now);
  void mend_borders();
  bool delete_forgotten();
  bool delete_expired(std::int64_t now);
  void expire_some(std::int64_t now);
  bool expire_host(Host& host, std::vector<std::pair<Host*, KeptFrom>>& lost);
  std::int64_t oldest_loose(Host& host);
  void write_kept_from(const Host& host, const KeptFrom& from);
  void keep_from(Host& host, const KeptFrom& from);
  void note_reach(Host& host);
  void compact_old_tail(Host& host, std::int64_t now);
  void try_again(Host& host);
  bool compact_before(Host& host, std::int64_t time);
  void publish_reach();
  bool mend_roll_ups();
  GivingTurns::Weight weight_of(Host& host, std::int64_t now);
  std::uint64_t lasting_of(const Host& host) const;
  std::uint64_t used_by_rule(std::uint64_t used) const;
  bool save_space();
  void tell_of_size(std::uint64_t used, const char* why);
  bool is_over_size(std::int64_t now);
  bool give_oldest(std::uint64_t wanted);
  void compact_for_space(Host& host);
  std::uint64_t give_some(const Host& host, KeptFrom& from, std::uint64_t wanted);
  bool give_back_space();
  struct GivingBack;
  bool begin_giving_back(std::int64_t now);
  bool give_back_names(std::int64_t now);
  bool give_back_a_piece(GivingBack& work, std::int64_t now);
  void note_use_in_memory(std::vector<std::string>& hosts);
  void end_scan(GivingBack& work);
  void give_back_some(GivingBack& work, std::int64_t now);
  static void delete_numbers(SQLite::Statement& remove, const std::vector<std::uint32_t>& numbers);
  void record_size(std::int64_t now);
  std::uint64_t used_bytes();
  std::int64_t number_of(const char* sql);
  const std::vector<TailRow>& tail_of(Host& host);
  void note_compaction(Host& host, const CompactionPiece& piece);
  void want_compaction(Host& host);
  void queue_compaction(Host& host);

  Snapshot snapshot(const std::string& hostname, std::int64_t from, std::int64_t to) const;
  bool note_damage(Level level, std::int64_t id) const;
  void report_damage(Level level, std::int64_t id, const std::string& what) const;

  static std::size_t memory_of(const std::string& packed);
  void count_pending(const PackedByTime& readings);
  void uncount_pending(PackedByTime::const_iterator begin, PackedByTime::const_iterator end);
  /// When a transaction must be on disk.
  enum class Sync : std::uint8_t {
    at_once,  ///< when it returns
    later     ///< with the next one that must: for work that the journal can do over again
  };
  void in_transaction(Sync sync, const std::function<void()>& work);
  void roll_back();
  /// Brings memory up to what is in the file by now. Where memory is wanting for that, what is known is not
  /// what is stored: it is read anew before anything else is written.
  template <typename Work>
  void after_commit(const Work& work) {
    try {
      work();
    } catch (...) {
      broken_ = true;
      throw;
    }
  }
  SQLite::Statement& statement(const char* sql) { return writer_->statement(sql); }
  void recover_if_broken();
  void look_for_file();
  void look_for_file_now_and_then(std::int64_t now);

  SqliteOptions options_;
  DatabaseLock lock_;
  ReadingCodec codec_;
  std::unique_ptr<Connection> writer_;
  std::unique_ptr<FiledReadings> filed_readings_;
  std::unique_ptr<Compactor> compactor_;
  mutable ReaderPool readers_;
  HostPlaces places_;

  mutable std::shared_mutex mutex_;
  Hosts hosts_;
  std::size_t young_hosts_ = 0;  ///< as count_young_hosts() last found, and those that came since
  std::size_t pending_count_ = 0;
  std::size_t pending_bytes_ = 0;  ///< their memory
  std::int64_t filings_ = 0;       ///< as in the table `state`: what readers compare
  StoreStatistics measured_;       ///< what maintain() found; of the rest of it nothing is used
  std::atomic<std::int64_t> earliest_reading_{0};  ///< older ones were deleted to save space, of all hosts
  std::atomic<std::int64_t> earliest_minute_{0};
  std::atomic<std::int64_t> earliest_hour_{0};
  std::atomic<std::int64_t> latest_kept_from_{0};  ///< of all hosts' readings
  std::atomic<std::uint64_t> refused_series_{0};
  mutable std::atomic<std::uint64_t> damaged_found_{0};
  mutable std::mutex damaged_mutex_;
  mutable std::set<std::pair<Level, std::int64_t>> damaged_;  ///< that were counted

  // The writer's own
  std::int64_t next_sequence_ = 1;
  std::int64_t next_host_id_ = 1;
  std::int64_t last_counted_young_ = INT64_MIN / 2;
  std::vector<std::string> uncompared_;  ///< hosts whose newest reading was not held against their chunks yet
  Sync sync_ = Sync::at_once;            ///< what the connection is set to
  std::optional<std::pair<dev_t, ino_t>> log_file_;  ///< device and inode of the write-ahead log
  std::int64_t looked_for_file_ = INT64_MIN / 2;
  bool broken_ = false;  ///< an I/O error, or memory is not what the file is: recover before the next
  int log_pages_ = 0;    ///< in the write-ahead log
  bool filing_ = false;
  std::int64_t filing_up_to_ = 0;  ///< last journal row of the filing under way, or of the last one
  std::vector<std::string> filing_hosts_;
  std::int64_t last_filed_ = 0;
  std::vector<std::int64_t> damaged_journal_;          ///< rows that cannot be read to their end
  std::map<std::string, std::string> contradictions_;  ///< by host: what is to be set anew, in words
  std::deque<std::string> to_compact_;
  std::deque<std::string> to_compact_when_idle_;
  std::vector<std::string> expiring_hosts_;
  std::int64_t last_expired_ = 0;
  SettledClock clock_;
  std::int64_t settled_ = 0;         ///< time, by it
  std::int64_t settled_steady_ = 0;  ///< the steady clock, then
  /// When borders that are later than now are looked for, by the steady clock; nothing: there are none.
  std::optional<std::int64_t> look_at_borders_at_;
  std::int64_t last_sized_ = 0;
  bool check_size_ = false;
  bool begins_turns_ = false;        ///< the hosts were weighed anew
  bool can_shrink_ = true;           ///< the file, as far as is known
  bool may_have_free_pages_ = true;  ///< more than when that was looked at last
  bool may_mend_ = true;             ///< there may be a row in roll_up_check
  bool told_of_size_ = false;
  std::int64_t last_weighed_ = 0;
  bool has_deleted_ = false;  ///< the pass of retention under way, or the last one
  bool has_given_ = false;    ///< the one after it is to delete what hosts gave
  bool compaction_first_ = false;
  struct Reach {  ///< where the levels begin
    std::int64_t reading = INT64_MAX;
    std::int64_t minute = INT64_MAX;
    std::int64_t hour = INT64_MAX;
  } reach_;
  bool measures_hosts_ = false;  ///< the pass of retention under way, or the last one: too much was stored
  GivingTurns turns_;            ///< of the hosts as it found them
  bool has_forgotten_ = true;    ///< there may be rows in forgotten_host
  struct GivingBack {            ///< names that nothing refers to: the search for them that is under way
    GivingBack(Connection& connection, ReadingCodec& codec) : scan(connection, codec) {}
    std::vector<std::string> hosts;  ///< that are still to be looked at in memory
    ReferenceScan scan;
    bool is_scanned = false;
    std::vector<std::uint32_t> layouts;  ///< still to be given back
    std::vector<std::uint32_t> series;
    std::size_t given_back = 0;
  };
  std::optional<GivingBack> giving_back_;
  bool names_were_left_ = false;  ///< history was deleted since the last search began
  std::int64_t last_gave_back_ = INT64_MIN / 2;
};

}  // namespace hostwatch::storage::sqlite
