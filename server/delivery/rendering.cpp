#include "server/delivery/rendering.h"

namespace hostwatch::delivery {
namespace {

template <typename Requests>
std::vector<Request> as_requests(Requests requests) {
  return {std::make_move_iterator(requests.begin()), std::make_move_iterator(requests.end())};
}

}  // namespace

HttpRequest heartbeat(const Channel& channel) {
  HttpRequest request;
  request.method = "GET";
  request.url = channel.secrets.at("url");
  return request;
}

std::vector<Request> render(const Channel& channel, const Message& message, const RenderContext& context) {
  switch (channel.kind) {
    case ChannelKind::webhook:
      return as_requests(webhook_messages(channel, message, context));
    case ChannelKind::mail:
      return as_requests(mail_messages(channel, message, context));
    case ChannelKind::ntfy:
      return {ntfy_message(channel, message, context)};
    case ChannelKind::slack:
      return {slack_message(channel, message, context)};
    case ChannelKind::alertmanager:
      return as_requests(alertmanager_alerts(channel, message.alarms, context));
    case ChannelKind::heartbeat:
      return {heartbeat(channel)};
  }
  return {};
}

}  // namespace hostwatch::delivery
