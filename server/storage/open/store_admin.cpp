#include "server/storage/open/store_admin.h"

#include "server/storage/open/database_scheme.h"
#include "server/storage/sqlite/admin/operations.h"
#include "server/storage/sqlite/admin/reading_export.h"
#include "server/storage/sqlite/admin/stored_rules.h"

// Each function asks for the kind of store first: there is one kind, and others are refused by that.
namespace hostwatch::storage {

CheckReport check_store(const std::string& database) {
  kind_of_store(database);
  return sqlite::check_database(database);
}

void backup_store(const std::string& database, const std::string& copy) {
  kind_of_store(database);
  sqlite::backup_database(database, copy);
}

void restore_store(const std::string& backup, const std::string& database, bool accept_roll_ups) {
  kind_of_store(database);
  sqlite::restore_database(backup, database, accept_roll_ups);
}

std::uint64_t export_store(const std::string& database, const ExportRequest& request,
                           const std::function<void(std::string_view)>& write) {
  kind_of_store(database);
  return sqlite::export_readings(database, request, write);
}

ImportReport import_into_store(StoreOptions options, std::istream& in, std::int64_t now) {
  options.trusts_readings = true;
  const std::unique_ptr<Store> store = open_store(options);
  return import_readings(in, *store, now);
}

std::vector<RuleRow> stored_rules(const std::string& database) {
  kind_of_store(database);
  return sqlite::read_stored_rules(database);
}

std::vector<HostTags> stored_hosts(const std::string& database) {
  kind_of_store(database);
  return sqlite::read_stored_hosts(database);
}

}  // namespace hostwatch::storage
