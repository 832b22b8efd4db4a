#include "tests/integration/message_ledger.h"

#include <algorithm>
#include <iterator>
#include <nlohmann/json.hpp>
#include <stdexcept>

namespace hostwatch::testing {
namespace {

/// Each channel keeps its connection, and a silent one blocks a thread.
constexpr std::size_t kThreads = 64;

}  // namespace

MessageLedger::MessageLedger() {
  receiver_.new_task_queue = [] { return new httplib::ThreadPool(kThreads); };
  receiver_.set_keep_alive_timeout(1);
  receiver_.set_tcp_nodelay(true);
  receiver_.Post("/silent", [this](const httplib::Request& /*request*/, httplib::Response& /*response*/) {
    keep_waiting();
  });
  receiver_.Post("/channels/.*", [this](const httplib::Request& request, httplib::Response& response) {
    take(request, response);
  });
  port_ = receiver_.bind_to_any_port("127.0.0.1");
  if (port_ < 0) throw std::runtime_error("no port for webhooks");
  thread_ = std::thread([this] { receiver_.listen_after_bind(); });
  while (!receiver_.is_running()) std::this_thread::yield();  // before that stop() would do nothing
}

MessageLedger::~MessageLedger() {
  {
    const std::lock_guard lock(mutex_);
    is_ending_ = true;
  }
  ends_.notify_all();
  receiver_.stop();
  thread_.join();
}

std::string MessageLedger::url(const std::string& channel) const {
  return "http://127.0.0.1:" + std::to_string(port_) + "/channels/" + channel;
}

std::string MessageLedger::silent_url() const {
  return "http://127.0.0.1:" + std::to_string(port_) + "/silent";
}

void MessageLedger::refuse_each(std::size_t attempts) {
  const std::lock_guard lock(mutex_);
  refuse_each_ = attempts;
}

void MessageLedger::take(const httplib::Request& request, httplib::Response& response) {
  const auto at = std::chrono::steady_clock::now();
  const std::string channel = request.path.substr(request.path.rfind('/') + 1);
  const std::string id = request.get_header_value("webhook-id");
  const auto message = nlohmann::json::parse(request.body, nullptr, /*allow_exceptions=*/false);
  const std::lock_guard lock(mutex_);
  if (refuse_each_ != 0 && ++attempts_ % refuse_each_ == 0) {
    ++refused_;
    response.status = 503;
    return;
  }
  try {
    if (message.at("id") != id) throw std::runtime_error("header and body name different messages");
    for (const auto& alarm : message.at("alarms")) {
      told_.push_back(
          {channel, id, alarm.at("id"), alarm.at("event"), alarm.at("rule"), alarm.at("host"), at});
    }
  } catch (const std::exception& error) {
    if (unexpected_.empty()) unexpected_ = std::string(error.what()) + ": " + request.body;
  }
}

void MessageLedger::keep_waiting() {
  std::unique_lock lock(mutex_);
  ++unanswered_;
  ends_.wait(lock, [this] { return is_ending_; });
}

std::vector<ToldAlarm> MessageLedger::told() const {
  const std::lock_guard lock(mutex_);
  return told_;
}

std::vector<ToldAlarm> MessageLedger::told_of(const std::string& rule, const std::string& event) const {
  const std::lock_guard lock(mutex_);
  std::vector<ToldAlarm> found;
  std::copy_if(told_.begin(), told_.end(), std::back_inserter(found),
               [&](const ToldAlarm& told) { return told.rule == rule && told.event == event; });
  return found;
}

std::size_t MessageLedger::unanswered() const {
  const std::lock_guard lock(mutex_);
  return unanswered_;
}

std::size_t MessageLedger::refused() const {
  const std::lock_guard lock(mutex_);
  return refused_;
}

std::string MessageLedger::unexpected() const {
  const std::lock_guard lock(mutex_);
  return unexpected_;
}

}  // namespace hostwatch::testing
