#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "server/delivery/channel.h"
#include "server/delivery/message.h"

namespace hostwatch::delivery {

/// How an attempt ended.
enum class Outcome : std::uint8_t {
  sent,     ///< the receiver has it
  unsent,   ///< nothing of it reached the receiver (no connection): tried again, may be changed until then
  unknown,  ///< it may have arrived: tried again with the same id and text
  dead      ///< given up
};

struct DeliveryResult {
  std::string id;
  std::string channel;
  Outcome outcome = Outcome::sent;
  std::int64_t attempts = 0;
  std::int64_t status = 0;    ///< of HTTP or SMTP; 0: none
  std::string error;          ///< for people, without secrets, path or query
  std::int64_t next_due = 0;  ///< of what is tried again, Unix seconds
};

}  // namespace hostwatch::delivery
