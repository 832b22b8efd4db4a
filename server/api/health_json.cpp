#include "server/api/health_json.h"

#include <cmath>

namespace hostwatch::api {

std::string database_json(const storage::StoreStatistics& statistics) {
  const auto time = [](std::int64_t at) {
    return at == INT64_MAX ? std::string("null") : std::to_string(at);
  };
  const bool growth_known = statistics.bytes_per_day != 0;
  const auto growth = static_cast<std::int64_t>(std::llround(statistics.bytes_per_day));
  return "{\"bytes\":" + std::to_string(statistics.database_bytes) +
         ",\"used_bytes\":" + std::to_string(statistics.used_bytes) + ",\"limit_bytes\":" +
         (statistics.limit_bytes == 0 ? std::string("null") : std::to_string(statistics.limit_bytes)) +
         ",\"bytes_per_day\":" + (growth_known ? std::to_string(growth) : std::string("null")) +
         ",\"oldest\":" + time(statistics.oldest) + ",\"oldest_reading\":" + time(statistics.oldest_reading) +
         ",\"damaged_chunks\":" + std::to_string(statistics.damaged_chunks) +
         ",\"damaged_hosts\":" + std::to_string(statistics.damaged_hosts) +
         ",\"series\":" + std::to_string(statistics.series) + ",\"series_limit\":" +
         (statistics.series_limit == 0 ? std::string("null") : std::to_string(statistics.series_limit)) + "}";
}

std::string DatabaseFigures::json(std::int64_t now) {
  const std::lock_guard lock(mutex_);
  if (json_.empty() || now != made_) {
    json_ = database_json(store_.statistics());
    made_ = now;
  }
  return json_;
}

}  // namespace hostwatch::api
