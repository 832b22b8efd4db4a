#include "server/auth/admission_table.h"

#include <algorithm>
#include <map>
#include <utility>

#include "net/address.h"

namespace hostwatch::auth {
namespace {

constexpr std::size_t kMostWaiting = 100;
constexpr std::size_t kMostWaitingOfClientAndHost = 3;

constexpr const char* kColumns = "host, identity, standing, since, decided_by";

std::string text_of(Standing standing) {
  return std::string(name_of(standing));
}

std::vector<Admission> read_admissions(SQLite::Statement& row) {
  std::vector<Admission> all;
  while (row.executeStep()) {
    const std::string word = row.getColumn(2).getString();
    for (const Standing known : {Standing::shut_out, Standing::waiting, Standing::allowed}) {
      if (word != name_of(known) && (word != kReadmitted || known != Standing::allowed)) continue;
      Admission one{row.getColumn(0).getString(), row.getColumn(1).getString(), known,
                    row.getColumn(3).getInt64(), row.getColumn(4).getString()};
      one.was_shut_out = word == kReadmitted;
      all.push_back(std::move(one));
    }
  }
  return all;
}

}  // namespace

bool has_row(SQLite::Database& database, const char* sql, std::initializer_list<std::string> values) {
  return !texts_of(database, sql, values).empty();
}

std::size_t change_rows(SQLite::Database& database, const char* sql,
                        std::initializer_list<std::string> values) {
  SQLite::Statement statement(database, sql);
  int at = 0;
  for (const std::string& value : values) statement.bind(++at, value);
  return static_cast<std::size_t>(statement.exec());
}

std::vector<std::string> texts_of(SQLite::Database& database, const char* sql,
                                  std::initializer_list<std::string> values) {
  SQLite::Statement statement(database, sql);
  int at = 0;
  for (const std::string& value : values) statement.bind(++at, value);
  std::vector<std::string> found;
  while (statement.executeStep()) found.push_back(statement.getColumn(0).getString());
  return found;
}

void put_admission(SQLite::Database& database, const Admission& admission) {
  SQLite::Statement insert(database, "INSERT OR REPLACE INTO admission VALUES (?, ?, ?, ?, ?)");
  insert.bind(1, admission.host);
  insert.bind(2, admission.identity);
  insert.bind(3, admission.was_shut_out ? std::string(kReadmitted) : text_of(admission.standing));
  insert.bind(4, admission.since);
  insert.bind(5, admission.by);
  insert.exec();
}

std::vector<Admission> admissions_of(SQLite::Database& database, const std::string& host) {
  SQLite::Statement rows(database, std::string("SELECT ") + kColumns +
                                       " FROM admission WHERE host = ?1 OR (standing = 'shut_out' AND "
                                       "lower(rtrim(host, '.')) = lower(rtrim(?1, '.'))) ORDER BY since");
  rows.bind(1, host);
  return read_admissions(rows);
}

std::vector<Admission> all_admissions(SQLite::Database& database, std::int64_t now) {
  SQLite::Statement rows(database,
                         std::string("SELECT ") + kColumns + " FROM admission ORDER BY host, since");
  std::vector<Admission> all = read_admissions(rows);
  for (Admission& one : all) {
    if (!one.was_shut_out || one.since > now - Admission::kAllowedFor) continue;
    one.standing = Standing::shut_out;
    one.was_shut_out = false;
  }
  std::erase_if(all, [now](const Admission& one) {
    return (one.standing == Standing::allowed && one.since <= now - Admission::kAllowedFor) ||
           (one.standing == Standing::waiting && one.since <= now - kWaitsAfterAsking);
  });
  return all;
}

void forget_old_admissions(SQLite::Database& database, std::int64_t now) {
  SQLite::Statement back(
      database, "UPDATE admission SET standing = 'shut_out' WHERE standing = 'readmitted' AND since <= ?");
  back.bind(1, now - Admission::kAllowedFor);
  back.exec();
  SQLite::Statement over(database,
                         "DELETE FROM admission WHERE (standing = 'allowed' AND since <= ?) OR (standing = "
                         "'waiting' AND since <= ?)");
  over.bind(1, now - Admission::kAllowedFor);
  over.bind(2, now - kWaitsAfterAsking);
  over.exec();
}

std::size_t take_back_allowances(SQLite::Database& database, const std::string& host) {
  return change_rows(database,
                     "UPDATE admission SET standing = 'shut_out' WHERE host = ? AND standing = 'readmitted'",
                     {host}) +
         change_rows(database, "DELETE FROM admission WHERE host = ? AND standing = 'allowed'", {host});
}

void drop_surplus_waiting(SQLite::Database& database, const Admission& last) {
  struct Waiting {
    std::string host;
    std::string identity;
    std::string client;
    std::size_t place;  ///< in the order of asking
  };
  SQLite::Statement rows(database,
                         "SELECT host, identity, decided_by FROM admission WHERE standing = 'waiting' ORDER "
                         "BY since, rowid");
  std::map<std::string, std::vector<Waiting>> by_site;  // who asked first comes first
  std::size_t all = 0;
  while (rows.executeStep()) {
    const std::string address = rows.getColumn(2).getString();
    by_site[net::site_of(address)].push_back(
        {rows.getColumn(0).getString(), rows.getColumn(1).getString(), net::network_of(address), all++});
  }
  const auto drop = [&](std::vector<Waiting>& of_site, std::vector<Waiting>::iterator one) {
    change_rows(database, "DELETE FROM admission WHERE host = ? AND identity = ? AND standing = 'waiting'",
                {one->host, one->identity});
    of_site.erase(one);
    --all;
  };
  const auto is_like_last = [&last, client = net::network_of(last.by)](const Waiting& one) {
    return one.host == last.host && one.client == client;
  };
  std::vector<Waiting>& own = by_site[net::site_of(last.by)];
  while (std::count_if(own.begin(), own.end(), is_like_last) >
         static_cast<std::ptrdiff_t>(kMostWaitingOfClientAndHost)) {
    drop(own, std::find_if(own.begin(), own.end(), is_like_last));
  }
  const auto goes_later = [](const auto& a, const auto& b) {
    const std::vector<Waiting>& one = a.second;
    const std::vector<Waiting>& other = b.second;
    if (one.size() != other.size() || one.empty()) return one.size() < other.size();
    return one.front().place > other.front().place;
  };
  while (all > kMostWaiting) {
    auto& [site, heaviest] = *std::max_element(by_site.begin(), by_site.end(), goes_later);
    drop(heaviest, heaviest.begin());
  }
}

}  // namespace hostwatch::auth
