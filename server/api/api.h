#pragma once

#include <optional>
#include <vector>

#include "server/api/access/enrollment_api.h"
#include "server/api/access/gate.h"
#include "server/api/access/session_api.h"
#include "server/api/access/tokens_api.h"
#include "server/api/alerts/alerts_api.h"
#include "server/api/alerts/channels_api.h"
#include "server/api/alerts/deliveries_api.h"
#include "server/api/alerts/preview_api.h"
#include "server/api/alerts/routes_api.h"
#include "server/api/alerts/rules_api.h"
#include "server/api/alerts/silences_api.h"
#include "server/api/dispatcher.h"
#include "server/api/exposition_api.h"
#include "server/api/health_api.h"
#include "server/api/history/fleet_api.h"
#include "server/api/history/history_api.h"
#include "server/api/hosts/hosts_api.h"
#include "server/api/page/catalogue_api.h"
#include "server/api/page/page_api.h"
#include "server/api/readings/post_refusals.h"
#include "server/api/readings/readings_api.h"
#include "server/api/readings/refusals_api.h"
#include "server/api/router.h"
#include "server/api/services.h"

namespace hostwatch::api {

/// The HTTP contract (docs/api.md): one member for each resource. Thread-safe after construction.
class Api {
 public:
  explicit Api(Services services);
  Api(const Api&) = delete;  // its routes lead to itself
  Api& operator=(const Api&) = delete;

  // The handlers for an HttpServer: see Dispatcher.
  std::optional<http::Response> handle(const http::Request& request, const http::Responder& responder) const {
    return dispatcher_.handle(request, responder);
  }
  http::HeadVerdict check_head(const http::Request& head, const http::Peer& peer) const {
    return dispatcher_.check_head(head, peer);
  }
  void note_refused(const http::Request& head, const http::Peer& peer, const http::Response& refusal) const {
    dispatcher_.note_refused(head, peer, refusal);
  }

  /// Every address and method that is answered.
  std::vector<RouteInfo> routes() const { return router_.routes(); }

  /// Readings that are not handed to the writer yet are turned away from now on: the server ends.
  void stop_taking() { readings_.stop(); }

 private:
  const Services services_;
  Gate gate_;
  PostRefusals refusals_;
  PageApi page_;
  HealthApi health_;
  CatalogueApi catalogue_;
  HostsApi hosts_;
  HistoryApi history_;
  FleetApi fleet_;
  PreviewApi preview_;
  ReadingsApi readings_;
  ExpositionApi exposition_;
  SessionApi session_;
  TokensApi tokens_;
  EnrollmentApi enrollment_;
  RefusalsApi refusals_list_;
  AlertsApi alerts_;
  SilencesApi silences_;
  RulesApi rules_;
  ChannelsApi channels_;
  RoutesApi routes_;
  DeliveriesApi deliveries_;
  Router router_;
  Dispatcher dispatcher_;
};

}  // namespace hostwatch::api
