#include "server/database_tasks.h"

#include <filesystem>
#include <iostream>

#include "server/storage/sqlite/operations.h"

namespace hostwatch::server {
namespace {

namespace sqlite = storage::sqlite;

int check(const std::string& database) {
  const sqlite::CheckReport report = sqlite::check_database(database);
  for (const std::string& problem : report.problems) std::cerr << "hostwatch-server: " << problem << "\n";
  if (!report.problems.empty()) {
    std::cerr << "hostwatch-server: '" << database << "' is damaged; restore a backup\n";
    return 1;
  }
  std::cout << "'" << database << "' is sound: " << report.hosts << " hosts, " << report.series << " series, "
            << report.filed + report.journal << " readings\n";
  return 0;
}

}  // namespace

int run_database_task(const Options& options) {
  try {
    if (options.task == Task::check) return check(options.database);
    if (options.task == Task::backup) {
      sqlite::backup_database(options.database, options.backup);
      std::cout << "wrote '" << options.backup << "', " << std::filesystem::file_size(options.backup)
                << " bytes\n";
    } else {
      sqlite::restore_database(options.backup, options.database);
      std::cout << "'" << options.database << "' is now the backup; what was there before is beside it, as '"
                << options.database << ".before-restore'\n";
    }
    return 0;
  } catch (const std::exception& error) {
    std::cerr << "hostwatch-server: " << error.what() << "\n";
    return 1;
  }
}

}  // namespace hostwatch::server
