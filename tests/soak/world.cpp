#include "tests/soak/world.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <set>
#include <thread>

namespace hostwatch::testing {
namespace {

using std::chrono::milliseconds;

constexpr std::int64_t kHistoryBegins = 60 * 86400;  // seconds ago: the clients' readings are seconds apart

}  // namespace

World::World(std::mt19937& random, int disk_mebibytes) : random_(random), data_(folder_.file("data")) {
  std::filesystem::create_directory(data_);
  make_disk(disk_mebibytes);
  start_server();
  const nlohmann::json channel{{"kind", "webhook"}, {"settings", {{"url", messages_.url("ops")}}}};
  const auto made = server_->client().Put("/alerts/channels/ops", channel.dump(), "application/json");
  EXPECT_TRUE(made && made->status / 100 == 2) << (made ? made->body : "no answer");
  for (int i = 0; i < kAgents + kClients; ++i)
    lines_.push_back(std::make_unique<FaultProxy>(server_->port()));
  for (std::size_t i = 0; i < kAgents; ++i) {
    const std::string name = "agent-" + std::to_string(i);
    agents_.push_back(std::make_unique<AgentUnderTest>(lines_[i]->url(), name, folder_.file(name)));
  }
  for (std::size_t i = 0; i < kClients; ++i) {
    const bool arrays = i % 2 == 0;
    clients_.push_back(std::make_unique<LedgerClient>(
        lines_[kAgents + i]->port(), LedgerSettings{.hostname = "client-" + std::to_string(i),
                                                    .first_timestamp = unix_now() - kHistoryBegins,
                                                    .array_size = arrays ? 20U : 1U,
                                                    .endures = true,
                                                    .pause = milliseconds(arrays ? 100 : 20),
                                                    .answer_within = std::chrono::seconds(3)}));
  }
}

/// A process that does nothing but keep the mount: servers come and go.
void World::make_disk(int mebibytes) {
  if (::geteuid() != 0) return;
  const std::string mount = "mount -t tmpfs -o mode=0700,size=" + std::to_string(mebibytes) +
                            R"(m tmpfs "$0" && echo mounted && exec sleep infinity)";
  disk_ = std::make_unique<Process>(std::vector<std::string>{"unshare", "-m", "sh", "-c", mount, data_});
  if (!disk_->wait_for_line("mounted")) disk_.reset();
  if (disk_) ballast_ = "/proc/" + std::to_string(disk_->pid()) + "/root" + data_ + "/ballast";
}

void World::start_server() {
  std::vector<std::string> in_front;
  if (disk_) in_front = {"nsenter", "-t", std::to_string(disk_->pid()), "-m"};
  server_ = std::make_unique<Server>(
      data_ + "/metrics.db", 0,
      std::vector<std::string>{"--retention", "70d", "--alert-allow", "127.0.0.0/8"}, in_front);
  for (const auto& line : lines_) line->retarget(server_->port());
}

/// Readings that came with a timestamp of their host's that was taken: they are lost.
void World::count_conflicts() {
  conflicts_ += std::max(0.0, server_figure(*server_, "readings_conflicting_total"));
}

void World::restart_server(int signal) {
  count_conflicts();
  note(signal == SIGKILL ? "server killed" : "server stopped");
  server_->process().signal(signal);
  const auto status = server_->process().wait();
  EXPECT_EQ(status, signal == SIGKILL ? 128 + SIGKILL : 0) << server_->process().output();
  if (up_to(1) == 0) let_pass(3000);
  start_server();
}

void World::kill_an_agent() {
  note("agent killed");
  AgentUnderTest& agent = *agents_[static_cast<std::size_t>(up_to(kAgents - 1))];
  agent.kill();
  if (up_to(1) == 0) let_pass(1500);
  agent.start();
}

void World::freeze(const Process& process, const std::string& who) {
  note(who + " frozen");
  process.signal(SIGSTOP);
  let_pass(up_to(7) == 0 ? 15000 : 2500);  // now and then so long that agents notice
  process.signal(SIGCONT);
}

void World::fill_disk_for_a_while() {
  if (!disk_) return;
  note("server's disk full");
  {
    std::ofstream all(ballast_);
    const std::string piece(65536, 'x');
    while (all.write(piece.data(), static_cast<std::streamsize>(piece.size())).flush()) {
    }
  }
  let_pass(4000);
  std::filesystem::remove(ballast_);
}

void World::trouble_a_line() {
  using Kind = Fault::Kind;
  const auto bytes = static_cast<std::size_t>(up_to(600));
  const auto every = static_cast<unsigned>(1 + up_to(3));
  const std::vector<Fault> all{
      {.kind = Kind::refused},
      {.kind = Kind::silent},
      {.kind = Kind::reset_request, .bytes = bytes, .every = every},
      {.kind = Kind::reset_answer, .bytes = bytes / 3, .every = every},
      {.kind = Kind::half_open},
      {.kind = Kind::delay, .time = milliseconds(up_to(2000)), .every = every},
      {.kind = Kind::cut_answer, .bytes = bytes / 3, .every = every},
      {.kind = Kind::lost_answer, .every = every},
      {.kind = Kind::twice, .every = every},
      Fault::answering("200 OK", "Content-Type: text/html\r\n", "<html>Please log in</html>"),
      Fault::answering("503 Service Unavailable", "Retry-After: 1\r\n", R"({"error":"busy"})"),
  };
  lines_[static_cast<std::size_t>(up_to(kAgents + kClients - 1))]->set(
      all[static_cast<std::size_t>(up_to(static_cast<int>(all.size()) - 1))]);
}

void World::let_pass(int most_milliseconds) {
  std::this_thread::sleep_for(milliseconds(up_to(most_milliseconds)));
}

void World::next_fault() {
  switch (up_to(15)) {
    case 0:
    case 1:
      restart_server(SIGKILL);
      break;
    case 2:
      restart_server(SIGTERM);
      break;
    case 3:
    case 4:
      kill_an_agent();
      break;
    case 5:
      freeze(server_->process(), "server");
      break;
    case 6:
      freeze(agents_[static_cast<std::size_t>(up_to(kAgents - 1))]->process(), "agent");
      break;
    case 7:
      fill_disk_for_a_while();
      break;
    case 8:
      note("all connections reset");
      for (const auto& line : lines_) line->cut_connections();
      break;
    case 9:
    case 10:
      lines_[static_cast<std::size_t>(up_to(kAgents + kClients - 1))]->heal();
      break;
    default:
      trouble_a_line();
  }
  let_pass(500);
}

void World::heal() {
  for (const auto& line : lines_) line->heal();
}

/// The shipped rules see what befalls this world: hosts that are cut off for minutes, a disk that is small
/// and full. All else is well, so about that nobody is told; and what is told is there, once, under one id.
void World::close_message_ledger() {
  const std::set<std::string> can_be{"host-down", "many-silent", "server-store", "server-database-full",
                                     "dead-letters"};
  std::map<std::pair<std::int64_t, std::string>, std::set<std::string>> ids;
  std::map<std::string, std::size_t> by_rule;
  const auto told = messages_.told();
  for (const ToldAlarm& one : told) {
    ++by_rule[one.rule];
    EXPECT_TRUE(can_be.contains(one.rule)) << one.rule << " of '" << one.host << "' was told: " << one.event;
    // What is told from memory, while the store cannot be written, has no number yet.
    if (one.alarm != 0 && (one.event == "fired" || one.event == "ended")) {
      ids[{one.alarm, one.event}].insert(one.message);
    }
  }
  for (const auto& [what, messages] : ids) {
    EXPECT_EQ(messages.size(), 1U) << what.second << " of alarm " << what.first << " was told anew";
    const auto there = server_->client().Get("/alerts/" + std::to_string(what.first));
    EXPECT_TRUE(there && there->status == 200) << "told, and not there: " << what.first;
  }
  EXPECT_EQ(messages_.unexpected(), "");
  std::cout << told.size() << " times told of an alarm";
  for (const auto& [rule, count] : by_rule) std::cout << ", " << rule << " " << count;
  std::cout << "\n";
}

bool World::close_ledgers() {
  std::size_t sampled = 0;
  std::size_t acknowledged = 0;
  std::size_t lost = 0;
  for (const auto& client : clients_) {
    // Life after the last fault.
    const std::size_t before = client->acknowledged_so_far();
    EXPECT_TRUE(eventually([&] { return client->acknowledged_so_far() > before; })) << client->hostname();
    client->stop();
    lost += expect_ledger_kept(*server_, *client);
    acknowledged += client->acknowledged().size();
  }
  for (const auto& agent : agents_) {
    sampled += expect_sampled_stored(*server_, *agent, std::chrono::seconds(240));
    EXPECT_EQ(agent->stop(), 0) << agent->output();
  }
  std::cout << acknowledged << " readings acknowledged to " << kClients << " clients, " << lost << " lost; "
            << sampled << " sampled by " << kAgents << " agents"
            << (::testing::Test::HasFailure() ? "; FAILED" : ", 0 lost") << "; server "
            << server_->process().resident_bytes() / 1048576 << " MiB resident\n";
  close_message_ledger();
  count_conflicts();
  EXPECT_EQ(conflicts_, 0) << "timestamps used twice";
  EXPECT_EQ(server_->process().stop(), 0) << server_->process().output();
  // A copy: SQLite would follow the link that leads into the other mount namespace, and miss the file.
  const std::string disk = disk_ ? "/proc/" + std::to_string(disk_->pid()) + "/root" : "";
  std::filesystem::copy_file(disk + data_ + "/metrics.db", folder_.file("copy.db"));
  expect_sound(folder_.file("copy.db"));
  return !::testing::Test::HasFailure();
}

void World::print_faults() const {
  for (const auto& [fault, count] : faults_) std::cout << "  " << count << " " << fault << "\n";
  for (std::size_t kind = 1; kind < Fault::kKinds; ++kind) {
    std::uint64_t met = 0;
    for (const auto& line : lines_) met += line->met(static_cast<Fault::Kind>(kind));
    std::cout << "  " << met << " " << name_of(static_cast<Fault::Kind>(kind)) << "\n";
  }
}

}  // namespace hostwatch::testing
