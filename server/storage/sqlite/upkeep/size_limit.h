#pragma once

#include <cstdint>
#include <vector>

#include "server/storage/packed/giving_turns.h"
#include "server/storage/packed/reading_codec.h"
#include "server/storage/sqlite/host_table.h"
#include "server/storage/sqlite/upkeep/bookkeeping.h"
#include "server/storage/sqlite/upkeep/borders.h"
#include "server/storage/sqlite/upkeep/compaction.h"
#include "server/storage/sqlite/upkeep/file_size.h"
#include "server/storage/sqlite/upkeep/upkeep_clock.h"
#include "server/storage/sqlite/writer.h"

namespace hostwatch::storage::sqlite {

/// What the database may hold: beyond it the hosts that hold most give their oldest, bit by bit. The pass of
/// retention weighs them, and deletes what they have given. For the writing thread.
class SizeLimit {
 public:
  /// `most`: bytes; 0: no limit.
  SizeLimit(Writer& writer, ReadingCodec& codec, HostTable& hosts, Bookkeeping& bookkeeping, Borders& borders,
            Compaction& compaction, FileSize& file_size, const UpkeepClock& clock, std::uint64_t most)
      : writer_(writer),
        codec_(codec),
        hosts_(hosts),
        bookkeeping_(bookkeeping),
        borders_(borders),
        compaction_(compaction),
        file_size_(file_size),
        clock_(clock),
        most_(most) {}

  /// Looks now and then: where the database grows fast, the next pass of retention would come too late.
  bool is_exceeded(std::int64_t now);

  /// What the pass of retention tells: it begins; whether it is to weigh the hosts, as too much is stored;
  /// what they weigh; it has come to its end.
  void begin_pass(std::int64_t now);
  bool weighs_hosts() const { return weighs_hosts_; }
  GivingTurns::Weight weigh(Host& host, std::int64_t now);
  void add(std::vector<GivingTurns::Weight> weights);
  void end_pass();

  /// What is to come next.
  enum class Next : std::uint8_t {
    nothing,
    more,  ///< another piece of it
    pass   ///< a pass of retention at once
  };
  /// If a pass has ended since, and too much is stored: lets hosts give until it is enough, and a little
  /// more, so that it is not to be done again in five minutes. `pass_has_deleted`: that pass, anything.
  Next enforce(bool pass_has_deleted);

 private:
  std::uint64_t lasting_of(const Host& host) const;
  std::uint64_t used_by_rule(std::uint64_t used) const;
  void log_excess(std::uint64_t used, const char* why);
  bool give_oldest(std::uint64_t wanted);
  std::uint64_t give_some(const Host& host, KeptFrom& from, std::uint64_t wanted);

  Writer& writer_;
  ReadingCodec& codec_;
  HostTable& hosts_;
  Bookkeeping& bookkeeping_;
  Borders& borders_;
  Compaction& compaction_;
  FileSize& file_size_;
  const UpkeepClock& clock_;
  const std::uint64_t most_;
  GivingTurns turns_;          ///< of the hosts as the pass found them
  bool weighs_hosts_ = false;  ///< the pass under way, or the last one: too much was stored
  bool is_to_check_ = false;
  bool begins_turns_ = false;  ///< the hosts were weighed anew
  bool has_given_ = false;     ///< the pass after it is to delete what hosts gave
  bool is_logged_ = false;     ///< that it is exceeded and nothing can be done
  std::int64_t last_looked_ = 0;
};

}  // namespace hostwatch::storage::sqlite
