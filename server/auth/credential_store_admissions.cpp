// CredentialStore: agents that an administrator allows.
#include <algorithm>
#include <utility>

#include "server/auth/admission_table.h"
#include "server/auth/credential_store.h"

namespace hostwatch::auth {
namespace {

using Outcome = Allowance::Outcome;

constexpr const char* kAgentsToken = "SELECT 1 FROM token WHERE host = ? AND scope = 'agent' LIMIT 1";

bool is_nobody(const Admission& one) {
  return one.identity.empty();
}

}  // namespace

/// Whoever was allowed as the host before is not any more; that it, or the name, was shut out is remembered
/// for as long as it has not enrolled. Where it is shut out as another host nothing changes until it has.
Allowance CredentialStore::let_in(Admission allowed) {
  take_back_allowances(*database_, allowed.host);
  allowed.was_shut_out =
      exists("SELECT 1 FROM admission WHERE host = ? AND standing = 'shut_out' AND identity IN (?, '')",
             {allowed.host, allowed.identity});
  change_rows(*database_, "DELETE FROM admission WHERE host = ? AND identity = ''", {allowed.host});
  put_admission(*database_, allowed);
  return {Outcome::allowed, std::move(allowed)};
}

Allowance CredentialStore::allow(const std::string& host, const std::string& identity, const std::string& by,
                                 std::int64_t now) {
  const std::lock_guard database(database_mutex_);
  return write([&]() -> Allowance {
    forget_old_admissions(*database_, now);
    std::vector<Admission> known = admissions_of(*database_, host);
    const auto standing_of = [&known, &host](const std::string& one) {
      return std::find_if(known.begin(), known.end(),
                          [&](const Admission& each) { return each.identity == one && each.host == host; });
    };
    if (!identity.empty()) {
      const auto own = standing_of(identity);
      if (own != known.end() && own->standing == Standing::allowed) return {Outcome::already, *own};
      return let_in({host, identity, Standing::allowed, now, by});
    }
    const bool has_agent = exists(kAgentsToken, {host});
    std::vector<Admission> candidates = known;
    std::erase_if(candidates, is_nobody);
    if (candidates.size() == 1 && candidates.front().standing == Standing::allowed) {
      return {Outcome::already, candidates.front()};
    }
    // Who was shut out for good reason takes the place of a host's agent only if it is named.
    const bool is_clear = candidates.size() == 1 && candidates.front().host == host &&
                          (candidates.front().standing == Standing::waiting || !has_agent);
    if (is_clear) {
      Allowance result = let_in({host, candidates.front().identity, Standing::allowed, now, by});
      result.candidates = std::move(candidates);
      return result;
    }
    if (!candidates.empty()) return {Outcome::unclear, {}, std::move(candidates)};
    const auto nobody = standing_of("");
    if (nobody != known.end() && nobody->standing == Standing::allowed) return {Outcome::already, *nobody};
    if (change_rows(*database_, "DELETE FROM admission WHERE host = ? AND identity = ''", {host}) > 0) {
      return {Outcome::opened};
    }
    return {has_agent ? Outcome::has_agent : Outcome::nobody};
  });
}

Allowance CredentialStore::allow_any(const std::string& host, const std::string& by, std::int64_t now) {
  const std::lock_guard database(database_mutex_);
  return write([&]() -> Allowance {
    forget_old_admissions(*database_, now);
    if (exists(kAgentsToken, {host})) return {Outcome::has_agent};
    return let_in({host, "", Standing::allowed, now, by});
  });
}

Allowance CredentialStore::open_name(const std::string& host) {
  const std::lock_guard database(database_mutex_);
  return write([&]() -> Allowance {
    const bool was_shut =
        change_rows(*database_,
                    "DELETE FROM admission WHERE host = ? AND identity = '' AND standing = 'shut_out'",
                    {host}) > 0;
    return {was_shut ? Outcome::opened : Outcome::nobody};
  });
}

bool CredentialStore::take_back(const std::string& host, const std::string& identity, std::int64_t now) {
  const std::lock_guard database(database_mutex_);
  return write([&] {
    forget_old_admissions(*database_, now);
    return change_rows(
               *database_,
               "UPDATE admission SET standing = 'shut_out' WHERE host = ?1 AND (?2 = '' OR identity = "
               "?2) AND standing = 'readmitted'",
               {host, identity}) +
               change_rows(*database_,
                           "DELETE FROM admission WHERE host = ?1 AND (?2 = '' OR identity = ?2) AND "
                           "standing <> 'shut_out'",
                           {host, identity}) >
           0;
  });
}

std::vector<Admission> CredentialStore::admissions(std::int64_t now) {
  const std::lock_guard database(database_mutex_);
  try {
    return all_admissions(*database_, now);
  } catch (const SQLite::Exception& error) {
    throw CredentialError(std::string("the file of credentials cannot be read: ") + error.what());
  }
}

}  // namespace hostwatch::auth
