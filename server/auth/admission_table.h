#pragma once

#include <SQLiteCpp/SQLiteCpp.h>

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <string>
#include <vector>

#include "server/auth/credentials.h"

namespace hostwatch::auth {

// The table of what is settled between hosts' names and agents. Its column `standing` has one word more than
// Standing: kReadmitted is an agent that was shut out and may enrol for a day. If that day passes, or it is
// taken back, the agent is shut out as before. All here are for use within a transaction; they throw
// SQLite::Exception.

inline constexpr const char* kReadmitted = "readmitted";

/// So long is listed who was turned away and asks no more, seconds.
inline constexpr std::int64_t kWaitsAfterAsking = 86400;

/// True if the query has a row.
bool has_row(SQLite::Database& database, const char* sql, std::initializer_list<std::string> values);

/// How many rows the statement has changed.
std::size_t change_rows(SQLite::Database& database, const char* sql,
                        std::initializer_list<std::string> values);

/// The first column of each row.
std::vector<std::string> texts_of(SQLite::Database& database, const char* sql,
                                  std::initializer_list<std::string> values);

/// In the place of what was settled between the two before.
void put_admission(SQLite::Database& database, const Admission& admission);

/// What is settled about the host, and who is shut out under a name that reads the same: "WEB-1." is "web-1"
/// (RFC 4343: ASCII letters alone; RFC 1034, 3.1: the root's dot).
std::vector<Admission> admissions_of(SQLite::Database& database, const std::string& host);

/// All, by host. `now`: what is over by then is left out, though it may be written down still.
std::vector<Admission> all_admissions(SQLite::Database& database, std::int64_t now);

/// What was allowed too long ago, and waits no more.
void forget_old_admissions(SQLite::Database& database, std::int64_t now);

/// Whoever was allowed as the host is as it was before.
std::size_t take_back_allowances(SQLite::Database& database, const std::string& host);

/// Of too many that wait, those that asked first go: of the host of `last` and its client (an IPv4 address or
/// an IPv6 /64), then of the site (an IPv6 /48) that has the most. `last`: the one that asked last.
void drop_surplus_waiting(SQLite::Database& database, const Admission& last);

}  // namespace hostwatch::auth
