#include "server/api/server_families.h"

#include "server/api/alert_families.h"
#include "server/api/metric_families.h"

namespace hostwatch::api {
namespace {

using Families = MetricFamilies;

void add_history_figures(Families& families, const std::string& server,
                         const storage::StoreStatistics& store) {
  families.gauge(server + "database_used_bytes", "Bytes of the database that hold something.",
                 static_cast<double>(store.used_bytes));
  families.gauge(server + "database_growth_bytes", "What the database grows by in a day, of late.",
                 store.bytes_per_day);
  if (store.limit_bytes != 0) {
    families.gauge(server + "database_limit_bytes", "What the database may hold.",
                   static_cast<double>(store.limit_bytes));
  }
  if (store.oldest != INT64_MAX) {
    families.gauge(server + "history_oldest_timestamp_seconds", "Where the history begins.",
                   static_cast<double>(store.oldest));
  }
  if (store.oldest_reading != INT64_MAX) {
    families.gauge(server + "readings_oldest_timestamp_seconds", "Where raw readings begin.",
                   static_cast<double>(store.oldest_reading));
  }
  for (const storage::StoreDetail& detail : store.details) {
    families.gauge(server + detail.name, detail.help, detail.value);
  }
  families.gauge(server + "damaged_chunks",
                 "Chunks of the history that are damaged, or are kept apart since they were.",
                 static_cast<double>(store.damaged_chunks));
  families.gauge(server + "damaged_hosts",
                 "Hosts whose upkeep waits, since their rows in the database cannot be worked on.",
                 static_cast<double>(store.damaged_hosts));
  if (store.series_limit != 0) {
    families.gauge(server + "series_limit", "How many names of series there can be.",
                   static_cast<double>(store.series_limit));
  }
  families.counter(server + "series_refused_total",
                   "Samples left out because their host has, or brings, too many series.",
                   store.refused_series);
}

void add_server_figures(Families& families, const ServerFigures& figures) {
  const std::string server = "hostwatch_server_";
  families.gauge(server + "uptime_seconds", "Time since the server started.", figures.uptime_seconds);
  families.gauge(server + "connections", "Connections open.", static_cast<double>(figures.connections));
  families.counter(server + "requests_total", "Requests received.", figures.requests);
  families.counter(server + "readings_accepted_total", "Readings stored.", figures.ingest.accepted);
  families.counter(server + "readings_duplicate_total", "Readings that were stored already.",
                   figures.ingest.duplicates);
  families.counter(server + "readings_conflicting_total",
                   "Readings that were stored already with other values.", figures.ingest.conflicts);
  families.counter(server + "readings_failed_total", "Readings that the database did not take.",
                   figures.ingest.failed);
  families.counter(server + "requests_turned_away_total",
                   "Requests refused because more arrived than could be stored.", figures.ingest.refused);
  for (std::size_t i = 0; i < figures.posts_refused.size(); ++i) {
    families.counter(server + "posts_refused_total",
                     "Requests that were posted and refused: no such address, no access, no readings.",
                     figures.posts_refused.at(i),
                     {{"reason", std::string(name_of(static_cast<PostRefusals::Kind>(i)))}});
  }
  families.counter(server + "commits_total", "Transactions of readings.", figures.ingest.commits);
  families.gauge(server + "queue_values", "Readings and samples that wait or are being stored.",
                 static_cast<double>(figures.ingest.waiting_values));
  families.gauge(server + "queue_bytes", "Memory of the readings that wait or are being stored.",
                 static_cast<double>(figures.ingest.waiting_bytes));
  families.gauge(server + "decoding_bytes", "Bodies of readings that wait to be decoded, inflated.",
                 static_cast<double>(figures.decoding_bytes));
  families.gauge(server + "pending_bytes", "Memory of the readings that are not filed yet.",
                 static_cast<double>(figures.store.pending_bytes));
  families.gauge(server + "hosts", "Hosts known.", static_cast<double>(figures.store.hosts));
  families.gauge(server + "series", "Series known.", static_cast<double>(figures.store.series));
  families.gauge(server + "database_bytes", "Size of the database on disk.",
                 static_cast<double>(figures.store.database_bytes));
  families.gauge(server + "pending_readings", "Readings stored and not yet filed under their hosts.",
                 static_cast<double>(figures.store.pending_readings));
  add_history_figures(families, server, figures.store);
}

}  // namespace

std::map<std::string, std::string> server_families(const ServerFigures& figures) {
  Families families;
  add_server_figures(families, figures);
  if (figures.alarms != nullptr) add_alert_families(families, *figures.alarms, figures.channels, figures.now);
  return families.texts();
}

}  // namespace hostwatch::api
