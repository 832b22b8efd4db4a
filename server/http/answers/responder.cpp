#include "server/http/answers/responder.h"

#include "server/http/answers/responder_ticket.h"

namespace hostwatch::http {

void Responder::answer(Response response) const {
  if (response.authenticated_client.empty()) response.authenticated_client = authenticated_client_;
  ticket_->answer(std::move(response));
}

bool Responder::is_wanted() const {
  return ticket_->is_wanted();
}

const Peer& Responder::peer() const {
  return ticket_->peer();
}

}  // namespace hostwatch::http
