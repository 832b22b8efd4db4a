#include "tests/integration/programs.h"

#include <chrono>
#include <cstdlib>
#include <stdexcept>
#include <thread>

namespace hostwatch::testing {
namespace {

std::vector<std::string> server_command(const std::string& database, int port,
                                        std::vector<std::string> options, std::vector<std::string> in_front) {
  std::vector<std::string> command = std::move(in_front);
  command.insert(command.end(),
                 {HOSTWATCH_SERVER_PROGRAM, "--port", std::to_string(port), "--database", database});
  command.insert(command.end(), options.begin(), options.end());
  return command;
}

}  // namespace

Server::Server(const std::string& database, int port, std::vector<std::string> options,
               std::vector<std::string> in_front)
    : process_(server_command(database, port, std::move(options), std::move(in_front))) {
  const auto line = process_.wait_for_line("listening on http");
  if (!line) throw std::runtime_error("hostwatch-server did not start: " + process_.output());
  port_ = std::stoi(line->substr(line->rfind(':') + 1));
}

httplib::Client Server::client() const {
  httplib::Client client("127.0.0.1", port_);
  client.set_tcp_nodelay(true);
  client.set_connection_timeout(10);
  client.set_read_timeout(30);
  return client;
}

httplib::Result Server::post(const nlohmann::json& body) const {
  return client().Post("/metrics", body.dump(), "application/json");
}

nlohmann::json Server::get(const std::string& address) const {
  const httplib::Result result = client().Get(address);
  if (!result) throw std::runtime_error("no answer to GET " + address);
  if (result->status != 200) throw std::runtime_error("GET " + address + ": " + result->body);
  return nlohmann::json::parse(result->body);
}

std::vector<std::string> on_own_file_system(const std::string& folder, const std::string& options) {
  const std::string mount = "mount -t tmpfs -o mode=0700," + options + R"( tmpfs "$0" && exec "$@")";
  for (const char* how : {"-rm", "-m"}) {
    std::vector<std::string> in_front{"unshare", how, "sh", "-c", mount, folder};
    std::vector<std::string> probe = in_front;
    probe.push_back("true");
    if (run_to_end(probe).status == 0) return in_front;
  }
  return {};
}

std::int64_t unix_now() {
  return std::chrono::duration_cast<std::chrono::seconds>(std::chrono::system_clock::now().time_since_epoch())
      .count();
}

nlohmann::json reading(const std::string& hostname, std::int64_t timestamp, double cpu) {
  return {{"hostname", hostname}, {"timestamp", timestamp}, {"cpu", cpu}, {"ram", 41.5}, {"disk", 73.2}};
}

bool eventually(const std::function<bool()>& is_so, std::chrono::seconds patience) {
  const auto deadline = std::chrono::steady_clock::now() + patience;
  while (!is_so()) {
    if (std::chrono::steady_clock::now() > deadline) return false;
    std::this_thread::sleep_for(
        std::chrono::milliseconds(20));  // polling another process: nothing to be told by
  }
  return true;
}

}  // namespace hostwatch::testing
