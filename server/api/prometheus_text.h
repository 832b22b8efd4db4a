#pragma once

#include <cstddef>
#include <functional>
#include <map>
#include <string>

#include "server/api/host_families.h"
#include "server/api/server_families.h"
#include "server/http/answers/piece_source.h"
#include "server/query/answer_budget.h"
#include "server/storage/store.h"

namespace hostwatch::api {

/// The hosts' latest values: as storage::Store has them.
struct LatestValues {
  std::function<void(const storage::ValuesVisitor&)> visit;
  HostFamilies::NameOf name_of;
};

/// Those of a store, which must outlive it.
inline LatestValues latest_values_of(const storage::Store& store) {
  return {[&store](const storage::ValuesVisitor& visit) { store.visit_values(visit); },
          [&store](std::uint32_t series) { return store.series_name(series); }};
}

/// The text exposition format of Prometheus (version 0.0.4): `hostwatch_host_up` for every host, the latest
/// reading of each that is up (`hostwatch_<metric>{hostname=…}` and the catalogue's instance label), what is
/// known of the hosts' agents (`hostwatch_host_clock_skew_seconds`, `hostwatch_host_name_conflict` while it
/// lasts), and the server's figures (`hostwatch_server_…`), in order of names. `promtool check metrics` finds
/// nothing in what is named here and by the catalogue. Custom metrics have the names that hosts give them,
/// all as gauges: it reads them and may advise others (`jobs_total` is for it a counter, `queueLength` not in
/// snake_case), which they do not get, as people's queries and alerts have them. Not thread-safe.
class PrometheusText final : public http::PieceSource {
 public:
  /// Gathers all that it is written from, which the budget's bytes count. Throws query::HistoryTooLarge,
  /// query::AnswerUnwanted, storage::StoreError. Refers to none of the three later.
  PrometheusText(const LatestValues& hosts, const ServerFigures& figures, query::AnswerBudget& budget);

  /// Of the text, before it is compressed.
  bool next(std::string& out) override;
  std::size_t memory() const override;

 private:
  void gather(const LatestValues& hosts, const ServerFigures& figures, query::AnswerBudget& budget);

  HostFamilies hosts_;
  HostFamilies::Writer writer_{hosts_};
  bool is_in_family_ = false;                     ///< of the hosts: some of its lines are still to come
  std::map<std::string, std::string> of_server_;  ///< by metric
  std::map<std::string, std::string>::const_iterator next_of_server_;
  std::map<std::string, std::uint32_t>::const_iterator next_of_hosts_;
};

}  // namespace hostwatch::api
