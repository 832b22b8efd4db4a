// Api: what was posted and refused is counted, told of in the log, and listed for who adds hosts.
#include "server/api/api.h"
#include "server/api/refusals_json.h"

namespace hostwatch::api {
namespace {

bool is_post(const http::Request& request) {
  return request.method == "POST" || request.method == "PUT";
}

/// Agents come there, and nobody else.
bool is_for_agents(Access wanted) {
  return wanted == Access::write || wanted == Access::enroll;
}

}  // namespace

void Api::note(const http::Request& request, const http::Peer& peer, const http::Response& refusal,
               PostRefusals::Log log) const {
  refusals_.note(request.method + " " + request.path, request, gate_.client_of(request, peer).address,
                 refusal, parts_.clock(), log);
}

/// What is posted to no address of ours is, mostly, somebody's readings.
std::variant<const Api::Route*, http::Response> Api::find_route_and_note(const http::Request& request,
                                                                         const http::Peer& peer) const {
  auto found = find_route(request);
  const auto* refusal = std::get_if<http::Response>(&found);
  if (refusal != nullptr && is_post(request)) note(request, peer, *refusal);
  return found;
}

std::variant<Visitor, http::Response> Api::admit_and_note(const http::Request& request,
                                                          const http::Peer& peer, Access wanted) const {
  auto admitted = gate_.admit(request, peer, wanted);
  const auto* refusal = std::get_if<http::Response>(&admitted);
  if (refusal != nullptr && is_for_agents(wanted)) {
    const bool is_told = refusal->status == 401 && !bearer_of(request).empty();  // by the gate
    note(request, peer, *refusal, is_told ? PostRefusals::Log::told : PostRefusals::Log::tell);
  }
  return admitted;
}

void Api::note_refused(const http::Request& head, const http::Peer& peer,
                       const http::Response& refusal) const {
  if (!is_post(head)) return;
  const auto found = find_route(head);
  const auto* route = std::get_if<const Route*>(&found);
  if (route == nullptr || is_for_agents((*route)->access)) note(head, peer, refusal);
}

std::optional<http::Response> Api::refusals(const Call& /*call*/) const {
  const std::int64_t now = parts_.clock();
  return http::Response::json(refusals_json(refusals_.latest(now), now));
}

}  // namespace hostwatch::api
