#include "server/api/readings/readings_intake.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <memory>
#include <set>
#include <unordered_map>
#include <utility>
#include <vector>

#include "server/api/access/gate.h"
#include "server/api/readings/readings_body.h"
#include "server/http/requests/request.h"
#include "util/text/http_date.h"

namespace hostwatch::api {
namespace {

constexpr unsigned kRetrySpread = 3;  // seconds

/// What a request with readings tells of its sender.
ingest::AgentReport report_of(const http::Request& request, const Sender& sender, std::int64_t now) {
  return {request.get_header_value("Hostwatch-Agent"), sender.address,
          util::parse_http_date(request.get_header_value("Date")), now, sender.connection};
}

/// Hosts of one request that the store takes: it is asked once for each.
class AdmittedHosts {
 public:
  bool has(std::string_view name) const { return name == last_ || others_.contains(name); }
  void add(std::string_view name) {
    if (!last_.empty()) others_.insert(std::move(last_));
    last_ = name;
  }

 private:
  std::string last_;  // an array is one host's, mostly
  std::set<std::string, std::less<>> others_;
};

/// Each host that the readings name, once, in the order of their first readings.
std::vector<ingest::ReportingHost> reporting_hosts(const std::vector<protocol::ReceivedReading>& readings) {
  std::vector<ingest::ReportingHost> hosts;
  std::unordered_map<std::string_view, std::size_t> places;
  std::size_t at = 0;
  for (const protocol::ReceivedReading& reading : readings) {
    // An agent's array is of one host, so that looking back once spares nearly all of the searching.
    if (hosts.empty()) {
      hosts.push_back({reading.hostname, 0});
    } else if (hosts[at].name != reading.hostname) {
      if (places.empty()) places.emplace(readings.front().hostname, 0);
      const auto [place, is_new] = places.emplace(reading.hostname, hosts.size());
      if (is_new) hosts.push_back({reading.hostname, 0});
      at = place->second;
    }
    if (reading.facts) hosts[at].interval = std::max(hosts[at].interval, reading.facts->interval_seconds);
  }
  return hosts;
}

/// A host that was renamed, mostly. Its own name it knows; the token's is told to whoever has the token,
/// unless it could be taken for markup.
http::Response token_of_another(const std::string& host) {
  const bool is_plain = host.find_first_of("<>&") == std::string::npos;
  return http::Response::error(403, "the token is for another host than the readings' hostname" +
                                        (is_plain ? ": for '" + host + "'" : std::string()) +
                                        "; give this host that name, or a token of its own");
}

/// The parts of a request that outlive it: what the decoding reads.
http::Request kept(const http::Request& request) {
  http::Request copy;
  copy.headers = request.headers;
  copy.body = request.body;
  return copy;
}

}  // namespace

http::Response ReadingsIntake::turn_away() {
  http::Response response =
      http::Response::error(503, "more readings arrive than can be stored; send them again in a moment");
  const unsigned seconds = 1 + turned_away_++ % kRetrySpread;
  response.headers.emplace_back("Retry-After", std::to_string(seconds));
  return response;
}

Reply ReadingsIntake::take(const http::Request& request, const http::Responder& responder,
                           const Sender& sender) {
  if (stopped_ || parts_.ingest.turns_away(sender.client)) return Reply::now(turn_away());
  // A body that says more is given up at the limit.
  const std::size_t inflated = std::min(inflated_size(request), parts_.limits.max_inflated_bytes);
  const std::size_t size = std::max(request.body.size(), inflated);
  if (size <= parts_.limits.inline_bytes) return decode_and_note(request, responder, parts_.clock(), sender);
  return decode_later(request, responder, size, sender);
}

/// Nothing if there is no room for it.
std::optional<util::QueueShares::Place> ReadingsIntake::begin_decoding(const std::string& client,
                                                                       std::size_t bytes) {
  const std::lock_guard lock(decoding_mutex_);
  if (!decoding_.has_room_for(client, bytes)) return std::nullopt;
  const util::QueueShares::Place place = decoding_.add(client, bytes);
  decoding_bytes_ += bytes;
  return place;
}

void ReadingsIntake::end_decoding(const util::QueueShares::Place& place) noexcept {
  const std::lock_guard lock(decoding_mutex_);
  decoding_bytes_ -= place.bytes;
  decoding_.remove(place);
}

/// A body that waits for its decoder or is with it, and is counted until it goes, whatever ends it.
class ReadingsIntake::Decoding {
 public:
  Decoding(ReadingsIntake& intake, Sender sender) : from(std::move(sender)), intake_(intake) {}
  ~Decoding() { end(); }
  Decoding(const Decoding&) = delete;
  Decoding& operator=(const Decoding&) = delete;

  /// False if there is no room for it.
  bool begin(std::size_t bytes) {
    place_ = intake_.begin_decoding(from.client, bytes);
    return place_.has_value();
  }
  void end() noexcept {
    if (place_) intake_.end_decoding(*std::exchange(place_, std::nullopt));
  }

  const Sender from;
  http::Request body;

