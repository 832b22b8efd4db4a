// SqliteStore: numbers of series and layouts that nothing refers to any more are given back.
#include <spdlog/spdlog.h>

#include <algorithm>

#include "server/storage/sqlite/sqlite_store.h"

namespace hostwatch::storage::sqlite {
namespace {

constexpr std::size_t kHosts = 1000;  ///< of which what is in memory is looked at in one piece
constexpr std::size_t kNames = 500;   ///< given back in one transaction

/// Takes up to `most` numbers off the end.
std::vector<std::uint32_t> take_some(std::vector<std::uint32_t>& numbers, std::size_t most) {
  const auto count = static_cast<std::ptrdiff_t>(std::min(most, numbers.size()));
  std::vector<std::uint32_t> some(numbers.end() - count, numbers.end());
  numbers.erase(numbers.end() - count, numbers.end());
  return some;
}

}  // namespace

/// After hosts or their history were deleted; and once a day where there are so many names that it matters,
/// for what is older than history is kept; once an hour where hardly any are left.
bool SqliteStore::begin_giving_back(std::int64_t now) {
  const DictionaryLimits& limits = codec_.limits();
  const bool many = codec_.series.size() > limits.series / 2 || codec_.layouts.size() > limits.layouts / 2 ||
                    codec_.bytes() > limits.bytes / 2;
  const bool nearly_all = codec_.series.size() > limits.series - limits.series / 10 ||
                          codec_.layouts.size() > limits.layouts - limits.layouts / 10 ||
                          codec_.bytes() > limits.bytes - limits.bytes / 10;
  const bool is_time = now - last_gave_back_ >= (nearly_all ? kHour : kDay) || now < last_gave_back_;
  if (!names_were_left_ && !(many && is_time)) return false;
  // A search that has not all of the hosts must never begin: it would give back what the others use.
  GivingBack work(*writer_, codec_);
  for (const auto& [name, host] : hosts_) work.hosts.push_back(name);
  codec_.in_use.begin(codec_.series.last(), codec_.layouts.last());
  giving_back_.emplace(std::move(work));
  names_were_left_ = false;
  last_gave_back_ = now;
  return true;
}

/// One piece; true if there is more to do. What hosts have in memory comes first, so that from then on every
/// reading's layout is marked: those that came before are in the journal, or where they moved on to, and
/// ReferenceScan finds them.
bool SqliteStore::give_back_names(std::int64_t now) {
  if (!giving_back_) {
    codec_.drop_retired(now);
    return begin_giving_back(now);
  }
  try {
    return give_back_a_piece(*giving_back_, now);
  } catch (...) {
    // What the piece was to look at was not looked at, or layouts that it was to delete are still there: what
    // comes after it would take names from under them.
    codec_.in_use.end();
    giving_back_.reset();
    names_were_left_ = true;
    throw;
  }
}

bool SqliteStore::give_back_a_piece(GivingBack& work, std::int64_t now) {
  if (!work.hosts.empty()) {
    note_use_in_memory(work.hosts);
    return true;
  }
  if (!work.is_scanned) {
    bool more = true;
    in_transaction(Sync::later, [&] { more = work.scan.next(); });
    if (!more) end_scan(work);
    return true;
  }
  if (!work.layouts.empty() || !work.series.empty()) {
    give_back_some(work, now);
    return true;
  }
  if (work.given_back != 0) {
    spdlog::info("{} names of series that no history has any more are free again, {} are in use",
                 work.given_back, codec_.series.size());
    last_counted_young_ = INT64_MIN / 2;
  }
  if (!names_were_left_) {
    in_transaction(Sync::later, [&] { statement("UPDATE state SET names_left = 0").exec(); });
  }
  codec_.in_use.end();
  giving_back_.reset();
  return false;
}

void SqliteStore::note_use_in_memory(std::vector<std::string>& hosts) {
  for (std::size_t i = 0; i < kHosts && !hosts.empty(); ++i) {
    const auto found = hosts_.find(hosts.back());
    hosts.pop_back();
    if (found == hosts_.end()) continue;
    // Readings that are like the one before mark nothing: what they use is marked here.
    codec_.in_use.use_layout(found->second->series.layout());
  }
}

/// Everything has been looked at: what is left over?
void SqliteStore::end_scan(GivingBack& work) {
  work.is_scanned = true;
  codec_.note_series_of_layouts();
  const NamesInUse& in_use = codec_.in_use;
  work.layouts = codec_.layouts.select([&](std::uint32_t one) { return !in_use.is_layout_used(one); });
  work.series = codec_.series.select(
      [&](std::uint32_t one) { return one > kDiskSeries && !in_use.is_series_used(one); });
}

/// Layouts first: none may name a series that is gone. What readings have used meanwhile stays.
void SqliteStore::give_back_some(GivingBack& work, std::int64_t now) {
  std::vector<std::uint32_t> layouts = take_some(work.layouts, kNames);
  std::vector<std::uint32_t> series;
  if (layouts.empty()) series = take_some(work.series, kNames);
  std::erase_if(layouts, [&](std::uint32_t one) { return codec_.in_use.is_layout_used(one); });
  std::erase_if(series, [&](std::uint32_t one) { return codec_.in_use.is_series_used(one); });
  if (layouts.empty() && series.empty()) return;
  in_transaction(Sync::later, [&] {
    // The numbers are in no row any more: what they were is remembered, or a start would give them again.
    SQLite::Statement& last = statement("UPDATE state SET last_series = ?, last_layout = ?");
    last.bind(1, codec_.series.last());
    last.bind(2, codec_.layouts.last());
    last.exec();
    delete_numbers(statement("DELETE FROM layout WHERE id = ?"), layouts);
    delete_numbers(statement("DELETE FROM series WHERE id = ?"), series);
  });
  work.given_back += series.size();
  after_commit([&] { codec_.retire(series, layouts, now); });
}

void SqliteStore::delete_numbers(SQLite::Statement& remove, const std::vector<std::uint32_t>& numbers) {
  for (const std::uint32_t number : numbers) {
    remove.bind(1, number);
    remove.exec();
    remove.reset();
  }
}

}  // namespace hostwatch::storage::sqlite
