#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "server/delivery/channel.h"
#include "server/delivery/delivery_service.h"
#include "server/delivery/retry.h"
#include "server/delivery/transfer.h"

namespace hostwatch::delivery {

enum class AttemptKind : std::uint8_t {
  message,  ///< the one in flight of the channel's queue
  beat,     ///< what is sent at intervals: a heartbeat, an Alertmanager's state
  test
};

/// An attempt at a message: its requests, one after the other.
struct Attempt {
  AttemptKind kind = AttemptKind::message;
  Channel channel;  ///< as it was when the attempt began
  Message message;
  std::function<void(const DeliveryResult&)> told = {};  ///< of a test

  std::vector<Request> requests = {};
  std::set<std::size_t> done = {};         ///< of them, those that arrived or never will
  std::vector<std::string> refusals = {};  ///< of those that never will
  bool is_partly_sent = false;             ///< one of them arrived
  bool may_have_arrived = false;           ///< one of this attempt's
  std::int64_t status = 0;                 ///< of the last answer
  std::size_t at = 0;                      ///< the one in flight
  std::unique_ptr<Transfer> transfer = nullptr;
  SteadyTime begun = {};
  SteadyTime deadline = {};  ///< of the request in flight
};

}  // namespace hostwatch::delivery