 private:
  ReadingsIntake& intake_;
  std::optional<util::QueueShares::Place> place_;
};

Reply ReadingsIntake::decode_later(const http::Request& request, const http::Responder& responder,
                                   std::size_t size, const Sender& sender) {
  const auto work = std::make_shared<Decoding>(*this, sender);
  if (!work->begin(size)) {
    ++undecoded_;
    return Reply::now(turn_away());
  }
  work->body = kept(request);
  const bool queued = parts_.decoders.submit(sender.client, [this, work, responder, now = parts_.clock()] {
    std::optional<http::Response> response;
    try {
      // What was taken this far is not turned away for want of room: here a thread may wait for it.
      parts_.ingest.wait_for_room(work->from.client);
      response = stopped_ ? turn_away() : decode_and_note(work->body, responder, now, work->from).take();
    } catch (const std::exception& error) {
      spdlog::error("POST /metrics failed: {}", error.what());
      response = http::Response::error(500, "the server failed to answer; its log says why");
    }
    work->end();  // whoever has the answer may send the next
    if (response) responder.answer(std::move(*response));
  });
  if (queued) return Reply::later();
  ++undecoded_;
  return Reply::now(turn_away());
}

/// Logs series that were dropped, once per host.
void ReadingsIntake::log_dropped_series(const protocol::DecodedReadings& decoded) {
  if (decoded.surplus.empty()) return;
  constexpr std::size_t kMostRemembered = 10000;
  const std::lock_guard lock(told_mutex_);
  for (const protocol::SurplusSeries& one : decoded.surplus) {
    if (told_.size() >= kMostRemembered || !told_.insert(one.hostname).second) continue;
    std::string names;
    for (const protocol::SurplusSeries& other : decoded.surplus) {
      if (other.hostname == one.hostname) names += (names.empty() ? "" : ", ") + other.name;
    }
    spdlog::warn(
        "readings of host '{}' have more than {} series: those beyond are left out, the first are {}",
        one.hostname, protocol::DecodeLimits{}.max_series, names);
  }
}

/// As decode(), which it asks; what is refused is counted and told of.
Reply ReadingsIntake::decode_and_note(const http::Request& request, const http::Responder& responder,
                                      std::int64_t now, const Sender& sender) {
  Reply reply = decode(request, responder, now, sender);
  if (const http::Response* refusal = reply.response()) {
    parts_.refusals.note("POST /metrics", request, sender.address, *refusal, now);
  }
  return reply;
}

/// Hands what the body held to the writing thread, which answers once it is on disk. `now`: when it arrived.
Reply ReadingsIntake::decode(const http::Request& request, const http::Responder& responder, std::int64_t now,
                             const Sender& sender) {
  ReadingsBodyLimits limits;
  limits.max_inflated_bytes = parts_.limits.max_inflated_bytes;
  limits.decode.now = now;
  limits.decode.earliest = parts_.store.earliest_kept(now);
  limits.decode.latest = now + 300;
  const std::string& only_host = sender.only_host;
  bool named_others = false;
  bool is_all_of_others = !only_host.empty();
  AdmittedHosts admitted;
  limits.decode.refuses = [&](std::string_view hostname, std::int64_t timestamp) -> const char* {
    if (!only_host.empty() && hostname != only_host) {
      named_others = true;
      return "hostname is not the one that the token is for";
    }
    is_all_of_others = false;
    if (!parts_.store.keeps(hostname, timestamp)) return storage::kTimeWasDeleted;
    if (admitted.has(hostname)) return nullptr;
    if (parts_.store.admit(hostname, sender.new_hosts, now)) {
      admitted.add(hostname);
      return nullptr;
    }
    return parts_.store.admits(hostname) ? storage::kTooManyNewHosts : storage::kNoMoreHosts;
  };
  auto body = read_readings_body(request, limits, shapes_);
  if (auto* refusal = std::get_if<http::Response>(&body)) {
    // Readings are not at fault: the agent must keep them until its token or its name is right.
    if (is_all_of_others && refusal->status == 400 && named_others) {
      return Reply::now(token_of_another(only_host));
    }
    return Reply::now(std::move(*refusal));
  }
  auto& decoded = std::get<protocol::DecodedReadings>(body);
  if (decoded.readings.empty()) return Reply::now(accepted_answer({}, decoded));
  log_dropped_series(decoded);

  auto readings = std::move(decoded.readings);
  decoded.readings.clear();
  ingest::AgentReport report = report_of(request, sender, now);
  for (protocol::ReceivedReading& reading : readings) reading.sent = report.date.value_or(0);
  auto done = [this, responder, decoded = std::move(decoded), report = std::move(report),
               hosts = reporting_hosts(readings)](const ingest::IngestOutcome& outcome) {
    if (outcome.is_withdrawn) {
      responder.answer(unauthorized("the host was deleted, and the token with it"));
      return;
    }
    if (outcome.error) {
      http::Response response = http::Response::error(503, "the readings are not stored: " + *outcome.error);
      response.headers.emplace_back("Retry-After", "5");
      responder.answer(std::move(response));
      return;
    }
    parts_.agents.heard(hosts, report, {outcome.result.accepted > 0, outcome.result.conflicting});
    if (ingest::is_agent_identity(report.identity)) {
      for (const ingest::ReportingHost& host : hosts)
        parts_.credentials.note_heard(host.name, report.identity);
    }
    responder.answer(accepted_answer(outcome.result, decoded));
  };
  const auto sent_by = only_host.empty() ? ingest::SentBy::anyone : ingest::SentBy::host_itself;
  if (parts_.ingest.submit(sender.client, std::move(readings), std::move(done), sent_by)) {
    return Reply::later();
  }
  return Reply::now(turn_away());
}

}  // namespace hostwatch::api
