#include "server/api/health_json.h"

#include <cmath>

#include "util/text/json_object.h"

namespace hostwatch::api {

std::string database_json(const storage::StoreStatistics& statistics) {
  util::JsonObjectWriter object;
  const auto number = [&object](const char* name, auto value) {
    object.number(name, static_cast<std::int64_t>(value));
  };
  const auto number_if = [&object](bool is_known, const char* name, auto value) {
    if (!is_known) return object.null(name);
    object.number(name, static_cast<std::int64_t>(value));
  };
  number("bytes", statistics.database_bytes);
  number("used_bytes", statistics.used_bytes);
  number_if(statistics.limit_bytes != 0, "limit_bytes", statistics.limit_bytes);
  number_if(statistics.bytes_per_day != 0, "bytes_per_day", std::llround(statistics.bytes_per_day));
  number_if(statistics.oldest != INT64_MAX, "oldest", statistics.oldest);
  number_if(statistics.oldest_reading != INT64_MAX, "oldest_reading", statistics.oldest_reading);
  number("damaged_chunks", statistics.damaged_chunks);
  number("damaged_hosts", statistics.damaged_hosts);
  number("series", statistics.series);
  number_if(statistics.series_limit != 0, "series_limit", statistics.series_limit);
  return object.finish();
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
