#pragma once

#include <curl/curl.h>

#include <cstddef>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <random>
#include <stop_token>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "server/delivery/attempt.h"
#include "server/delivery/channel_queue.h"
#include "server/delivery/delivery_service.h"
#include "server/delivery/posted_alerts.h"
#include "util/mutex.h"

namespace hostwatch::delivery {

/// The thread of DeliveryService: looks after the queues of all channels and after libcurl's transfers. Its
/// public functions are thread-safe.
class DeliveryWorker {
 public:
  static constexpr std::size_t kMostInFlight = 8;
  /// Of them, those of channels that failed the last time: however many are dead, others find a place.
  static constexpr std::size_t kMostSuspects = 4;
  static constexpr std::size_t kMostTests = 4;  ///< beside the above
  static constexpr std::size_t kMostWaitingTests = 16;

  using Told = std::function<void(const DeliveryResult&)>;

  DeliveryWorker(DeliverySettings settings, DeliveryCallbacks callbacks);
  ~DeliveryWorker();
  DeliveryWorker(const DeliveryWorker&) = delete;
  DeliveryWorker& operator=(const DeliveryWorker&) = delete;

  // As DeliveryService has them.
  void set_channels(std::shared_ptr<const std::vector<Channel>> channels) EXCLUDES(mutex_);
  void submit(Message message, bool may_have_arrived) EXCLUDES(mutex_);
  bool withdraw(const std::string& id) EXCLUDES(mutex_);
  void test(Channel channel, Told told) EXCLUDES(mutex_);
  void post_state() EXCLUDES(mutex_);
  std::map<std::string, ChannelFigures> figures() const EXCLUDES(mutex_);
  void wake();
  void stop() EXCLUDES(mutex_);

 private:
  /// What is known of a channel, or of a name that messages wait for.
  struct State {
    std::optional<Channel> channel;  ///< nothing: there is none of that name
    ChannelQueue queue;
    ChannelFigures figures;
    bool is_busy = false;     ///< something is in flight
    bool is_suspect = false;  ///< what is in flight is so after a failure
    SteadyTime next_beat;     ///< of what is sent at intervals
  };
  struct Test {
    Channel channel;
    Told told;
  };

  void run(const std::stop_token& stopping);
  void look();
  Moment moment() const;
  double jitter();
  TransferSettings transfer_settings(const Channel& channel) const;

  // What begins.
  std::vector<Attempt> due(const Moment& now) EXCLUDES(mutex_);
  bool take_due(State& state, const Moment& now, std::vector<Attempt>& attempts) REQUIRES(mutex_);
  void begin(Attempt attempt, const Moment& now);
  bool prepare(Attempt& attempt, const Moment& now);
  void next_request(std::unique_ptr<Attempt> attempt, const Moment& now);

  // What ends.
  void take_ended(const Moment& now);
  void take_overdue(const Moment& now);
  void request_ended(CURL* handle, const AttemptEnd& end, const Moment& now);
  void finish(Attempt& attempt, const AttemptEnd& end, const Moment& now) EXCLUDES(mutex_);
  void release(const std::string& channel) EXCLUDES(mutex_);
  void give_up_lost() EXCLUDES(mutex_);
  void abandon_all();

  int poll_time(const Moment& now) EXCLUDES(mutex_);
  void count(State& state, const AttemptEnd& end, Outcome outcome, const Moment& now) REQUIRES(mutex_);
  static bool has_beat(const State& state);
  std::chrono::seconds interval_of(const Channel& channel) const;

  const DeliverySettings settings_;
  const DeliveryCallbacks callbacks_;

  struct MultiDeleter {
    void operator()(CURLM* multi) const { curl_multi_cleanup(multi); }
  };
  std::unique_ptr<CURLM, MultiDeleter> multi_;

  mutable util::Mutex mutex_;
  bool has_channels_ GUARDED_BY(mutex_) = false;
  bool is_stopped_ GUARDED_BY(mutex_) = false;
  std::map<std::string, State> states_ GUARDED_BY(mutex_);            ///< by the channel's name
  std::map<std::string, std::string> channel_of_ GUARDED_BY(mutex_);  ///< by the id of what waits
  std::vector<Test> tests_ GUARDED_BY(mutex_);                        ///< that have not begun
  std::string last_begun_ GUARDED_BY(mutex_);  ///< the channel after which the next one has its turn

  // The thread's own.
  std::map<CURL*, std::unique_ptr<Attempt>> in_flight_;
  std::size_t tests_in_flight_ = 0;
  std::map<std::string, PostedAlerts> posted_;  ///< by channel
  std::minstd_rand random_;

  std::jthread thread_;  ///< last: it uses the others
};

}  // namespace hostwatch::delivery
