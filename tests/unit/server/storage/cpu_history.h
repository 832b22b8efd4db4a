#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "server/query/history.h"

namespace hostwatch::storage {

/// A host's cpu as a query gives it; without rows if it has none.
inline query::HostHistory cpu_history(const Store& store, const std::string& host, std::int64_t from,
                                      std::int64_t to, std::optional<std::int64_t> step) {
  query::HistoryRequest request;
  request.hostnames = {host};
  request.from = from;
  request.to = to;
  request.step = step;
  request.metrics = {"cpu"};
  query::History history = query::read_history(store, request, {});
  return history.hosts.empty() ? query::HostHistory{} : history.hosts.front();
}

}  // namespace hostwatch::storage
