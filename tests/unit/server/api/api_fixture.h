#pragma once

#include <atomic>
#include <cstdlib>
#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "server/api/api.h"
#include "server/auth/access_control.h"
#include "server/http/http_server.h"
#include "server/ingest/ingest_queue.h"
#include "server/server.h"
#include "server/storage/sqlite/sqlite_store.h"
#include "tests/unit/server/http/server_fixture.h"

namespace hostwatch::api::test {

using http::test::eventually;
using http::test::RawClient;
using nlohmann::json;
using server::kDecoders;
using server::kQueries;

inline constexpr std::int64_t kNow = 1763884800;

/// Bodies up to 1 MiB, so that tests of the limit stay quick.
inline IntakeLimits small_intake() {
  IntakeLimits limits;
  limits.max_inflated_bytes = 1UL << 20U;
  return limits;
}

/// Everybody may do everything, unless a test says otherwise; hashing passwords takes no time.
struct AccessForTests {
  static std::string fresh_file() {
    std::string folder = testing::TempDir() + "/hostwatch-credentials-XXXXXX";
    return std::string(::mkdtemp(folder.data())) + "/credentials";
  }
  AccessForTests() {
    settings.mode = auth::AccessMode::insecure;
    settings.public_authority = "a";  // as ask() names it
    settings.password_cost = {4, 8, 1};
  }
  std::string file = fresh_file();  ///< of credentials
  auth::AccessSettings settings;
};

/// A whole server over a store, on the loopback, with a clock of its own.
class ApiServer {
 public:
  explicit ApiServer(storage::Store& store, ingest::IngestOptions options = {},
                     IntakeLimits intake = small_intake(), const AccessForTests& access = {})
      : server_(settings_with(options, intake, access), store, [this] { return now.load(); }) {
    server_.start();
  }

  auth::AccessControl& access() { return server_.access(); }
  auth::CredentialStore& credentials() { return server_.credentials(); }
  std::vector<RouteInfo> routes() const { return server_.routes(); }

  int port() const { return server_.port(); }

  /// For tests that keep their threads busy.
  http::WorkPool& decoders() { return server_.workers().decoders; }
  http::WorkPool& credential_changes() { return server_.workers().credentials; }
  http::WorkPool& passwords() { return server_.workers().passwords; }

  /// What would stand in the server's log about its agents.
  std::vector<std::string> notices() {
    const std::lock_guard lock(notices_mutex_);
    return notices_;
  }

  std::atomic<std::int64_t> now{kNow};

 private:
  server::ServerSettings settings_with(const ingest::IngestOptions& ingest, const IntakeLimits& intake,
                                       const AccessForTests& access) {
    server::ServerSettings made;
    made.credentials = access.file;
    made.access = access.settings;
    made.listening.port = 0;
    made.listening.threads = 2;
    made.listening.max_connections = 100;
    made.ingest = ingest;
    made.intake = intake;
    made.agent_notices = [this](const ingest::AgentNotice& notice) {
      const std::lock_guard lock(notices_mutex_);
      notices_.push_back(notice.text);
    };
    made.patience = std::chrono::milliseconds(1000);
    return made;
  }

  std::mutex notices_mutex_;
  std::vector<std::string> notices_;
  server::Server server_;
};

/// An answer as its status, its headers' text and its body.
struct Answer {
  int status = 0;
  std::string head;
  std::string body;

  json parsed() const { return json::parse(body, nullptr, false); }
};

inline Answer ask(int port, const std::string& method, const std::string& target,
                  const std::string& headers = "", const std::string& body = "") {
  RawClient client(port);
  std::string request = method + " " + target + " HTTP/1.1\r\nHost: a\r\nConnection: close\r\n" + headers;
  if (method == "POST" || method == "PUT" || method == "PATCH" || !body.empty()) {
    request += "Content-Length: " + std::to_string(body.size()) + "\r\n";
  }
  client.send(request + "\r\n" + body);
  const std::string all = client.rest();
  const std::size_t end = all.find("\r\n\r\n");
  if (end == std::string::npos || all.size() < 12) {
    ADD_FAILURE() << "no answer to " << method << " " << target << ": " << all;
    return {};
  }
  return {std::stoi(all.substr(9, 3)), all.substr(0, end + 2), all.substr(end + 4)};
}

inline std::string reading(const std::string& hostname, std::int64_t timestamp, double cpu = 10) {
  return json{{"hostname", hostname}, {"timestamp", timestamp}, {"cpu", cpu}, {"ram", 20}, {"disk", 30}}
      .dump();
}

/// A real database in a folder of its own.
class ApiTest : public testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = testing::TempDir() + "/hostwatch-api-XXXXXX";
    ASSERT_NE(::mkdtemp(pattern.data()), nullptr);
    folder_ = pattern;
    storage::sqlite::SqliteOptions options;
    options.path = (folder_ / "metrics.db").string();
    store_ = std::make_unique<storage::sqlite::SqliteStore>(options);
    api_ = std::make_unique<ApiServer>(*store_);
  }
  void TearDown() override {
    api_.reset();
    store_.reset();
    std::filesystem::remove_all(folder_);
  }

  Answer get(const std::string& target, const std::string& headers = "") const {
    return ask(api_->port(), "GET", target, headers);
  }
  Answer post(const std::string& body,
              const std::string& headers = "Content-Type: application/json\r\n") const {
    return ask(api_->port(), "POST", "/metrics", headers, body);
  }
  Answer request(const std::string& method, const std::string& target) const {
    return ask(api_->port(), method, target);
  }

  std::filesystem::path folder_;
  std::unique_ptr<storage::sqlite::SqliteStore> store_;
  std::unique_ptr<ApiServer> api_;
};

}  // namespace hostwatch::api::test
