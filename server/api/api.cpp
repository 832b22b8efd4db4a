#include "server/api/api.h"

#include <spdlog/spdlog.h>

#include <utility>

#include "net/address.h"
#include "server/api/access_answers.h"
#include "server/api/data_format.h"
#include "server/api/fleet_format.h"
#include "server/api/host_json.h"
#include "server/api/prometheus_text.h"
#include "server/api/query_parameters.h"
#include "server/http/query_text.h"
#include "server/http/request_parser.h"

namespace hostwatch::api {
namespace {

http::Response not_allowed(const std::string& allowed) {
  http::Response response = http::Response::error(405, "this address takes only " + allowed);
  response.headers.emplace_back("Allow", allowed);
  return response;
}

std::string_view without_slashes_behind(std::string_view path) {
  while (path.size() > 1 && path.ends_with('/')) path.remove_suffix(1);
  return path;
}

/// The address as routes_ knows it: names in it are a star, which stands for one segment of the address as
/// sent, so that a name that holds a slash (%2F) is no other address. A star that is sent is no pattern. A
/// slash behind it, as proxies and people add one, makes no other address; those before it are gone already
/// (RequestFramer).
std::string pattern_of(const http::Request& request) {
  const std::string_view path =
      without_slashes_behind(std::string_view(request.target).substr(0, request.target.find_first_of("?#")));
  for (const std::string_view prefix : {"/assets/", "/hosts/", "/tokens/"}) {
    if (!path.starts_with(prefix)) continue;
    const std::string_view rest = path.substr(prefix.size());
    const std::size_t slash = rest.find('/');
    const std::string_view behind = slash == std::string_view::npos ? std::string_view() : rest.substr(slash);
    if (rest.empty() || slash == 0 || behind.find('*') != std::string_view::npos) return {};
    return std::string(prefix) + "*" + std::string(behind);
  }
  const std::string_view decoded = without_slashes_behind(request.path);
  return decoded.find('*') == std::string_view::npos ? std::string(decoded) : std::string();
}

/// The host that /hosts/NAME or /hosts/NAME/clean names; or /hosts?hostname=NAME, for names that browsers
/// make another address of: "." and "..", however they are written (WHATWG URL, 4.1). Readings of such names
/// were taken once.
std::string host_of(const http::Request& request) {
  if (without_slashes_behind(request.path) == "/hosts") {
    const http::Params parameters = http::query_parameters(request.target);
    const auto named = parameters.find("hostname");
    return named == parameters.end() ? std::string() : named->second;
  }
  std::string_view rest = std::string_view(request.target).substr(std::string_view("/hosts/").size());
  return http::decode_url(rest.substr(0, rest.find_first_of("/?#")), false);
}

/// `where`: relative, so that it is right under any base path; and a constant, so that nobody is led away.
http::Response lead_to(const char* where) {
  http::Response response;
  response.status = 302;
  response.headers.emplace_back("Location", where);
  return response;
}

http::Response not_there() {
  return http::Response::error(404, "there is no host of that name");
}

/// Somebody who has proved who they are.
bool is_known(const auth::Caller& caller) {
  return caller.via != auth::Caller::Via::nobody && caller.via != auth::Caller::Via::guest;
}

EachHost each_host(const storage::Store& store) {
  return [&store](const storage::HostVisitor& visit) { store.visit_hosts(visit); };
}

}  // namespace

Api::Api(ApiParts parts)
    : parts_(std::move(parts)),
      gate_(parts_.access, parts_.clock),
      access_api_(parts_.access, parts_.store, parts_.passwords, parts_.credentials, parts_.clock),
      intake_(std::make_unique<ReadingsIntake>(IntakeParts{parts_.store, parts_.ingest, parts_.agents,
                                                           parts_.access.store(), refusals_, parts_.decoders,
                                                           parts_.clock, parts_.intake})),
      database_(std::make_unique<DatabaseFigures>(parts_.store)),
      catalogue_(catalogue_json()),
      started_(parts_.clock()) {
  const auto add = [this](const char* method, const char* pattern, Access access, Handler handler) {
    routes_[pattern].emplace(method, Route{access, std::move(handler)});
  };
  const auto own = [this](std::optional<http::Response> (Api::*handler)(const Call&) const) {
    return [this, handler](const Call& call) { return (this->*handler)(call); };
  };
  const auto of_access = [this](std::optional<http::Response> (AccessApi::*handler)(const Call&) const) {
    return [this, handler](const Call& call) { return (access_api_.*handler)(call); };
  };
  add("GET", "/", Access::open, own(&Api::root));
  add("GET", "/dashboard", Access::open, own(&Api::dashboard));
  add("GET", "/assets/*", Access::open, own(&Api::asset));
  add("GET", "/health", Access::health, own(&Api::health));
  add("GET", "/catalogue", Access::read, own(&Api::catalogue));
  add("GET", "/hosts", Access::read, own(&Api::hosts));
  add("DELETE", "/hosts", Access::manage, own(&Api::forget_host));
  add("DELETE", "/hosts/*", Access::manage, own(&Api::forget_host));
  add("POST", "/hosts/*/clean", Access::manage, own(&Api::clean_host));
  add("POST", "/hosts/*/allow", Access::manage, own(&Api::allow_host));
  add("DELETE", "/hosts/*/allow", Access::manage, own(&Api::take_back_host));
  add("GET", "/data", Access::read, own(&Api::data));
  add("GET", "/fleet", Access::read, own(&Api::fleet));
  add("GET", "/metrics", Access::read, own(&Api::exposition));
  add("POST", "/metrics", Access::write, own(&Api::post_readings));
  add("GET", "/session", Access::open, of_access(&AccessApi::session));
  add("POST", "/session", Access::open, of_access(&AccessApi::sign_in));
  add("DELETE", "/session", Access::account, of_access(&AccessApi::sign_out));
  add("POST", "/setup", Access::open, of_access(&AccessApi::set_up));
  add("POST", "/password", Access::account, of_access(&AccessApi::change_password));
  add("GET", "/tokens", Access::manage, of_access(&AccessApi::list_tokens));
  add("POST", "/tokens", Access::manage, of_access(&AccessApi::make_token));
  add("DELETE", "/tokens/*", Access::manage, of_access(&AccessApi::revoke_token));
  add("GET", "/refusals", Access::manage, own(&Api::refusals));
  add("POST", "/enroll", Access::enroll, of_access(&AccessApi::enroll));
}

std::vector<RouteInfo> Api::routes() const {
  std::vector<RouteInfo> all;
  for (const auto& [pattern, methods] : routes_) {
    for (const auto& [method, route] : methods) all.push_back({method, pattern, route.access});
  }
  return all;
}

std::variant<const Api::Route*, http::Response> Api::find_route(const http::Request& request) const {
  // HEAD is GET without the body, which the HTTP server leaves out.
  const std::string_view method = request.method == "HEAD" ? "GET" : std::string_view(request.method);
  const auto methods = routes_.find(pattern_of(request));
  if (methods == routes_.end()) {
    return http::Response::error(404, "there is nothing at this address; the page is at /dashboard");
  }
  const auto found = methods->second.find(method);
  if (found != methods->second.end()) return &found->second;
  std::string allowed;
  for (const auto& [name, unused] : methods->second) allowed += allowed.empty() ? name : ", " + name;
  return not_allowed(methods->second.contains("GET") ? allowed + ", HEAD" : allowed);
}

http::HeadVerdict Api::check_head(const http::Request& head, const http::Peer& peer) const {
  constexpr std::size_t kMostOfOthers = 16UL * 1024;  // as read_json_body() has it
  http::HeadVerdict verdict;
  auto found = find_route_and_note(head, peer);
  if (auto* refusal = std::get_if<http::Response>(&found)) {
    verdict.refusal = std::move(*refusal);
    return verdict;
  }
  const Access access = std::get<const Route*>(found)->access;
  auto admitted = admit_and_note(head, peer, access);
  if (auto* refusal = std::get_if<http::Response>(&admitted)) {
    verdict.refusal = std::move(*refusal);
    return verdict;
  }
  const auto& visitor = std::get<Visitor>(admitted);
  if (is_known(visitor.caller)) verdict.proven_client = pool_client(visitor);
  if (access != Access::write) verdict.max_body_bytes = kMostOfOthers;
  return verdict;
}

std::optional<http::Response> Api::handle(const http::Request& request,
                                          const http::Responder& responder) const {
  auto found = find_route_and_note(request, responder.peer());
  if (auto* refusal = std::get_if<http::Response>(&found)) return std::move(*refusal);
  const Route& route = *std::get<const Route*>(found);
  auto admitted = admit_and_note(request, responder.peer(), route.access);
  if (auto* refusal = std::get_if<http::Response>(&admitted)) return std::move(*refusal);
  const auto& visitor = std::get<Visitor>(admitted);
  if (!is_known(visitor.caller)) return route.handler({request, responder, visitor});
  const std::string client = pool_client(visitor);
  const http::Responder vouching = responder.vouching_for(client);
  auto response = route.handler({request, vouching, visitor});
  if (response) response->proven_client = client;
  return response;
}

std::optional<http::Response> Api::root(const Call& /*call*/) const {
  return lead_to("dashboard");
}

/// With a slash behind it the page's addresses, which are relative, would lead elsewhere.
std::optional<http::Response> Api::dashboard(const Call& call) const {
  if (call.request.path == "/dashboard/") return lead_to("../dashboard");
  if (call.request.path != "/dashboard") {
    return http::Response::error(404, "there is nothing at this address; the page is at /dashboard");
  }
  return assets_.page(call.request);
}

std::optional<http::Response> Api::asset(const Call& call) const {
  std::optional<http::Response> response =
      assets_.file(call.request.path.substr(std::string_view("/assets/").size()), call.request);
  if (!response) return http::Response::error(404, "there is no such file");
  return response;
}

/// Whoever may not read learns whether the server is well, and nothing else of it.
std::optional<http::Response> Api::health(const Call& call) const {
  const bool may_read = call.visitor.caller.may_read;
  auto failure = parts_.ingest.failure();
  std::string_view for_strangers = "readings cannot be stored; the server's log says why";
  if (!failure) {
    failure = parts_.access.store().failure();
    for_strangers = "credentials cannot be kept; the server's log says why";
  }
  if (failure) {
    std::string body = "{\"status\":\"failing\",\"reason\":";
    const std::string reason = may_read ? *failure : std::string(for_strangers);
    body += http::Response::error(503, reason).body.substr(std::string_view("{\"error\":").size());
    return http::Response::json(std::move(body), 503);
  }
  if (!may_read) return http::Response::json("{\"status\":\"ok\"}");
  return http::Response::json("{\"status\":\"ok\",\"version\":\"" HOSTWATCH_VERSION "\",\"database\":" +
                              database_->json(parts_.clock()) + "}");
}

std::optional<http::Response> Api::catalogue(const Call& call) const {
  return catalogue_.json(call.request);
}

std::optional<http::Response> Api::hosts(const Call& call) const {
  auto parsed = parse_hosts_query(http::query_parameters(call.request.target));
  if (const auto* wrong = std::get_if<std::string>(&parsed)) return http::Response::error(400, *wrong);
  return write_later(
      parts_.overviews, call, parts_.limits,
      [this, query = std::get<HostsQuery>(std::move(parsed))](AnswerText& text, http::Response&) {
        const std::int64_t now = parts_.clock();
        format_hosts(each_host(parts_.store), parts_.agents.snapshot(now), now, query, text);
      });
}

std::optional<http::Response> Api::exposition(const Call& call) const {
  return write_later(parts_.overviews, call, parts_.limits,
                     [this](AnswerText& text, http::Response& response) {
                       ServerFigures figures;
                       figures.now = parts_.clock();
                       figures.uptime_seconds = static_cast<double>(figures.now - started_);
                       if (const http::HttpServer* server = parts_.http()) {
                         figures.connections = server->connections();
                         figures.requests = server->requests();
                       }
                       figures.ingest = parts_.ingest.statistics();
                       figures.ingest.refused += intake_->undecoded();
                       figures.posts_refused = refusals_.counts();
                       figures.decoding_bytes = intake_->decoding_bytes();
                       figures.store = parts_.store.statistics();
                       figures.agents = parts_.agents.snapshot(figures.now);
                       response.content_type = "text/plain; version=0.0.4; charset=utf-8";
                       format_exposition(each_host(parts_.store), figures, text);
                     });
}

std::optional<http::Response> Api::data(const Call& call) const {
  const std::int64_t now = parts_.clock();
  auto parsed =
      parse_data_query(http::query_parameters(call.request.target), now, parts_.store.earliest_history(now));
  if (const auto* wrong = std::get_if<std::string>(&parsed)) return http::Response::error(400, *wrong);
  return write_later(parts_.work, call, parts_.limits,
                     [this, query = std::get<DataQuery>(std::move(parsed))](
                         AnswerText& text, http::Response& response) { write_data(query, text, response); });
}

void Api::write_data(const DataQuery& query, AnswerText& text, http::Response& response) const {
  if (query.format == DataFormat::csv || query.format == DataFormat::long_csv) {
    response.content_type = "text/csv; charset=utf-8; header=present";
    response.headers.emplace_back("Content-Disposition", "attachment; filename=\"hostwatch.csv\"");
  }
  if (query.format == DataFormat::long_csv) {
    begin_long_csv(text);
    query::read_hosts(parts_.store, query.history, text.budget(),
                      [&](const query::HostHistory& host) { append_long_csv(host, text); });
    return;
  }
  const query::History history = query::read_history(parts_.store, query.history, text.budget());
  if (query.format == DataFormat::csv) {
    format_csv(history, text);
  } else if (query.format == DataFormat::columns) {
    format_columns(history, query.history, text);
  } else {
    format_rows(history, query.history, text);
  }
}

std::optional<http::Response> Api::fleet(const Call& call) const {
  const std::int64_t now = parts_.clock();
  auto parsed =
      parse_fleet_query(http::query_parameters(call.request.target), now, parts_.store.earliest_history(now));
  if (const auto* wrong = std::get_if<std::string>(&parsed)) return http::Response::error(400, *wrong);
  return write_later(
      parts_.work, call, parts_.limits,
      [this, request = std::get<query::FleetRequest>(std::move(parsed))](AnswerText& text, http::Response&) {
        format_fleet(query::read_fleet(parts_.store, request, text.budget()), request, text);
      });
}

std::optional<http::Response> Api::post_readings(const Call& call) const {
  const auth::Caller& caller = call.visitor.caller;
  // Where nobody is asked, anybody may delete hosts, too: there is nothing to keep from them.
  const bool vouched_for =
      !caller.only_host.empty() || caller.may_manage || caller.via == auth::Caller::Via::everybody;
  const auto new_hosts = vouched_for ? storage::HostComes::vouched_for : storage::HostComes::by_anyone;
  const http::Peer& peer = call.responder.peer();
  const std::string& address = call.visitor.client.address;
  const bool is_direct =
      peer.address == address || net::canonical_address(peer.address).value_or(peer.address) == address;
  const std::string& proven = call.responder.proven_client();
  return intake_->take(call.request, call.responder,
                       {caller.only_host, address, is_direct ? peer.connection : 0,
                        proven.empty() ? pool_client(call.visitor) : proven, new_hosts});
}

std::optional<http::Response> Api::forget_host(const Call& call) const {
  const auto shut_out = http::flag_of(call.request, "shut_out");
  if (const auto* wrong = std::get_if<http::Response>(&shut_out)) return *wrong;
  const auto wanted = std::get<std::optional<bool>>(shut_out);
  const auth::Farewell farewell = !wanted   ? auth::Farewell::by_token
                                  : *wanted ? auth::Farewell::shut_out
                                            : auth::Farewell::may_return;
  const std::string host = host_of(call.request);
  auto change = [this, name = host, farewell,
                 by = parts_.access.maker_of(call.visitor.caller)](storage::Store& store) {
    // One that has enrolled and not sent yet is there by its token alone.
    const bool has_history = store.knows(name);
    if (!has_history && !parts_.access.store().has_tokens_of(name)) return not_there();
    // Its own tokens go first: an agent that is still there must not bring it back.
    const bool is_shut_out = parts_.access.store().forget_host(name, farewell, by, parts_.clock());
    if (has_history && !store.forget_host(name)) return not_there();
    parts_.agents.forget(name);
    spdlog::info("host '{}' was deleted by {}{}", shown(name), shown(by),
                 is_shut_out ? "; it is shut out" : "");
    return http::Response::json(is_shut_out ? R"({"status":"ok","shut_out":true})" : R"({"status":"ok"})");
  };
  return change_host(call, host, std::move(change));
}

std::optional<http::Response> Api::clean_host(const Call& call) const {
  const std::string host = host_of(call.request);
  auto change = [this, name = host, by = parts_.access.maker_of(call.visitor.caller)](storage::Store& store) {
    if (!store.clean_host(name, parts_.clock())) return not_there();
    spdlog::info("the history of host '{}' was deleted by {}", shown(name), shown(by));
    return http::Response::json(R"({"status":"ok"})");
  };
  return change_host(call, host, std::move(change));
}

std::optional<http::Response> Api::allow_host(const Call& call) const {
  return access_api_.allow_agent(call, host_of(call.request));
}

std::optional<http::Response> Api::take_back_host(const Call& call) const {
  return access_api_.take_back_agent(call, host_of(call.request));
}

/// `change` runs on the writing thread, and gives what is answered.
std::optional<http::Response> Api::change_host(const Call& call, const std::string& host,
                                               std::function<http::Response(storage::Store&)> change) const {
  const auto answer = std::make_shared<http::Response>();
  auto work = [answer, change = std::move(change)](storage::Store& store) { *answer = change(store); };
  auto done = [answer, responder = call.responder](const std::optional<std::string>& error) {
    responder.answer(error ? try_later(503, "nothing was deleted: " + *error, 5) : std::move(*answer));
  };
  if (parts_.ingest.run(host, std::move(work), std::move(done))) return std::nullopt;
  return try_later(503, "the server is busy; ask again in a moment", 1);
}

}  // namespace hostwatch::api
