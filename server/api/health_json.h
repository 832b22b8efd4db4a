#pragma once

#include <cstdint>
#include <mutex>
#include <string>

#include "server/storage/store.h"

namespace hostwatch::api {

/// The member "database" of GET /health: how much there is, how far back it goes, how it grows. What is not
/// known is null. Tells no names. Pure.
std::string database_json(const storage::StoreStatistics& statistics);

/// Makes database_json() anew once a second at most: /health may be asked often, and answers at once.
/// Thread-safe.
class DatabaseFigures {
 public:
  explicit DatabaseFigures(const storage::Store& store) : store_(store) {}

  /// `now`: Unix seconds.
  std::string json(std::int64_t now);

 private:
  const storage::Store& store_;
  std::mutex mutex_;
  std::string json_;
  std::int64_t made_ = 0;
};

}  // namespace hostwatch::api
