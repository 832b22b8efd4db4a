#include "server/storage/sqlite/upkeep/size_limit.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <utility>

namespace hostwatch::storage::sqlite {
namespace {

constexpr int kGivingSteps = 500;           ///< in one transaction
constexpr std::uint64_t kBeyondShare = 50;  ///< so much of the limit is given beyond what is too much
constexpr std::int64_t kLookEverySeconds = 30;
/// The tail of a host of which it is more than this part is compacted for space, so that what is written
/// anew for it is a few times as much at most.
constexpr std::uint64_t kLooseShare = 8;

/// What a host gives, step by step: of each level what is older than so many seconds. What is finest goes
/// first, but the last day of readings only after a long past of minutes; hours, which take least and tell of
/// years, go last.
struct GivingStep {
  Level level;
  std::int64_t spared;
};
constexpr std::array<GivingStep, 7> kGivingOrder{{{Level::raw, kDay},
                                                  {Level::minute, 30 * kDay},
                                                  {Level::raw, kHour},
                                                  {Level::minute, kDay},
                                                  {Level::raw, 5 * kMinute},
                                                  {Level::minute, 0},
                                                  {Level::hour, 0}}};

}  // namespace

bool SizeLimit::is_exceeded(std::int64_t now) {
  if (most_ == 0) return false;
  if (now - last_looked_ < kLookEverySeconds && now >= last_looked_) return false;
  last_looked_ = now;
  return file_size_.used_bytes() > most_;
}

void SizeLimit::begin_pass(std::int64_t now) {
  turns_.clear();
  file_size_.record(now);
  // It reads a row of each chunk, so only where it is needed.
  weighs_hosts_ = most_ != 0 && file_size_.used_bytes() > most_;
}

void SizeLimit::add(std::vector<GivingTurns::Weight> weights) {
  for (GivingTurns::Weight& weight : weights) turns_.add(std::move(weight));
}

void SizeLimit::end_pass() {
  is_to_check_ = true;
  begins_turns_ = true;
}

/// What of the file it holds besides its history: the names and lists of series that it has brought, its
/// latest reading, and its rows in `host` and `filed`.
std::uint64_t SizeLimit::lasting_of(const Host& host) const {
  constexpr std::size_t kOfSeries = 5;  // at most, in HostSeries::pack(), for all but the first
  return codec_.brought_by(host.id).bytes + (host.latest ? host.latest->size() : 0) +
         host.series.size() * kOfSeries + bytes_in_file(host.name.size()) +
         protocol::facts_json(host.facts).size();
}

/// All that it has: chunks, its tail, what is not filed yet, and what lasts.
GivingTurns::Weight SizeLimit::weigh(Host& host, std::int64_t now) {
  GivingTurns::Weight weight{host.name, 0, 0, host.is_young(now) || host.is_young(clock_.now()),
                             lasting_of(host)};
  for (const Level level : {Level::raw, Level::minute, Level::hour}) {
    weight.bytes += writer_.compactor().tables().bytes(level, host.id, 0, INT64_MAX);
  }
  if (host.uncompacted != 0) {
    for (const TailRow& row : bookkeeping_.tail_of(host))
      weight.loose += static_cast<std::uint64_t>(row.bytes);
  }
  weight.bytes += weight.loose;
  for (const auto& [timestamp, packed] : host.pending) weight.bytes += packed->size();
  return weight;
}

/// What of `used` is for history to make up for: names that are there beyond their part of the limit, from an
/// earlier version or a higher limit, are not. They go when nothing refers to them any more.
std::uint64_t SizeLimit::used_by_rule(std::uint64_t used) const {
  const std::uint64_t names = codec_.bytes();
  const std::uint64_t most = codec_.limits().bytes;
  return names > most ? used - std::min<std::uint64_t>(used, names - most) : used;
}

SizeLimit::Next SizeLimit::enforce(bool pass_has_deleted) {
  if (!is_to_check_) return Next::nothing;
  is_to_check_ = false;
  const std::uint64_t in_file = file_size_.used_bytes();
  const std::uint64_t used = used_by_rule(in_file);
  if (in_file <= most_) is_logged_ = false;
  if (most_ == 0 || in_file <= most_) return Next::nothing;
  if (used <= most_) {
    log_excess(in_file, "names of series that some history still has take too much of it");
    return Next::nothing;
  }
  const bool waits = has_given_ && !pass_has_deleted;  // for readings that are not in their chunks yet
  has_given_ = false;
  if (waits) return Next::nothing;
  if (!weighs_hosts_) return Next::pass;  // that does
  if (begins_turns_) turns_.begin(most_, used, codec_.layouts.brought_by(0).bytes);
  begins_turns_ = false;
  if (give_oldest(used - most_ + most_ / kBeyondShare)) return Next::pass;
  if (turns_.next() != nullptr) {
    is_to_check_ = true;  // others may have something
    return Next::more;
  }
  log_excess(in_file, "the hosts that are to give have nothing left that may go");
  return Next::nothing;
}

void SizeLimit::log_excess(std::uint64_t used, const char* why) {
  if (!is_logged_) {
    spdlog::warn("the database holds {} kB, more than --max-database-size, and {}", used / 1000, why);
  }
  is_logged_ = true;
}

/// Lets those whose turn it is give, again and again, until that is about as much as is wanted. Where a good
/// part of what a host holds is in its tail that is compacted before anything of it goes, and what it takes
/// there counts as given: how much it is in chunks shows then. False: none of those that were asked has
/// anything to give; they are not asked again.
bool SizeLimit::give_oldest(std::uint64_t wanted) {
  std::map<Host*, KeptFrom> given;
  std::vector<Host*> to_compact;
  std::uint64_t sum = 0;
  writer_.in_transaction(Writer::Sync::later, [&] {
    for (int i = 0; i < kGivingSteps && sum < wanted; ++i) {
      const GivingTurns::Weight* turn = turns_.next();
      if (turn == nullptr) break;
      Host* const found = hosts_.find(turn->host);
      if (found != nullptr && turn->loose > turn->bytes / kLooseShare) {
        to_compact.push_back(found);
        sum += turn->loose;
        turns_.drop();
        continue;
      }
      std::uint64_t bytes = 0;
      if (found != nullptr) {
        Host& host = *found;
        const auto known = given.find(&host);
        KeptFrom from = known != given.end() ? known->second : host.kept_from;
        bytes = give_some(host, from, turns_.share_of(wanted - sum));
        if (bytes != 0) given[&host] = from;
      }
      if (bytes == 0) {
        turns_.drop();
        continue;
      }
      sum += bytes;
      turns_.gave(bytes);
    }
    for (const auto& [host, from] : given) borders_.write(*host, from);
  });
  for (Host* host : to_compact) compaction_.compact_all(*host);
  has_given_ = !given.empty();
  const util::ExclusiveLock lock(hosts_.mutex());
  for (const auto& [host, from] : given) hosts_.set_kept_from(*host, from);
  return !given.empty() || !to_compact.empty();
}

/// The oldest of what is finest, up to the end of a chunk; of a time of which there is something finer
/// nothing coarser goes, or it could not be shown at each resolution. What is to come is never refused for
/// it: nothing goes that is later than now, whatever clock a reading was stamped by, and of the last day
/// nothing that is later than what has come. Returns about how many bytes that are; 0: nothing may go.
std::uint64_t SizeLimit::give_some(const Host& host, KeptFrom& from, std::uint64_t wanted) {
  const std::array<std::int64_t*, 3> bounds{&from.reading, &from.minute, &from.hour};
  ChunkTables& tables = writer_.compactor().tables();
  std::array<std::optional<ChunkTables::Span>, 3> first;
  std::array<std::int64_t, 3> finer{};  // where what is finer than the level begins
  std::int64_t begin = INT64_MAX;
  for (std::size_t i = 0; i < first.size(); ++i) {
    first.at(i) = tables.first_after(static_cast<Level>(i), host.id, *bounds.at(i));
    finer.at(i) = begin;
    if (first.at(i)) begin = std::min(begin, std::max(first.at(i)->begin, *bounds.at(i)));
  }
  for (const GivingStep& step : kGivingOrder) {
    const auto index = static_cast<std::size_t>(step.level);
    if (!first.at(index)) continue;
    const ChunkTables::Span chunk = *first.at(index);
    const Leaf leaf = tables.find_leaf(step.level, host.id, std::max(chunk.begin, *bounds.at(index)));
    const ChunkTables::Span rows = tables.filled(leaf);
    const std::int64_t start = std::max(rows.begin, *bounds.at(index));
    const std::int64_t end = std::min(rows.end, clock_.now() + 1);
    if (start >= end) continue;  // it is all given, and not deleted yet
    const std::int64_t latest = std::min(finer.at(index), clock_.now() - step.spared);
    const std::int64_t unit = step.level == Level::raw && leaf.rolled ? kMinute : kHour;  // as it is cut
    const auto bytes = static_cast<double>(tables.bytes(step.level, host.id, chunk.begin, chunk.begin + 1));
    const double bytes_a_second = std::max(bytes / static_cast<double>(end - rows.begin), 1e-6);
    const double seconds = std::min(static_cast<double>(wanted) / bytes_a_second, 1e9);
    std::int64_t next = (start + static_cast<std::int64_t>(seconds) + unit) / unit * unit;
    const auto following = tables.first_after(step.level, host.id, leaf.end());
    const bool is_over = end < clock_.now() - kDay || (following && following->begin <= clock_.now());
    next = std::min({next, is_over ? end + unit - 1 : end, latest});
    next -= next % unit;
    if (next <= start) continue;
    // No more is made of what goes than it takes: where readings are rarer than that, hours follow them.
    const auto& minutes = first.at(static_cast<std::size_t>(Level::minute));
    if (step.level == Level::raw && !leaf.rolled && (!minutes || minutes->begin >= next) &&
        !writer_.compactor().are_minutes_smaller(leaf)) {
      from.minute = std::max(from.minute, next);
    }
    // What is finer has nothing there, and must not get anything again.
    for (std::size_t i = 0; i <= index; ++i) *bounds.at(i) = std::max(*bounds.at(i), next);
    const double gone = bytes_a_second * static_cast<double>(std::min(next, end) - start);
    return static_cast<std::uint64_t>(gone) + 1;
  }
  return 0;
}

}  // namespace hostwatch::storage::sqlite
