#include "server/api/dispatcher.h"

#include <utility>

namespace hostwatch::api {
namespace {

bool is_post(const http::Request& request) {
  return request.method == "POST" || request.method == "PUT";
}

/// Agents come there, and nobody else.
bool is_for_agents(Permission wanted) {
  return wanted == Permission::write || wanted == Permission::enroll;
}

}  // namespace

std::optional<http::Response> Dispatcher::handle(const http::Request& request,
                                                 const http::Responder& responder) const {
  auto found = find_route(request, responder.peer());
  if (auto* refusal = std::get_if<http::Response>(&found)) return std::move(*refusal);
  const auto& [route, path] = std::get<Router::Match>(found);
  auto admitted = admit(request, responder.peer(), route->permission);
  if (auto* refusal = std::get_if<http::Response>(&admitted)) return std::move(*refusal);
  const auto& context = std::get<RequestContext>(admitted);
  if (!context.caller.is_authenticated()) return route->handler({request, responder, context, path}).take();
  const std::string client = pool_client(context);
  const http::Responder authenticated = responder.authenticated_by(client);
  auto response = route->handler({request, authenticated, context, path}).take();
  if (response) response->authenticated_client = client;
  return response;
}

http::HeadVerdict Dispatcher::check_head(const http::Request& head, const http::Peer& peer) const {
  constexpr std::size_t kMostOfOthers = 16UL * 1024;  // as read_json_body() has it
  http::HeadVerdict verdict;
  auto found = find_route(head, peer);
  if (auto* refusal = std::get_if<http::Response>(&found)) {
    verdict.refusal = std::move(*refusal);
    return verdict;
  }
  const Permission permission = std::get<Router::Match>(found).route->permission;
  auto admitted = admit(head, peer, permission);
  if (auto* refusal = std::get_if<http::Response>(&admitted)) {
    verdict.refusal = std::move(*refusal);
    return verdict;
  }
  const auto& context = std::get<RequestContext>(admitted);
  if (context.caller.is_authenticated()) verdict.authenticated_client = pool_client(context);
  if (permission != Permission::write) verdict.max_body_bytes = kMostOfOthers;
  return verdict;
}

void Dispatcher::note_refused(const http::Request& head, const http::Peer& peer,
                              const http::Response& refusal) const {
  if (!is_post(head)) return;
  const auto found = router_.find(head);
  const auto* match = std::get_if<Router::Match>(&found);
  if (match == nullptr || is_for_agents(match->route->permission)) note(head, peer, refusal);
}

/// What is posted to no address of ours is, mostly, somebody's readings.
std::variant<Router::Match, http::Response> Dispatcher::find_route(const http::Request& request,
                                                                   const http::Peer& peer) const {
  auto found = router_.find(request);
  const auto* refusal = std::get_if<http::Response>(&found);
  if (refusal != nullptr && is_post(request)) note(request, peer, *refusal);
  return found;
}

std::variant<RequestContext, http::Response> Dispatcher::admit(const http::Request& request,
                                                               const http::Peer& peer,
                                                               Permission wanted) const {
  auto admitted = gate_.admit(request, peer, wanted);
  const auto* refusal = std::get_if<http::Response>(&admitted);
  if (refusal != nullptr && is_for_agents(wanted)) {
    const bool is_told = refusal->status == 401 && !bearer_of(request).empty();  // by the gate
    note(request, peer, *refusal, is_told ? PostRefusals::Log::told : PostRefusals::Log::tell);
  }
  return admitted;
}

void Dispatcher::note(const http::Request& request, const http::Peer& peer, const http::Response& refusal,
                      PostRefusals::Log log) const {
  refusals_.note(request.method + " " + request.path, request, gate_.client_of(request, peer).address,
                 refusal, clock_(), log);
}

}  // namespace hostwatch::api
