#include "server/storage/sqlite/admin/stored_rules.h"

#include <SQLiteCpp/SQLiteCpp.h>

#include <functional>
#include <memory>

#include "protocol/host_facts.h"
#include "server/storage/sqlite/database/resting_database.h"
#include "server/storage/sqlite/database/schema.h"
#include "server/storage/store.h"

namespace hostwatch::storage::sqlite {
namespace {

void for_each_row(const std::string& path, const char* sql,
                  const std::function<void(SQLite::Statement&)>& take) {
  const LeftoverFiles leftovers(path);
  const std::unique_ptr<SQLite::Database> database = open_resting_database(path);
  try {
    if (database->execAndGet("PRAGMA application_id").getInt() != kApplicationId ||
        database->execAndGet("PRAGMA user_version").getInt() != kSchemaVersion) {
      throw StoreError(
          "it is not a database of this version; start the server on it once, which brings it up to date");
    }
    SQLite::Statement rows(*database, sql);
    while (rows.executeStep()) take(rows);
  } catch (const SQLite::Exception& error) {
    throw StoreError("cannot read '" + path + "': " + error.what());
  }
}

}  // namespace

std::vector<RuleRow> read_stored_rules(const std::string& path) {
  std::vector<RuleRow> rules;
  for_each_row(path,
               "SELECT id, revision, source, definition, changed, changed_by FROM alert_rule ORDER BY id",
               [&rules](SQLite::Statement& row) {
                 RuleRow& rule = rules.emplace_back();
                 rule.id = row.getColumn(0).getString();
                 rule.revision = row.getColumn(1).getInt64();
                 rule.source = row.getColumn(2).getString();
                 rule.definition = row.getColumn(3).getString();
                 rule.changed = row.getColumn(4).getInt64();
                 rule.changed_by = row.getColumn(5).getString();
               });
  return rules;
}

std::vector<HostTags> read_stored_hosts(const std::string& path) {
  std::vector<HostTags> hosts;
  for_each_row(path, "SELECT name, facts FROM host ORDER BY name", [&hosts](SQLite::Statement& row) {
    HostTags& host = hosts.emplace_back();
    host.name = row.getColumn(0).getString();
    const auto facts = protocol::facts_from_json(row.getColumn(1).getString());
    if (facts) host.tags = facts->tags;
  });
  return hosts;
}

}  // namespace hostwatch::storage::sqlite
