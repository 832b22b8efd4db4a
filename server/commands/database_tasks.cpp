#include "server/commands/database_tasks.h"

#include <cerrno>
#include <cstring>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <optional>

#include "server/storage/open/store_admin.h"
#include "util/files/private_files.h"
#include "util/text/counted.h"

namespace hostwatch::server {
namespace {

int check(const std::string& database) {
  const storage::CheckReport report = storage::check_store(database);
  for (const std::string& problem : report.problems) std::cerr << "hostwatch-server: " << problem << "\n";
  if (!report.problems.empty()) {
    std::cerr << "hostwatch-server: '" << database << "' is damaged; restore a backup\n";
    return 1;
  }
  for (const std::string& wrong : report.wrong_roll_ups) std::cerr << "hostwatch-server: " << wrong << "\n";
  if (!report.wrong_roll_ups.empty()) {
    std::cerr
        << "hostwatch-server: nothing else is wrong with '" << database
        << "': an earlier version made these minutes or hours of a part of their readings. Go on with it: "
           "the server makes anew what it still has the readings of; the rest stays as it is. `restore "
           "--accept-roll-ups` takes such a backup\n";
    return 1;
  }
  for (const std::string& text : report.bookkeeping) std::cerr << "hostwatch-server: " << text << "\n";
  if (!report.bookkeeping.empty()) {
    std::cerr
        << "hostwatch-server: nothing else is wrong with '" << database
        << "': what it notes of its rows contradicts them. Go on with it: the server sets that anew from "
           "the rows, and no reading is lost by it\n";
    return 1;
  }
  for (const std::string& chunk : report.kept_apart) {
    std::cerr << "hostwatch-server: damaged once, and kept apart in damaged_chunk: " << chunk << "\n";
  }
  std::cout << "'" << database << "' is sound"
            << (report.kept_apart.empty() ? "" : " but for what is kept apart, and missing") << ": "
            << util::counted(report.hosts, "host") << ", " << report.series << " series, "
            << util::counted(report.filed + report.journal, "reading") << "\n";
  return 0;
}

int export_readings(const Options& options) {
  std::optional<util::NewPrivateFile> file;
  if (options.transfer != "-") file.emplace(options.transfer);
  const std::uint64_t readings = storage::export_store(
      options.database, {options.hostnames, options.from, options.to}, [&file](std::string_view text) {
        if (file) return file->write(text);
        if (!std::cout.write(text.data(), static_cast<std::streamsize>(text.size()))) {
          throw std::runtime_error(std::string("cannot write: ") + std::strerror(errno));
        }
      });
  std::cout.flush();
  if (file) file->finish();
  std::cerr << "exported " << util::counted(readings, "reading") << "\n";
  return std::cout ? 0 : 1;
}

int import_readings(const Options& options) {
  std::ifstream file;
  if (options.transfer != "-") {
    file.open(options.transfer, std::ios::binary);
    if (!file) throw std::runtime_error("cannot read '" + options.transfer + "': " + std::strerror(errno));
  }
  const storage::ImportReport report =
      storage::import_into_store({options.database, options.retention, options.max_database_bytes},
                                 options.transfer == "-" ? std::cin : file, std::time(nullptr));
  for (const std::string& problem : report.problems) std::cerr << "hostwatch-server: " << problem << "\n";
  std::cout << "imported " << util::counted(report.accepted, "reading") << "; " << report.duplicates
            << " were there already, " << report.refused << " refused\n";
  return report.refused == 0 ? 0 : 1;
}

}  // namespace

int run_database_task(const Options& options) {
  try {
    if (options.task == Task::check) return check(options.database);
    if (options.task == Task::export_readings) return export_readings(options);
    if (options.task == Task::import_readings) return import_readings(options);
    if (options.task == Task::backup) {
      storage::backup_store(options.database, options.backup);
      std::cout << "wrote '" << options.backup << "', "
                << util::counted(std::filesystem::file_size(options.backup), "byte") << "\n";
    } else {
      storage::restore_store(options.backup, options.database, options.accept_roll_ups);
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
