#include "server/api/readings/post_refusals.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>
#include <utility>

#include "net/address.h"
#include "server/http/requests/request.h"
#include "util/text/ascii.h"
#include "util/text/text.h"

namespace hostwatch::api {
namespace {

std::optional<PostRefusals::Kind> kind_of(int status) {
  switch (status) {
    case 404:
    case 405:
      return PostRefusals::Kind::address;
    case 401:
    case 403:
      return PostRefusals::Kind::access;
    case 400:
    case 411:
    case 413:
    case 415:
    case 417:
    case 431:
    case 501:
      return PostRefusals::Kind::form;
    default:
      return std::nullopt;
  }
}

/// Of {"error": text}.
std::string text_of(const http::Response& refusal) {
  const auto body = nlohmann::json::parse(refusal.body, nullptr, /*allow_exceptions=*/false);
  const auto text = body.is_object() ? body.find("error") : body.end();
  return body.is_object() && text != body.end() && text->is_string() ? text->get<std::string>()
                                                                     : std::string();
}

std::string hint_for(PostRefusals::Kind kind, std::string_view program) {
  if (kind == PostRefusals::Kind::access) return "\"Add a host\" on the page makes a token";
  const std::string sender =
      program.empty() ? std::string() : "it looks like " + std::string(program) + ", whose form is another; ";
  return sender +
         "readings are JSON objects of hostname, timestamp, cpu, ram and disk, posted to /metrics, as "
         "hostwatch-agent sends them (docs/api.md)";
}

}  // namespace

std::string_view other_program_of(const http::Request& request) {
  const auto header = [&request](const char* name) {
    return util::in_lower_case(request.get_header_value(name));
  };
  if (!request.get_header_value("X-Prometheus-Remote-Write-Version").empty() ||
      header("Content-Encoding") == "snappy") {
    return "Prometheus remote write";
  }
  constexpr std::array<std::pair<std::string_view, std::string_view>, 6> kPrograms{
      {{"collectd", "collectd's write_http"},
       {"netdata", "netdata's exporter"},
       {"telegraf", "Telegraf"},
       {"opentelemetry", "OpenTelemetry"},
       {"otel", "OpenTelemetry"},
       {"vector", "Vector"}}};
  const std::string agent = header("User-Agent");
  const auto* found = std::find_if(kPrograms.begin(), kPrograms.end(), [&](const auto& one) {
    return agent.find(one.first) != std::string::npos;
  });
  if (found != kPrograms.end()) return found->second;
  return header("Content-Type").starts_with("application/x-protobuf") ? "a sender of protocol buffers"
                                                                      : std::string_view();
}

void PostRefusals::note(std::string_view where, const http::Request& request, const std::string& client,
                        const http::Response& refusal, std::int64_t now, Log log) {
  constexpr std::size_t kShownPath = 100;
  constexpr std::size_t kShownText = 200;
  const auto kind = kind_of(refusal.status);
  if (!kind) return;
  const auto index = static_cast<std::size_t>(*kind);
  ++counts_.at(index);
  const std::string_view program = other_program_of(request);
  RefusedPost post;
  post.address = client;
  post.kind = *kind;
  post.where = util::make_printable(where, kShownPath);
  post.status = refusal.status;
  post.error = util::make_printable(text_of(refusal), kShownText);
  post.program = program;
  if (log == Log::tell && logs_.at(index).is_due(net::network_of(client), now)) {
    spdlog::warn("{} is refused: {} is answered with {}, {}; {} (told of once an hour)", client, post.where,
                 post.status, post.error, hint_for(*kind, program));
  }
  latest_.add(std::move(post), now);
}

PostRefusals::Counts PostRefusals::counts() const {
  Counts counts{};
  for (std::size_t i = 0; i < kKinds; ++i) counts.at(i) = counts_.at(i).load(std::memory_order_relaxed);
  return counts;
}

}  // namespace hostwatch::api
