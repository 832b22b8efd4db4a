#include "server/api/exposition_api.h"

#include <memory>

#include "server/api/answer.h"
#include "server/api/prometheus_text.h"

namespace hostwatch::api {

void ExpositionApi::add_routes(Router& router) {
  router.add("GET", "/metrics", Permission::read, [this](const Call& call) { return exposition(call); });
}

Reply ExpositionApi::exposition(const Call& call) const {
  return stream_later(services_.workers.overviews, call, services_.limits,
                      [this](query::AnswerBudget& budget, http::Response& response) {
                        response.content_type = "text/plain; version=0.0.4; charset=utf-8";
                        return std::make_shared<PrometheusText>(latest_values_of(services_.store), figures(),
                                                                budget);
                      });
}

ServerFigures ExpositionApi::figures() const {
  ServerFigures figures;
  figures.now = services_.clock();
  figures.uptime_seconds = static_cast<double>(figures.now - started_);
  const HttpFigures http = services_.http_figures();
  figures.connections = http.connections;
  figures.requests = http.requests;
  figures.ingest = services_.ingest.statistics();
  figures.ingest.refused += intake_.undecoded();
  figures.posts_refused = refusals_.counts();
  figures.decoding_bytes = intake_.decoding_bytes();
  figures.store = services_.store.statistics();
  figures.agents = services_.agents.snapshot(figures.now);
  figures.alarms = services_.alerts.engine.snapshot();
  figures.channels = services_.alerts.deliveries.figures();
  return figures;
}

}  // namespace hostwatch::api
