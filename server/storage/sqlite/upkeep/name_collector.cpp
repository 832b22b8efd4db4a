#include "server/storage/sqlite/upkeep/name_collector.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <cstddef>

namespace hostwatch::storage::sqlite {
namespace {

constexpr std::size_t kHostsLookedAt = 1000;  ///< of which what is in memory is looked at in one piece
constexpr std::size_t kNamesGivenBack = 500;  ///< given back in one transaction

/// Takes up to `most` numbers off the end.
std::vector<std::uint32_t> take_some(std::vector<std::uint32_t>& numbers, std::size_t most) {
  const auto count = static_cast<std::ptrdiff_t>(std::min(most, numbers.size()));
  std::vector<std::uint32_t> some(numbers.end() - count, numbers.end());
  numbers.erase(numbers.end() - count, numbers.end());
  return some;
}

void delete_numbers(SQLite::Statement& remove, const std::vector<std::uint32_t>& numbers) {
  for (const std::uint32_t number : numbers) {
    remove.bind(1, number);
    remove.exec();
    remove.reset();
  }
}

}  // namespace

bool NameCollector::run(std::int64_t now) {
  if (!search_) {
    codec_.drop_retired(now);
    return begin(now);
  }
  try {
    return search_a_piece(*search_, now);
  } catch (...) {
    // What the piece was to look at was not looked at, or layouts that it was to delete are still there: what
    // comes after it would take names from under them.
    codec_.in_use.end();
    search_.reset();
    names_were_left_ = true;
    throw;
  }
}

void NameCollector::write_deletion() {
  writer_.statement("UPDATE state SET names_left = 1").exec();
}

void NameCollector::abandon() {
  search_.reset();
  codec_.in_use.end();
}

void NameCollector::reset(bool names_were_left) {
  names_were_left_ = names_were_left;
  last_search_ = INT64_MIN / 2;
}

/// After hosts or their history were deleted; and once a day where there are so many names that it matters,
/// for what is older than history is kept; once an hour where hardly any are left.
bool NameCollector::begin(std::int64_t now) {
  const DictionaryLimits& limits = codec_.limits();
  const bool many = codec_.series.size() > limits.series / 2 || codec_.layouts.size() > limits.layouts / 2 ||
                    codec_.bytes() > limits.bytes / 2;
  const bool nearly_all = codec_.series.size() > limits.series - limits.series / 10 ||
                          codec_.layouts.size() > limits.layouts - limits.layouts / 10 ||
                          codec_.bytes() > limits.bytes - limits.bytes / 10;
  const bool is_time = now - last_search_ >= (nearly_all ? kHour : kDay) || now < last_search_;
  if (!names_were_left_ && !(many && is_time)) return false;
  // A search that has not all of the hosts must never begin: it would give back what the others use.
  Search work(writer_.connection(), codec_);
  for (const auto& [name, host] : hosts_.all()) work.hosts.push_back(name);
  codec_.in_use.begin(codec_.series.last(), codec_.layouts.last());
  search_.emplace(std::move(work));
  names_were_left_ = false;
  last_search_ = now;
  return true;
}

bool NameCollector::search_a_piece(Search& work, std::int64_t now) {
  if (!work.hosts.empty()) {
    note_use_in_memory(work.hosts, now);
    return true;
  }
  if (!work.is_scanned) {
    bool more = true;
    writer_.in_transaction(Writer::Sync::later, [&] { more = work.scan.next(); });
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
    hosts_.count_young_again();
  }
  if (!names_were_left_) {
    writer_.in_transaction(Writer::Sync::later,
                           [&] { writer_.statement("UPDATE state SET names_left = 0").exec(); });
  }
  codec_.in_use.end();
  search_.reset();
  return false;
}

void NameCollector::note_use_in_memory(std::vector<std::string>& hosts, std::int64_t now) {
  const std::int64_t yesterday = now / kDay - 1;  // the day may change before the host's next reading
  for (std::size_t i = 0; i < kHostsLookedAt && !hosts.empty(); ++i) {
    Host* const found = hosts_.find(hosts.back());
    hosts.pop_back();
    if (found == nullptr) continue;
    // Readings whose layout was met today mark nothing: what they use is marked here.
    for (const HostSeries::MetLayout& met : found->series.met_layouts()) {
      if (met.day >= yesterday) codec_.in_use.use_layout(met.layout);
    }
  }
}

/// Everything has been looked at: what is left over?
void NameCollector::end_scan(Search& work) {
  work.is_scanned = true;
  codec_.note_series_of_layouts();
  const NamesInUse& in_use = codec_.in_use;
  work.layouts = codec_.layouts.select([&](std::uint32_t one) { return !in_use.is_layout_used(one); });
  work.series = codec_.series.select(
      [&](std::uint32_t one) { return one > kDiskSeries && !in_use.is_series_used(one); });
}

/// Layouts first: none may name a series that is gone. What readings have used meanwhile stays.
void NameCollector::give_back_some(Search& work, std::int64_t now) {
  std::vector<std::uint32_t> layouts = take_some(work.layouts, kNamesGivenBack);
  std::vector<std::uint32_t> series;
  if (layouts.empty()) series = take_some(work.series, kNamesGivenBack);
  std::erase_if(layouts, [&](std::uint32_t one) { return codec_.in_use.is_layout_used(one); });
  std::erase_if(series, [&](std::uint32_t one) { return codec_.in_use.is_series_used(one); });
  if (layouts.empty() && series.empty()) return;
  writer_.in_transaction(Writer::Sync::later, [&] {
    // The numbers are in no row any more: what they were is remembered, or a start would give them again.
    SQLite::Statement& last = writer_.statement("UPDATE state SET last_series = ?, last_layout = ?");
    last.bind(1, codec_.series.last());
    last.bind(2, codec_.layouts.last());
    last.exec();
    delete_numbers(writer_.statement("DELETE FROM layout WHERE id = ?"), layouts);
    delete_numbers(writer_.statement("DELETE FROM series WHERE id = ?"), series);
  });
  work.given_back += series.size();
  writer_.after_commit([&] { codec_.retire(series, layouts, now); });
}

}  // namespace hostwatch::storage::sqlite
