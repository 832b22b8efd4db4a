#include "server/http/api.h"

#include <spdlog/spdlog.h>

#include <utility>

#include "server/http/data_format.h"
#include "server/http/gzip.h"
#include "server/http/host_json.h"
#include "server/http/prometheus_text.h"
#include "server/http/query_parameters.h"

namespace hostwatch::http {
namespace {

constexpr std::size_t kWorthCompressing = 1400;  // less fits into one packet as it is

Response try_later(int status, std::string_view text, int seconds) {
  Response response = Response::error(status, text);
  response.headers.emplace_back("Retry-After", std::to_string(seconds));
  return response;
}

Response not_allowed(const std::string& allowed) {
  Response response = Response::error(405, "this address takes only " + allowed);
  response.headers.emplace_back("Allow", allowed);
  return response;
}

void compress(Response& response, const Request& request) {
  if (response.body.size() < kWorthCompressing || response.status != 200) return;
  response.headers.emplace_back("Vary", "Accept-Encoding");
  if (request.get_header_value("Accept-Encoding").find("gzip") == std::string::npos) return;
  response.body = deflate_gzip(response.body, 1);
  response.headers.emplace_back("Content-Encoding", "gzip");
}

}  // namespace

Api::Api(ApiParts parts)
    : parts_(std::move(parts)),
      intake_(std::make_unique<ReadingsIntake>(IntakeParts{parts_.store, parts_.ingest, parts_.agents,
                                                           parts_.decoders, parts_.clock, parts_.intake})),
      database_(std::make_unique<DatabaseFigures>(parts_.store)),
      started_(parts_.clock()) {
  routes_["/"] = {{"GET", &Api::root}};
  routes_["/dashboard"] = {{"GET", &Api::dashboard}};
  routes_["/health"] = {{"GET", &Api::health}};
  routes_["/catalogue"] = {{"GET", &Api::catalogue}};
  routes_["/hosts"] = {{"GET", &Api::hosts}};
  routes_["/data"] = {{"GET", &Api::data}};
  routes_["/metrics"] = {{"GET", &Api::exposition}, {"POST", &Api::post_readings}};
}

std::optional<Response> Api::handle(const Request& request, const Responder& responder) const {
  // HEAD is GET without the body, which the HTTP server leaves out.
  const std::string_view method = request.method == "HEAD" ? "GET" : std::string_view(request.method);
  const auto route = routes_.find(request.path);
  if (route == routes_.end()) {
    if (request.path.starts_with("/assets/")) return handle_asset(request);
    if (request.path.starts_with("/hosts/")) return handle_host(request, responder);
    return Response::error(404, "there is nothing at this address; the page is at /dashboard");
  }
  const auto found = route->second.find(method);
  if (found == route->second.end()) {
    std::string allowed;
    for (const auto& [name, unused] : route->second) allowed += allowed.empty() ? name : ", " + name;
    return not_allowed(route->second.contains("GET") ? allowed + ", HEAD" : allowed);
  }
  return (this->*found->second)(request, responder);
}

std::optional<Response> Api::root(const Request& /*request*/, const Responder& /*responder*/) const {
  Response response;
  response.status = 302;
  response.headers.emplace_back("Location", "dashboard");  // relative: right under any base path
  return response;
}

std::optional<Response> Api::dashboard(const Request& request, const Responder& /*responder*/) const {
  Response response = assets_.page(request);
  compress(response, request);
  return response;
}

std::optional<Response> Api::handle_asset(const Request& request) const {
  if (request.method != "GET" && request.method != "HEAD") return not_allowed("GET, HEAD");
  std::optional<Response> response =
      assets_.file(request.path.substr(std::string_view("/assets/").size()), request);
  if (!response) return Response::error(404, "there is no such file");
  compress(*response, request);
  return response;
}

std::optional<Response> Api::health(const Request& /*request*/, const Responder& /*responder*/) const {
  if (const auto failure = parts_.ingest.failure()) {
    std::string body = "{\"status\":\"failing\",\"reason\":";
    body += Response::error(503, *failure).body.substr(std::string_view("{\"error\":").size());
    return Response::json(std::move(body), 503);
  }
  return Response::json("{\"status\":\"ok\",\"version\":\"" HOSTWATCH_VERSION "\",\"database\":" +
                        database_->json(parts_.clock()) + "}");
}

std::optional<Response> Api::catalogue(const Request& request, const Responder& /*responder*/) const {
  Response response = Response::json(catalogue_json());
  compress(response, request);
  return response;
}

std::optional<Response> Api::later(WorkPool& pool, const Request& request, const Responder& responder,
                                   std::function<Response()> work) {
  Request headers;
  headers.headers = request.headers;
  const bool queued = pool.submit([responder, headers = std::move(headers), work = std::move(work)] {
    Response response;
    try {
      response = work();
      compress(response, headers);
    } catch (const query::HistoryTooLarge& error) {
      response = Response::error(400, error.what());
    } catch (const storage::StoreError& error) {
      spdlog::error("a request failed: {}", error.what());
      response = try_later(503, error.what(), 5);
    } catch (const std::exception& error) {
      spdlog::error("a request failed: {}", error.what());
      response = Response::error(500, "the server failed to answer; its log says why");
    }
    responder.answer(std::move(response));
  });
  if (!queued) return try_later(503, "the server answers too many queries already; ask again in a moment", 1);
  return std::nullopt;
}

std::optional<Response> Api::hosts(const Request& request, const Responder& responder) const {
  return later(parts_.overviews, request, responder, [this] {
    const std::int64_t now = parts_.clock();
    return Response::json(hosts_json(parts_.store.hosts(), parts_.agents.snapshot(now), now));
  });
}

std::optional<Response> Api::exposition(const Request& request, const Responder& responder) const {
  return later(parts_.overviews, request, responder, [this] {
    ServerFigures figures;
    figures.now = parts_.clock();
    figures.uptime_seconds = static_cast<double>(figures.now - started_);
    if (const HttpServer* server = parts_.http()) {
      figures.connections = server->connections();
      figures.requests = server->requests();
    }
    figures.ingest = parts_.ingest.statistics();
    figures.ingest.refused += intake_->undecoded();
    figures.decoding_bytes = intake_->decoding_bytes();
    figures.store = parts_.store.statistics();
    figures.agents = parts_.agents.snapshot(figures.now);
    Response response;
    response.content_type = "text/plain; version=0.0.4; charset=utf-8";
    response.body = prometheus_text(parts_.store.hosts(), figures);
    return response;
  });
}

std::optional<Response> Api::data(const Request& request, const Responder& responder) const {
  const std::int64_t now = parts_.clock();
  auto parsed = parse_data_query(request.params, now, parts_.store.earliest_history(now));
  if (const auto* wrong = std::get_if<std::string>(&parsed)) return Response::error(400, *wrong);
  return later(parts_.work, request, responder, [this, query = std::get<DataQuery>(std::move(parsed))] {
    const query::History history = query::read_history(parts_.store, query.history, parts_.limits);
    Response response;
    switch (query.format) {
      case DataFormat::rows:
        response.body = format_rows(history, query.history);
        break;
      case DataFormat::columns:
        response.body = format_columns(history, query.history);
        break;
      case DataFormat::csv:
        response.body = format_csv(history);
        response.content_type = "text/csv; charset=utf-8; header=present";
        response.headers.emplace_back("Content-Disposition", "attachment; filename=\"hostwatch.csv\"");
        break;
    }
    return response;
  });
}

std::optional<Response> Api::post_readings(const Request& request, const Responder& responder) const {
  return intake_->take(request, responder);
}

/// DELETE /hosts/NAME and POST /hosts/NAME/clean. The name is one segment of the address as sent, so that a
/// host whose name holds a slash (%2F) is no other address.
std::optional<Response> Api::handle_host(const Request& request, const Responder& responder) const {
  std::string_view rest = std::string_view(request.target).substr(0, request.target.find_first_of("?#"));
  constexpr std::string_view kPrefix = "/hosts/";
  if (!rest.starts_with(kPrefix)) return Response::error(404, "there is nothing at this address");
  rest.remove_prefix(kPrefix.size());
  const std::size_t slash = rest.find('/');
  const std::string_view action = slash == std::string_view::npos ? std::string_view() : rest.substr(slash);
  std::string name = httplib::detail::decode_url(std::string(rest.substr(0, slash)), false);
  const bool clean = action == "/clean";
  if (name.empty() || (!action.empty() && !clean))
    return Response::error(404, "there is nothing at this address");
  const char* allowed = clean ? "POST" : "DELETE";
  if (request.method != allowed) return not_allowed(allowed);

  const auto found = std::make_shared<bool>(false);
  auto work = [found, name, clean, clock = parts_.clock](storage::Store& store) {
    *found = clean ? store.clean_host(name, clock()) : store.forget_host(name);
  };
  auto done = [this, found, responder, name, clean](const std::optional<std::string>& error) {
    if (!error && *found && !clean) parts_.agents.forget(name);
    if (error) {
      responder.answer(try_later(503, "nothing was deleted: " + *error, 5));
    } else if (!*found) {
      responder.answer(Response::error(404, "there is no host of that name"));
    } else {
      responder.answer(Response::json("{\"status\":\"ok\"}"));
    }
  };
  if (parts_.ingest.run(std::move(work), std::move(done))) return std::nullopt;
  return try_later(503, "the server is busy; ask again in a moment", 1);
}

}  // namespace hostwatch::http
