#include "server/server.h"

#include <spdlog/spdlog.h>

#include <exception>
#include <optional>
#include <stdexcept>
#include <utility>

#include "server/commands/enrollment_file.h"
#include "server/delivery/channel_json.h"
#include "server/own_address.h"
#include "util/files/private_files.h"
#include "util/files/small_file.h"
#include "util/text/counted.h"

namespace hostwatch::server {

namespace {

delivery::DeliverySettings delivery_settings(const Options& options) {
  delivery::DeliverySettings settings;
  settings.public_url =
      options.access.public_url.empty() ? page_address(options, options.port) : options.access.public_url;
  AlertDestinations destinations = alert_destinations(options.alerts);
  settings.policy.allow = std::move(destinations.allow);
  settings.policy.deny = std::move(destinations.deny);
  settings.policy.own = {{options.listen, static_cast<std::uint16_t>(options.port)}};
  settings.policy.own_addresses = delivery::addresses_of_this_machine();
  return settings;
}

std::vector<delivery::Channel> channels_of(const std::string& path) {
  constexpr std::size_t kMostBytes = 1024UL * 1024;
  const auto text = util::read_small_file(path, kMostBytes);
  if (!text) throw std::invalid_argument("--channels: '" + path + "' cannot be read, or is over 1 MiB");
  try {
    return delivery::channels_from_file(*text);
  } catch (const delivery::ChannelError& error) {
    throw std::invalid_argument("--channels: '" + path + "': " + error.what());
  }
}

}  // namespace

ServerSettings server_settings(const Options& options) {
  ServerSettings settings;
  settings.credentials = credentials_path(options.access, options.database);
  settings.enrollment_file = options.access.enrollment_file;
  settings.access = access_settings(options.access, options.listen);
  settings.listening.host = options.listen;
  settings.listening.port = options.port;
  if (!options.access.tls_key.empty()) {
    settings.listening.tls =
        http::TlsFiles{options.access.tls_certificate, options.access.tls_key, options.access.tls_client_ca};
  }
  settings.alerting.rules = options.rules;
  settings.alerting.database = options.database;
  settings.alerting.delivery = delivery_settings(options);
  if (!options.alerts.channels.empty())
    settings.alerting.channels_of_file = channels_of(options.alerts.channels);
  settings.agent_notices = [](const ingest::AgentNotice& notice) {
    spdlog::log(notice.is_warning ? spdlog::level::warn : spdlog::level::info, "{}", notice.text);
  };
  return settings;
}

namespace {

void make_enrollment_file(const std::string& path, auth::CredentialStore& credentials, std::int64_t now) {
  const EnrollmentFile kept = keep_enrollment_file(path, credentials, now);
  if (kept.made) spdlog::info("made a token for new agents: {}", path);
  if (kept.ended > 0) {
    spdlog::info("revoked what this file held before: {}", util::counted(kept.ended, "token"));
  }
}

http::HttpServerOptions with_clock(http::HttpServerOptions options,
                                   const std::function<std::int64_t()>& clock) {
  options.unix_clock = clock;
  return options;
}

ingest::IngestOptions with_tokens(ingest::IngestOptions options, const auth::CredentialStore& credentials,
                                  Alerting& alerting) {
  options.has_tokens = [&credentials](const std::string& host) { return credentials.has_tokens_of(host); };
  options.tick = [&alerting] { alerting.tick(); };
  alerting.begin();
  return options;
}

}  // namespace

Server::Server(ServerSettings settings, storage::Store& store, const std::function<std::int64_t()>& clock)
    : clock_(clock),
      patience_(settings.patience),
      credentials_(settings.credentials),
      access_(credentials_, std::move(settings.access)),
      agents_(std::move(settings.agent_notices)),
      alerting_(std::move(settings.alerting),
                {.store = store,
                 .credentials = credentials_,
                 .agents = agents_,
                 .clock = clock,
                 .is_store_failing = [this] { return ingest_.failure().has_value(); }}),
      ingest_(store, with_tokens(std::move(settings.ingest), credentials_, alerting_), clock),
      api_({.store = store,
            .ingest = ingest_,
            .agents = agents_,
            .access = access_,
            .workers = workers_.pools(),
            .clock = clock,
            .http_figures =
                [this] {
                  return api::HttpFigures{http_.connections(), http_.requests()};
                },
            .limits = {},
            .intake = settings.intake,
            .alerts = {alerting_.engine(), alerting_.channels(), alerting_.deliveries()}}),
      http_(
          with_clock(std::move(settings.listening), clock),
          [this](const http::Request& request, const http::Responder& responder) {
            return api_.handle(request, responder);
          },
          [this](const http::Request& head, const http::Peer& peer) { return api_.check_head(head, peer); },
          [this](const http::Request& head, const http::Peer& peer, const http::Response& refusal) {
            api_.note_refused(head, peer, refusal);
          }) {
  util::keep_private(settings.credentials);
  if (!settings.enrollment_file.empty())
    make_enrollment_file(settings.enrollment_file, credentials_, clock_());
  for (const storage::HostState& host : store.hosts()) agents_.set_interval(host.name, host.interval);
}

Server::~Server() {
  stop();
}

void Server::reload_rules() {
  std::optional<std::vector<alerts::Rule>> read;
  std::exception_ptr wrong;
  try {
    read = alerting_.read_rules();
  } catch (const std::runtime_error&) {
    wrong = std::current_exception();
  }
  const bool is_queued = ingest_.run(
      {},
      [this, rules = std::move(read)](storage::Store&) {
        if (!rules) return alerting_.engine().note_reload_failed();
        alerting_.engine().set_file_rules(*rules);
        spdlog::info("read the rules again");
      },
      [](const std::optional<std::string>& error) {
        if (error) spdlog::error("the rules that were read are not in force: {}", *error);
      });
  if (wrong) std::rethrow_exception(wrong);
  if (!is_queued) throw std::runtime_error("the server is busy: the rules stay as they were");
}

void Server::save_credential_uses() {
  try {
    credentials_.save_uses(clock_());
  } catch (const std::exception& error) {  // also for want of memory: they are saved another time
    spdlog::error("{}", error.what());
  }
}

void Server::stop() {
  if (std::exchange(stopped_, true)) return;
  http_.stop_accepting();
  api_.stop_taking();
  workers_.stop_decoders();
  ingest_.stop();
  alerting_.stop();
  workers_.stop();
  save_credential_uses();
  http_.stop(patience_);
}

}  // namespace hostwatch::server
