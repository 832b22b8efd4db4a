#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "server/delivery/channel.h"
#include "server/delivery/message.h"

namespace hostwatch::delivery {

// How each kind of channel is told. Pure functions: the same message gives the same bytes at each attempt,
// but for what says when the attempt was made. Names and texts of alarms are data: they end no line of a
// header and mean nothing to the receiver.

struct HttpRequest {
  std::string method = "POST";
  std::string url;
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;
};

/// One mail to one recipient: so that one who is refused stops no other's.
struct MailRequest {
  std::string server;  ///< "smtp://mail.example:587", "smtps://mail.example"
  std::string user;    ///< empty: it asks for none
  std::string password;
  bool demands_tls = true;
  std::string from;  ///< addresses alone
  std::string to;
  std::string text;  ///< headers and body; every line ends in CRLF
};

using Request = std::variant<HttpRequest, MailRequest>;

struct RenderContext {
  std::string public_url;  ///< of the page, without a slash at its end
  std::int64_t now = 0;    ///< of the attempt, Unix seconds
};

/// All that has to be sent for a message, in order; each of them must arrive. The channel's secrets are there
/// (see resolve_secrets()).
std::vector<Request> render(const Channel& channel, const Message& message, const RenderContext& context);

/// The Standard Webhooks specification's POST of all alarms; with a template one of each alarm, whose ids are
/// "ID.1", "ID.2" where there are several.
std::vector<HttpRequest> webhook_messages(const Channel& channel, const Message& message,
                                          const RenderContext& context);
/// The names that a template may have in braces, as "{host}".
std::vector<std::string> template_placeholders();
/// The template with an alarm's texts, escaped as within a JSON string.
std::string filled_template(const std::string& text, const Message& message, const AlarmNotice& notice,
                            const RenderContext& context);

/// One for each recipient, with the same Message-ID.
std::vector<MailRequest> mail_messages(const Channel& channel, const Message& message,
                                       const RenderContext& context);
HttpRequest ntfy_message(const Channel& channel, const Message& message, const RenderContext& context);
HttpRequest slack_message(const Channel& channel, const Message& message, const RenderContext& context);
/// Alarms as an Alertmanager's alerts that are over five minutes from now if they are not sent again; some
/// hundred a request.
std::vector<HttpRequest> alertmanager_alerts(const Channel& channel, const std::vector<AlarmNotice>& alarms,
                                             const RenderContext& context);
HttpRequest heartbeat(const Channel& channel);

}  // namespace hostwatch::delivery
