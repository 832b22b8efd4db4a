#include <algorithm>
#include <array>
#include <ctime>

#include "net/address.h"
#include "server/delivery/mail_text.h"
#include "server/delivery/notice_text.h"
#include "server/delivery/rendering.h"

namespace hostwatch::delivery {
namespace {

/// Behind the @ of ids: the page's host, if that is a name that others know, else the sender's.
std::string id_domain(const std::string& public_url, const std::string& from) {
  const std::size_t begin = public_url.find("://");
  const std::string rest = begin == std::string::npos ? "" : public_url.substr(begin + 3);
  const std::string host = rest.substr(0, rest.find_first_of(":/?#"));
  const bool is_name =
      host.find('.') != std::string::npos && is_mail_address("x@" + host) && !net::parse_address(host);
  return is_name ? host : from.substr(from.find('@') + 1);
}

/// One for all that is told of an alarm: mail programs put these together. With the time, as another server
/// may have an alarm of that number and write to the same people.
std::string thread_id(const AlarmNotice& notice, const std::string& domain) {
  return "<alarm-" + std::to_string(notice.id) + "." + std::to_string(notice.fired) + "@" + domain + ">";
}

std::string mail_date(std::int64_t time) {
  constexpr std::array<const char*, 7> kDays{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  constexpr std::array<const char*, 12> kMonths{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const std::time_t seconds = time;
  std::tm parts{};
  if (::gmtime_r(&seconds, &parts) == nullptr) return "Thu, 01 Jan 1970 00:00:00 +0000";
  std::array<char, 32> rest{};
  std::strftime(rest.data(), rest.size(), " %Y %H:%M:%S +0000", &parts);
  return std::string(kDays.at(static_cast<std::size_t>(parts.tm_wday))) + ", " +
         (parts.tm_mday < 10 ? "0" : "") + std::to_string(parts.tm_mday) + " " +
         kMonths.at(static_cast<std::size_t>(parts.tm_mon)) + rest.data();
}

std::string mail_subject(const Message& message) {
  const bool is_one = message.alarms.size() == 1 && message.left_out == 0;
  if (is_one) {
    const AlarmNotice& only = message.alarms.front();
    const std::string title = title_text(message);
    const std::string instance = one_line(only.instance, 100);
    // As a word of its own: its rule's name has it by {instance}.
    const bool is_named =
        instance.empty() || (" " + title + " ").find(" " + instance + " ") != std::string::npos;
    return "[" + standing_text(only) + "] " + title + (is_named ? "" : " " + instance);
  }
  constexpr std::array<const char*, 4> kWords{"over", "info", "warning", "critical"};
  return "[" + std::string(kWords.at(static_cast<std::size_t>(urgency(message) + 1))) + "] " +
         title_text(message);
}

std::string mail_body(const Message& message, const RenderContext& context) {
  std::string text = title_text(message) + "\n\n";
  for (const std::string& line : text_lines(message)) text += line + "\n";
  if (message.alarms.size() == 1) {
    const AlarmNotice& only = message.alarms.front();
    if (!only.help.empty()) text += "\nWhat to do: " + only.help + "\n";
    if (!only.runbook.empty()) text += "\n" + one_line(only.runbook, 1'000) + "\n";
  }
  return text + "\n" + message_url(context.public_url, message) + "\n";
}

std::vector<std::string> thread_ids(const Message& message, const std::string& domain) {
  std::vector<std::string> ids;
  for (const AlarmNotice& notice : message.alarms) {
    if (notice.id == 0 || ids.size() == kMostLines) continue;
    ids.push_back(thread_id(notice, domain));
  }
  return ids;
}

std::string setting(const Channel& channel, const char* name) {
  const auto found = channel.settings.find(name);
  return found == channel.settings.end() ? "" : found->second;
}

}  // namespace

std::vector<MailRequest> mail_messages(const Channel& channel, const Message& message,
                                       const RenderContext& context) {
  MailRequest mail;
  mail.server = setting(channel, "server");
  mail.user = setting(channel, "user");
  if (const auto password = channel.secrets.find("password"); password != channel.secrets.end()) {
    mail.password = password->second;
  }
  mail.demands_tls = setting(channel, "tls") != "none";
  mail.from = setting(channel, "from");
  const std::vector<std::string> recipients = split_addresses(setting(channel, "to"));
  const std::string domain = id_domain(context.public_url, mail.from);
  std::string text = mail_header_of_words("From", {mail.from}, ",") +
                     mail_header_of_words("To", recipients, ",") +
                     mail_header("Subject", mail_subject(message)) + "Date: " + mail_date(message.created) +
                     "\r\n" + mail_header_of_words("Message-ID", {"<" + message.id + "@" + domain + ">"}, "");
  const std::vector<std::string> threads = thread_ids(message, domain);
  if (!threads.empty()) {
    text += mail_header_of_words("In-Reply-To", {threads.front()}, "") +
            mail_header_of_words("References", threads, "");
  }
  text +=
      "Auto-Submitted: auto-generated\r\n"
      "MIME-Version: 1.0\r\n"
      "Content-Type: text/plain; charset=utf-8\r\n"
      "Content-Transfer-Encoding: quoted-printable\r\n\r\n";
  text += quoted_printable(mail_body(message, context));
  mail.text = std::move(text);
  std::vector<MailRequest> mails;
  for (const std::string& recipient : recipients) {
    mails.push_back(mail);
    mails.back().to = recipient;
  }
  return mails;
}

}  // namespace hostwatch::delivery
