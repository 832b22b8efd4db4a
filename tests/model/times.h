#pragma once

#include <cstdint>

namespace hostwatch::model {

inline constexpr std::int64_t kMinute = 60;
inline constexpr std::int64_t kHour = 3600;
inline constexpr std::int64_t kDay = 86400;
inline constexpr std::int64_t kAhead =
    300;  ///< s that a reading may lie ahead of the server's clock: the contract

}  // namespace hostwatch::model
