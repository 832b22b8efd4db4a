// What a user sees when a program cannot start: one clear line and the right status.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <SQLiteCpp/SQLiteCpp.h>

#include <algorithm>
#include <filesystem>
#include <fstream>

#include "tests/integration/programs.h"

namespace hostwatch::testing {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

std::vector<std::string> server_with(std::vector<std::string> options) {
  options.insert(options.begin(), HOSTWATCH_SERVER_PROGRAM);
  return options;
}

void expect_one_line(const Finished& finished, int status, const std::string& text) {
  EXPECT_EQ(finished.status, status) << finished.output;
  EXPECT_THAT(finished.output, HasSubstr(text));
  EXPECT_EQ(std::count(finished.output.begin(), finished.output.end(), '\n'), 1) << finished.output;
}

class Starting : public ::testing::Test {
 protected:
  Finished start(const std::string& database) const {
    return run_to_end(server_with({"--port", "0", "--database", database}));
  }
  TemporaryFolder folder_;
};

TEST_F(Starting, APortThatIsTakenIsNamed) {
  Server first(folder_.file("one.db"));
  const std::string port = std::to_string(first.port());
  const auto second = run_to_end(server_with({"--port", port, "--database", folder_.file("two.db")}));
  expect_one_line(second, 1, "cannot listen on 127.0.0.1 port " + port + ": the port is in use");
  EXPECT_THAT(second.output, HasSubstr("--port"));
}

TEST_F(Starting, AnAddressThatIsNotOursIsNamed) {
  expect_one_line(
      run_to_end(server_with({"--listen", "192.0.2.1", "--port", "0", "--database", folder_.file("a.db")})),
      1, "cannot listen on 192.0.2.1");
}

TEST_F(Starting, AFolderThatIsMissingIsCreated) {
  Server server(folder_.file("some/where/metrics.db"));
  EXPECT_TRUE(std::filesystem::exists(folder_.file("some/where/metrics.db")));
}

TEST_F(Starting, AFolderThatCannotBeCreatedIsNamed) {
  std::ofstream(folder_.file("file")) << "in the way";
  expect_one_line(start(folder_.file("file/metrics.db")), 1, "cannot create the folder");
}

TEST_F(Starting, APlaceThatCannotBeWrittenIsNamed) {
  // /proc takes no new files from anyone, root included.
  expect_one_line(start("/proc/metrics.db"), 1, "/proc/metrics.db");
}

TEST_F(Starting, AReadOnlyFileSystemIsNamed) {
  auto command = on_own_file_system(folder_.path(), "ro");
  if (command.empty()) GTEST_SKIP() << "no file system of its own: neither root nor user namespaces here";
  for (const std::string& word : server_with({"--port", "0", "--database", folder_.file("metrics.db")}))
    command.push_back(word);
  expect_one_line(run_to_end(command), 1, "Read-only file system");
}

TEST_F(Starting, AFileThatIsNoDatabaseIsLeftAlone) {
  const std::string text(10000, 'x');
  std::ofstream(folder_.file("letter.txt")) << text;
  std::filesystem::permissions(folder_.file("letter.txt"), std::filesystem::perms{0644});
  expect_one_line(start(folder_.file("letter.txt")), 1, "it is not an SQLite database");
  EXPECT_EQ(std::filesystem::status(folder_.file("letter.txt")).permissions(), std::filesystem::perms{0644});
  std::ifstream again(folder_.file("letter.txt"));
  EXPECT_EQ(std::string(std::istreambuf_iterator<char>(again), {}), text);
}

TEST_F(Starting, AnotherProgramsDatabaseIsLeftAlone) {
  SQLite::Database(folder_.file("other.db"), SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE)
      .exec("CREATE TABLE bird (name TEXT)");
  std::filesystem::permissions(folder_.file("other.db"), std::filesystem::perms{0644});
  expect_one_line(start(folder_.file("other.db")), 1, "is a database of another program");
  EXPECT_EQ(std::filesystem::status(folder_.file("other.db")).permissions(), std::filesystem::perms{0644});
}

TEST_F(Starting, ADatabaseOfANewerVersionIsRefusedWithWhatToDo) {
  { Server server(folder_.file("metrics.db")); }
  SQLite::Database(folder_.file("metrics.db"), SQLite::OPEN_READWRITE).exec("PRAGMA user_version = 99");
  expect_one_line(start(folder_.file("metrics.db")), 1, "was written by a newer hostwatch-server (schema 99");
}

TEST_F(Starting, ADamagedDatabaseIsNotServed) {
  {
    Server server(folder_.file("metrics.db"));
    nlohmann::json body = nlohmann::json::array();
    for (int i = 0; i < 3000; ++i) body.push_back(reading("web-1", unix_now() - 5000 + i));
    ASSERT_EQ(server.post(body)->status, 200);
    ASSERT_EQ(server.process().stop(), 0);
  }
  // All but the first page, which says whose file it is.
  std::fstream file(folder_.file("metrics.db"), std::ios::in | std::ios::out | std::ios::binary);
  const auto size = static_cast<std::size_t>(std::filesystem::file_size(folder_.file("metrics.db")));
  ASSERT_GT(size, 8192U);
  file.seekp(4096);
  file << std::string(size - 4096, '\x5a');
  file.close();
  expect_one_line(start(folder_.file("metrics.db")), 1, "malformed");
}

TEST_F(Starting, ASecondServerOnTheDatabaseIsToldWhoHasIt) {
  Server first(folder_.file("metrics.db"));
  expect_one_line(start(folder_.file("metrics.db")), 1, "process " + std::to_string(first.process().pid()));
}

TEST_F(Starting, ADatabaseThatAnotherProgramHasLockedIsNamed) {
  { Server server(folder_.file("metrics.db")); }
  SQLite::Database other(folder_.file("metrics.db"), SQLite::OPEN_READWRITE);
  other.exec("PRAGMA journal_mode = DELETE");
  other.exec("BEGIN EXCLUSIVE");
  expect_one_line(start(folder_.file("metrics.db")), 1, "another program has it locked");
}

TEST_F(Starting, TheDatabaseIsReadableByItsOwnerAlone) {
  Server server(folder_.file("metrics.db"));
  using std::filesystem::perms;
  for (const char* name : {"metrics.db", "metrics.db-wal", "metrics.db.lock"}) {
    EXPECT_EQ(std::filesystem::status(folder_.file(name)).permissions(),
              perms::owner_read | perms::owner_write)
        << name;
  }
}

TEST_F(Starting, WrongOptionsEndWithStatusTwoAndOneLine) {
  expect_one_line(run_to_end(server_with({"--prot", "5000"})), 2, "--prot");
  expect_one_line(run_to_end(server_with({"--port", "70000"})), 2, "65535");
  expect_one_line(run_to_end(server_with({"--retention", "soon"})), 2, "'soon' is not a duration");
  expect_one_line(run_to_end(server_with({"--retention", "5m"})), 2, "--retention must be at least 1h");
  expect_one_line(run_to_end(server_with({"--log-level", "loud"})), 2, "loud");
  expect_one_line(run_to_end({HOSTWATCH_AGENT_PROGRAM, "--interval", "0"}), 2, "interval");
  expect_one_line(run_to_end({HOSTWATCH_AGENT_PROGRAM, "--server-url", "ftp://x/"}), 2, "ftp://x/");
}

TEST_F(Starting, HelpAndVersionExplainThemselves) {
  for (const char* program : {HOSTWATCH_SERVER_PROGRAM, HOSTWATCH_AGENT_PROGRAM}) {
    const auto help = run_to_end({program, "--help"});
    EXPECT_EQ(help.status, 0);
    EXPECT_THAT(help.output,
                AllOf(HasSubstr("--config"), HasSubstr("--log-level"), HasSubstr("HOSTWATCH_LOG_LEVEL")));
    const auto version = run_to_end({program, "--version"});
    EXPECT_EQ(version.status, 0);
    EXPECT_THAT(version.output, HasSubstr(HOSTWATCH_VERSION));
  }
}

TEST_F(Starting, OptionsComeFromAConfigFileAndTheEnvironmentToo) {
  std::ofstream(folder_.file("server.ini"))
      << "port = 0\ndatabase = \"" << folder_.file("from-file.db") << "\"\n";
  Process server(server_with({"--config", folder_.file("server.ini")}));
  EXPECT_TRUE(server.wait_for_line("from-file.db")) << server.output();
  const auto other = run_to_end({"env", "MONITOR_PORT=nowhere", HOSTWATCH_SERVER_PROGRAM});
  EXPECT_EQ(other.status, 2) << other.output;
}

TEST_F(Starting, TheHealthCheckSaysWhetherTheServerIsWell) {
  Server server(folder_.file("metrics.db"));
  const std::string port = std::to_string(server.port());
  EXPECT_EQ(run_to_end(server_with({"--check-health", "--port", port})).status, 0);
  ASSERT_EQ(server.process().stop(), 0);
  expect_one_line(run_to_end(server_with({"--check-health", "--port", port})), 1,
                  "no answer from 127.0.0.1 port " + port);
}

TEST_F(Starting, TheAgentPrintsOneFullReadingAndEnds) {
  const auto once =
      run_to_end({HOSTWATCH_AGENT_PROGRAM, "--once", "--hostname", "web-1", "--log-level", "off"});
  ASSERT_EQ(once.status, 0) << once.output;
  const auto printed = nlohmann::json::parse(once.output);
  EXPECT_EQ(printed["hostname"], "web-1");
  for (const char* field : {"timestamp", "cpu", "ram", "disk", "metrics", "facts"})
    EXPECT_TRUE(printed.contains(field)) << field;
}

}  // namespace
}  // namespace hostwatch::testing
