#include "server/delivery/delivery_worker.h"

#include <csignal>

#include <algorithm>
#include <charconv>
#include <stdexcept>

#include "server/delivery/channel_json.h"
#include "util/clock.h"

namespace hostwatch::delivery {
namespace {

constexpr std::chrono::seconds kLongestPoll{60};
DeliverySettings with_clocks(DeliverySettings settings) {
  if (!settings.unix_now) settings.unix_now = util::unix_now;
  if (!settings.steady_now) settings.steady_now = std::chrono::steady_clock::now;
  return settings;
}

CURLM* new_multi() {
  CURLM* multi = curl_multi_init();
  if (multi == nullptr) throw std::runtime_error("libcurl gives no handle");
  return multi;
}

/// A receiver that closes while OpenSSL writes to it would end the program: libcurl leaves that to us.
void block_broken_pipes() {
  sigset_t signals;
  ::sigemptyset(&signals);
  ::sigaddset(&signals, SIGPIPE);
  ::pthread_sigmask(SIG_BLOCK, &signals, nullptr);
}

}  // namespace

DeliveryWorker::DeliveryWorker(DeliverySettings settings, DeliveryCallbacks callbacks)
    : settings_(with_clocks(std::move(settings))),
      callbacks_(std::move(callbacks)),
      multi_(new_multi()),
      random_(std::random_device{}()),
      thread_([this](const std::stop_token& stopping) { run(stopping); }) {}

DeliveryWorker::~DeliveryWorker() {
  stop();
}

void DeliveryWorker::stop() {
  {
    const util::MutexLock lock(mutex_);
    is_stopped_ = true;
  }
  thread_.request_stop();
  wake();
  if (thread_.joinable()) thread_.join();
}

void DeliveryWorker::wake() {
  curl_multi_wakeup(multi_.get());
}

void DeliveryWorker::set_channels(std::shared_ptr<const std::vector<Channel>> channels) {
  const SteadyTime now = settings_.steady_now();
  {
    const util::MutexLock lock(mutex_);
    has_channels_ = true;
    std::map<std::string, State> before = std::exchange(states_, {});
    for (const Channel& channel : *channels) {
      auto node = before.extract(channel.name);
      State& state = node ? states_.insert(std::move(node)).position->second : states_[channel.name];
      if (!state.channel) state.next_beat = now;
      if (state.channel && *state.channel != channel) state.queue.forget_parts();
      state.channel = channel;
    }
    for (auto& [name, state] : before) state.channel.reset();
    states_.merge(before);
    std::erase_if(states_, [](const auto& one) {
      return !one.second.channel && one.second.queue.size() == 0 && !one.second.is_busy;
    });
  }
  wake();
}

void DeliveryWorker::submit(Message message, bool may_have_arrived) {
  const Moment now = moment();
  {
    const util::MutexLock lock(mutex_);
    if (is_stopped_ || channel_of_.contains(message.id)) return;
    State& state = states_[message.channel];
    channel_of_.emplace(message.id, message.channel);
    state.queue.add(std::move(message), may_have_arrived, now);
  }
  wake();
}

bool DeliveryWorker::withdraw(const std::string& id) {
  const util::MutexLock lock(mutex_);
  const auto found = channel_of_.find(id);
  if (found == channel_of_.end() || !states_.at(found->second).queue.withdraw(id)) return false;
  channel_of_.erase(found);
  return true;
}

void DeliveryWorker::test(Channel channel, Told told) {
  bool is_refused = false;
  {
    const util::MutexLock lock(mutex_);
    is_refused = is_stopped_ || tests_.size() >= kMostWaitingTests;
    if (!is_refused) tests_.push_back({std::move(channel), std::move(told)});
  }
  if (!is_refused) return wake();
  DeliveryResult result;
  result.channel = channel.name;
  result.outcome = Outcome::unsent;
  result.error = "too many tests at a time";
  told(result);
}

void DeliveryWorker::post_state() {
  const SteadyTime now = settings_.steady_now();
  {
    const util::MutexLock lock(mutex_);
    for (auto& [name, state] : states_) {
      const bool is_told_state = state.channel && state.channel->kind == ChannelKind::alertmanager;
      if (is_told_state) state.next_beat = std::min(state.next_beat, now);
    }
  }
  wake();
}

std::map<std::string, ChannelFigures> DeliveryWorker::figures() const {
  std::map<std::string, ChannelFigures> all;
  const util::MutexLock lock(mutex_);
  for (const auto& [name, state] : states_) {
    ChannelFigures& figures = all[name] = state.figures;
    figures.waiting = state.queue.size();
    figures.oldest = state.queue.oldest();
  }
  return all;
}

Moment DeliveryWorker::moment() const {
  return {settings_.unix_now(), settings_.steady_now()};
}

double DeliveryWorker::jitter() {
  if (settings_.jitter) return settings_.jitter();
  return std::uniform_real_distribution<double>(0, 1)(random_);
}

void DeliveryWorker::run(const std::stop_token& stopping) {
  block_broken_pipes();
  while (!stopping.stop_requested()) {
    try {
      look();
    } catch (const std::exception&) {
      // For want of memory, as a rule: what waits is still there, and looked at again.
      curl_multi_poll(multi_.get(), nullptr, 0, 1'000, nullptr);
    }
  }
  abandon_all();
}

void DeliveryWorker::look() {
  give_up_lost();
  const Moment now = moment();
  for (Attempt& attempt : due(now)) {
    const std::string name = attempt.kind == AttemptKind::test ? "" : attempt.channel.name;
    try {
      begin(std::move(attempt), now);
    } catch (const std::exception&) {
      release(name);
    }
  }
  int running = 0;
  curl_multi_perform(multi_.get(), &running);
  const Moment after = moment();
  take_ended(after);
  take_overdue(after);
  curl_multi_poll(multi_.get(), nullptr, 0, poll_time(after), nullptr);
}

/// What could not begin, for want of memory, is as if it had not been tried.
void DeliveryWorker::release(const std::string& channel) {
  if (channel.empty()) {
    --tests_in_flight_;
    return;
  }
  const util::MutexLock lock(mutex_);
  State& state = states_.at(channel);
  state.is_busy = false;
  state.is_suspect = false;
  state.queue.release();
}

/// Messages to channels that there are not, or not any more.
void DeliveryWorker::give_up_lost() {
  std::vector<DeliveryResult> lost;
  {
    const util::MutexLock lock(mutex_);
    if (!has_channels_) return;
    for (auto& [name, state] : states_) {
      if (state.channel) continue;
      auto given_up = state.queue.give_up("there is no channel of that name");
      lost.insert(lost.end(), given_up.begin(), given_up.end());
    }
    for (const DeliveryResult& result : lost) channel_of_.erase(result.id);
    std::erase_if(states_, [](const auto& one) {
      return !one.second.channel && one.second.queue.size() == 0 && !one.second.is_busy;
    });
  }
  for (const DeliveryResult& result : lost) {
    if (callbacks_.result) callbacks_.result(result);
  }
}

bool DeliveryWorker::has_beat(const State& state) {
  return state.channel->kind == ChannelKind::heartbeat || state.channel->kind == ChannelKind::alertmanager;
}

std::chrono::seconds DeliveryWorker::interval_of(const Channel& channel) const {
  if (channel.kind == ChannelKind::alertmanager) return settings_.state_interval;
  std::int64_t seconds = 60;
  if (const auto every = channel.settings.find("every"); every != channel.settings.end()) {
    std::from_chars(every->second.data(), every->second.data() + every->second.size(), seconds);
  }
  return std::chrono::seconds(seconds);
}

TransferSettings DeliveryWorker::transfer_settings(const Channel& channel) const {
  TransferSettings settings;
  settings.policy = settings_.policy;
  if (!settings.policy.own.empty()) {  // interfaces come and go
    const auto addresses = addresses_of_this_machine();
    auto& known = settings.policy.own_addresses;
    known.insert(known.end(), addresses.begin(), addresses.end());
  }
  settings.from_file = channel.from_file;
  settings.ca_file = settings_.ca_file;
  settings.connect_timeout = settings_.connect_timeout;
  settings.timeout = settings_.timeout;
  return settings;
}

int DeliveryWorker::poll_time(const Moment& now) {
  SteadyTime next = now.steady + kLongestPoll;
  for (const auto& [handle, attempt] : in_flight_) next = std::min(next, attempt->deadline);
  const util::MutexLock lock(mutex_);
  if (!has_channels_) return static_cast<int>(kLongestPoll / std::chrono::milliseconds{1});
  const bool has_room = in_flight_.size() - tests_in_flight_ < kMostInFlight;
  std::size_t suspects = 0;
  for (const auto& [name, state] : states_) suspects += state.is_suspect ? 1U : 0U;
  for (const auto& [name, state] : states_) {
    const bool has_place = has_room && (state.queue.failures() == 0 || suspects < kMostSuspects);
    if (!state.channel || !state.channel->enabled || state.is_busy || !has_place) continue;
    if (const auto wakes = state.queue.wake()) next = std::min(next, *wakes);
    if (has_beat(state)) next = std::min(next, state.next_beat);
  }
  const auto wait = std::chrono::ceil<std::chrono::milliseconds>(next - now.steady);
  return static_cast<int>(std::max<std::int64_t>(0, wait.count()));
}

void DeliveryWorker::abandon_all() {
  std::vector<Told> told;
  for (const auto& [handle, attempt] : in_flight_) {
    attempt->transfer->abandon();
    curl_multi_remove_handle(multi_.get(), handle);
    if (attempt->told) told.push_back(attempt->told);
  }
  in_flight_.clear();
  {
    const util::MutexLock lock(mutex_);
    for (Test& test : tests_) told.push_back(std::move(test.told));
    tests_.clear();
  }
  DeliveryResult result;
  result.outcome = Outcome::unknown;
  result.error = "the server stops";
  for (const Told& tell : told) tell(result);
}

}  // namespace hostwatch::delivery
