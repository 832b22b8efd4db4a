#pragma once

#include <httplib.h>

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "tests/integration/process.h"
#include "tests/support/temporary_folder.h"

namespace hostwatch::testing {

using hostwatch::test::TemporaryFolder;

/// A running hostwatch-server that has said where it listens.
class Server {
 public:
  /// Throws, with what the program printed, if it does not start.
  explicit Server(const std::string& database, int port = 0, std::vector<std::string> options = {},
                  std::vector<std::string> in_front = {});

  int port() const { return port_; }
  std::string url() const { return "http://127.0.0.1:" + std::to_string(port_) + "/metrics"; }
  Process& process() { return process_; }
  httplib::Client client() const;

  /// POST /metrics; the client's own connection.
  httplib::Result post(const nlohmann::json& body) const;

  /// GET that must answer 200 with JSON.
  nlohmann::json get(const std::string& address) const;

 private:
  Process process_;
  int port_ = 0;
};

/// What to put in front of a program so that it sees a file system of its own at `folder`, mounted with these
/// options of tmpfs; it goes with the program. Empty where neither root nor user namespaces allow it.
std::vector<std::string> on_own_file_system(const std::string& folder, const std::string& options);

std::int64_t unix_now();
nlohmann::json reading(const std::string& hostname, std::int64_t timestamp, double cpu = 12.5);

/// Asks again and again until it is so; false if it is not after `patience`.
bool eventually(const std::function<bool()>& is_so, std::chrono::seconds patience = kPatience);

}  // namespace hostwatch::testing
