#include "tests/integration/ledger.h"

#include <gtest/gtest.h>

#include <SQLiteCpp/SQLiteCpp.h>

#include <algorithm>
#include <cstdlib>

namespace hostwatch::testing {
namespace {

std::string request_body(const LedgerSettings& settings, std::int64_t first) {
  nlohmann::json body = nlohmann::json::array();
  for (std::size_t i = 0; i < settings.array_size; ++i) {
    const std::int64_t timestamp = first + static_cast<std::int64_t>(i);
    body.push_back(reading(settings.hostname, timestamp, value_at(timestamp)));
  }
  return (settings.array_size == 1 ? body[0] : body).dump();
}

}  // namespace

double value_at(std::int64_t timestamp) {
  return static_cast<double>(timestamp % 1000) / 10;
}

LedgerClient::LedgerClient(int port, LedgerSettings settings)
    : settings_(std::move(settings)), next_(settings_.first_timestamp) {
  thread_ = std::jthread([this, port](const std::stop_token& stop) {
    try {
      run(stop, port);
    } catch (const std::exception& error) {
      unexpected_ = error.what();
    }
  });
}

void LedgerClient::run(const std::stop_token& stop, int port) {
  httplib::Client client("127.0.0.1", port);
  client.set_tcp_nodelay(true);
  client.set_keep_alive(true);
  client.set_connection_timeout(10);
  client.set_read_timeout(settings_.answer_within);
  while (!stop.stop_requested()) {
    const std::int64_t first = next_;
    next_ += static_cast<std::int64_t>(settings_.array_size);
    if (next_ > unix_now()) {
      unexpected_ = "the client was so fast that it has come to the present: let it begin earlier";
      return;
    }
    const std::string body = request_body(settings_, first);
    Outcome outcome = judge(client.Post("/metrics", body, "application/json"));
    while (outcome == Outcome::open && settings_.endures && !stop.stop_requested()) {
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
      outcome = judge(client.Post("/metrics", body, "application/json"));
    }
    if (outcome == Outcome::ended) return;
    if (outcome == Outcome::acknowledged) {
      for (std::int64_t timestamp = first; timestamp < next_; ++timestamp) acknowledged_.push_back(timestamp);
      count_ = acknowledged_.size();
    }
    if (settings_.pause.count() > 0) std::this_thread::sleep_for(settings_.pause);
  }
}

LedgerClient::Outcome LedgerClient::judge(const httplib::Result& result) {
  if (!result) return settings_.endures ? Outcome::open : Outcome::ended;
  if (result->status == 503 || (settings_.expects_500 && result->status == 500)) return Outcome::open;
  const auto answer = nlohmann::json::parse(result->body, nullptr, /*allow_exceptions=*/false);
  const bool ours = result->status == 200 && answer.is_object() && answer.value("status", "") == "ok" &&
                    answer.value("accepted", std::size_t{0}) + answer.value("duplicates", std::size_t{0}) ==
                        settings_.array_size;
  if (ours) {
    duplicates_ += answer["duplicates"].get<std::size_t>();
    return Outcome::acknowledged;
  }
  const bool from_a_proxy = !answer.is_object();
  if (from_a_proxy && settings_.endures) return Outcome::open;
  unexpected_ = std::to_string(result->status) + " " + result->body;
  return Outcome::ended;
}

void LedgerClient::join() {
  if (thread_.joinable()) thread_.join();
}

void LedgerClient::stop() {
  thread_.request_stop();
  join();
}

std::map<std::int64_t, double> stored_readings(const Server& server, const std::string& hostname,
                                               std::int64_t first, std::int64_t last) {
  constexpr std::int64_t kSlice = 20000;  // of the rows that one answer may have
  std::map<std::int64_t, double> stored;
  for (std::int64_t from = first; from <= last; from += kSlice) {
    const std::int64_t to = std::min(last, from + kSlice - 1);
    const auto answer = server.get("/data?step=0&hostname=" + hostname + "&from=" + std::to_string(from) +
                                   "&to=" + std::to_string(to));
    for (const auto& row : answer["data"]) {
      const auto timestamp = row["timestamp"].get<std::int64_t>();
      EXPECT_TRUE(stored.emplace(timestamp, row["cpu"].get<double>()).second)
          << "stored twice: " << hostname << " " << timestamp;
    }
  }
  return stored;
}

std::size_t expect_ledger_kept(const Server& server, const LedgerClient& client) {
  EXPECT_EQ(client.unexpected(), "");
  const auto stored = stored_readings(server, client.hostname(), client.first(), client.next() - 1);
  std::size_t wrong = 0;
  for (const auto& [timestamp, value] : stored) wrong += value == value_at(timestamp) ? 0U : 1U;
  EXPECT_EQ(wrong, 0U) << "readings of " << client.hostname() << " with another's value";
  const auto& acknowledged = client.acknowledged();
  const auto lost = static_cast<std::size_t>(
      std::count_if(acknowledged.begin(), acknowledged.end(),
                    [&](std::int64_t timestamp) { return !stored.contains(timestamp); }));
  EXPECT_EQ(lost, 0U) << "acknowledged to " << client.hostname() << " and lost";
  return lost;
}

void expect_sound(const std::string& database) {
  const SQLite::Database opened(database, SQLite::OPEN_READONLY);
  SQLite::Statement check(opened, "PRAGMA integrity_check");
  ASSERT_TRUE(check.executeStep());
  EXPECT_EQ(check.getColumn(0).getString(), "ok");
}

double server_figure(const Server& server, const std::string& name) {
  const auto exposition = server.client().Get("/metrics");
  if (!exposition) return -1;
  const std::string label = "\nhostwatch_server_" + name + " ";
  const std::size_t at = exposition->body.find(label);
  return at == std::string::npos ? -1 : std::strtod(exposition->body.c_str() + at + label.size(), nullptr);
}

int number_from_environment(const char* variable, int otherwise) {
  const char* text = std::getenv(variable);
  const int number = text == nullptr ? 0 : static_cast<int>(std::strtol(text, nullptr, 10));
  return number > 0 ? number : otherwise;
}

}  // namespace hostwatch::testing
