#include "agent/delivery/delivery.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <exception>
#include <utility>
#include <variant>

#include "agent/collectors/facts/host_name.h"
#include "agent/delivery/enrollment.h"
#include "util/text/http_date.h"

namespace hostwatch::agent {

using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

namespace {

/// How soon the server is asked again to let this agent enrol under a new name.
constexpr std::chrono::minutes kNameRetry{5};

/// The server knows who asks, and wants nothing of it.
bool is_refusal(const HttpAnswer& answer) {
  return answer.status == 401 || answer.status == 403 || answer.status == 409;
}

}  // namespace

Delivery::Delivery(Spool& spool, DeliverySettings settings, DeliveryHooks hooks)
    : spool_(spool),
      settings_(std::move(settings)),
      hooks_(std::move(hooks)),
      poster_(settings_.url, settings_.tls, settings_.identity, settings_.timeouts),
      credential_(settings_.credential),
      log_(settings_.url.shown()),
      readings_a_request_(settings_.max_readings) {
  thread_ = std::jthread([this](const std::stop_token& stop) { run(stop); });
}

Delivery::~Delivery() = default;

bool Delivery::stop(milliseconds limit) {
  const auto deadline = Clock::now() + limit;
  std::unique_lock lock(mutex_);
  flush_deadline_ = deadline;
  lock.unlock();
  thread_.request_stop();
  lock.lock();
  if (!changed_.wait_for(lock, limit / 2, [this] { return phase_ != Phase::working; })) {
    poster_.cancel();
  }
  return changed_.wait_until(lock, deadline, [this] { return phase_ == Phase::ended; });
}

DeliveryCounts Delivery::counts() const {
  const std::scoped_lock lock(mutex_);
  return counts_;
}

void Delivery::count(std::uint64_t DeliveryCounts::*which, std::uint64_t more) {
  const std::scoped_lock lock(mutex_);
  counts_.*which += more;
}

void Delivery::enter(Phase phase) {
  const std::scoped_lock lock(mutex_);
  phase_ = phase;
  changed_.notify_all();
}

void Delivery::pause(const std::stop_token& stop, milliseconds time) {
  if (time <= milliseconds(0)) return;
  std::unique_lock lock(mutex_);
  // Besides the time, a stop ends this wait, and files to be read: what they hold may be taken at once.
  changed_.wait_for(lock, stop, time, [this] { return files_changed_.load(); });
}

void Delivery::read_files_again() {
  const std::scoped_lock lock(mutex_);
  files_changed_ = true;
  changed_.notify_all();
}

void Delivery::run(const std::stop_token& stop) {
  milliseconds offset{};  // the very first reading goes at once
  while (spool_.wait_for_reading(stop)) {
    // A reading that came into an empty spool waits for this host's turn; a backlog has waited already.
    pause(stop, offset);
    deliver(stop);
    offset = settings_.send_offset;
  }
  enter(Phase::flushing);
  flush();
  enter(Phase::ended);
}

void Delivery::take_name(const std::string& name) {
  const std::scoped_lock lock(mutex_);
  wanted_name_ = name;
}

/// Before each request, and when nothing waits any more.
void Delivery::follow_name(bool nothing_waits) {
  std::string name;
  {
    const std::scoped_lock lock(mutex_);
    name = wanted_name_;
  }
  if (name.empty()) return;
  if (name != credential_.hostname()) {
    if (name == refused_name_ && Clock::now() - name_refused_at_ < kNameRetry) return;
    CredentialSettings settings = settings_.credential;
    settings.hostname = name;
    Credential next(std::move(settings));
    if (!may_take(next, nothing_waits)) return;
    former_credential_ = std::exchange(credential_, std::move(next));
  }
  refused_name_.clear();
  clear_wanted_name(name);
  if (hooks_.name_taken) hooks_.name_taken(name);
}

/// The former name stays, and the next one is asked for again later.
void Delivery::refuse_name(const std::string& name, const std::string& reason) {
  if (std::exchange(refused_name_, name) != name) {
    spdlog::warn("this host is called '{}' now: its readings stay those of '{}', {}", name,
                 credential_.hostname(), reason);
  }
  name_refused_at_ = Clock::now();
}

/// Unless another one is wanted meanwhile.
void Delivery::clear_wanted_name(const std::string& name) {
  const std::scoped_lock lock(mutex_);
  if (wanted_name_ == name) wanted_name_.clear();
}

/// True if readings of the next credential's name can be delivered, as far as can be known.
bool Delivery::may_take(Credential& next, bool nothing_waits) {
  const bool had_none = is_stand_in_name(credential_.hostname());
  const Credential::State state = next.state();
  switch (state) {
    case Credential::State::none:
    case Credential::State::missing:
      // Nobody has proved anything yet, or the former name's own token is all there is.
      if (credential_.state() == state) return true;
      refuse_name(next.hostname(), "as there is no token to enrol with");
      return false;
    case Credential::State::ready:
      if (had_none) return true;
      refuse_name(next.hostname(), "as the token may be good for that name alone, until a restart");
      clear_wanted_name(next.hostname());
      return false;
    case Credential::State::enroll:
      break;
  }
  if (had_none && credential_.state() == Credential::State::enroll) return true;
  if (!nothing_waits) return false;
  if (const auto failure = ask_to_enroll(next)) {
    refuse_name(next.hostname(), "until it can enrol so: " + failure->reason);
    return false;
  }
  return true;
}

/// Until nothing waits.
void Delivery::deliver(const std::stop_token& stop) {
  while (!stop.stop_requested()) {
    Batch batch = spool_.fresh(readings_a_request_, settings_.max_bytes);
    const bool is_backlog = batch.readings == 0;
    if (is_backlog) batch = spool_.backlog(readings_a_request_, settings_.max_bytes);
    if (batch.readings == 0) return;
    const auto began = Clock::now();
    const Outcome outcome = send(batch);
    if (!outcome.done) {
      spool_.note_undelivered();
      pause(stop, outcome.wait);
    } else if (is_backlog) {
      const auto took = std::chrono::duration_cast<milliseconds>(Clock::now() - began);
      batch = {};  // a megabyte, that nobody needs meanwhile
      spool_.wait_for_fresh(stop, std::clamp(took, settings_.shortest_rest, settings_.longest_rest));
    }
  }
}

void Delivery::flush() {
  const auto remaining = [this] {
    const std::scoped_lock lock(mutex_);
    return std::chrono::duration_cast<milliseconds>(flush_deadline_ - Clock::now());
  };
  while (true) {
    const Batch batch = spool_.fresh(readings_a_request_, settings_.max_bytes);
    // One try connects, writes and reads: each may take a third of what is left.
    const milliseconds step = remaining() / 3;
    if (batch.readings == 0 || step < milliseconds(10)) break;
    poster_.set_timeouts({std::min(step, settings_.timeouts.connect), std::min(step, settings_.timeouts.read),
                          std::min(step, settings_.timeouts.write)});
    if (!send(batch).done) break;
  }
}

Delivery::Outcome Delivery::send(const Batch& batch) {
  try {
    if (files_changed_.exchange(false)) renew_files();
    follow_name(/*nothing_waits=*/false);
    const bool is_former = former_credential_ && batch.hostname == former_credential_->hostname() &&
                           batch.hostname != credential_.hostname();
    const Outcome outcome = send_with(is_former ? *former_credential_ : credential_, batch);
    // Nobody will ever bring them, and what is behind them would wait for ever.
    if (is_former && outcome.refused && !former_credential_->token().empty()) {
      return drop(batch, "the server takes no more readings of '" + batch.hostname + "', as it was called");
    }
    if (outcome.done && spool_.statistics().waiting == 0) follow_name(/*nothing_waits=*/true);
    return outcome;
  } catch (const std::exception& error) {  // out of memory: the next try may fare better
    return retry(error.what(), /*slowly=*/false, {});
  }
}

Delivery::Outcome Delivery::send_with(Credential& credential, const Batch& batch) {
  switch (credential.state()) {
    case Credential::State::missing:
      return retry("there is no token yet in '" + settings_.credential.token_file + "'", /*slowly=*/false,
                   {});
    case Credential::State::enroll:
      if (const Outcome outcome = enroll(credential); !outcome.done) return outcome;
      break;
    case Credential::State::none:
    case Credential::State::ready:
      break;
  }
  return post(credential, batch);
}

/// A connection that the server has closed meanwhile is worth a second try at once.
std::variant<HttpAnswer, PostFailure> Delivery::post_twice_if_idle(const PostedBody& posted) {
  auto result = poster_.post(posted, hooks_.unix_now());
  const auto* failure = std::get_if<PostFailure>(&result);
  if (failure != nullptr && failure->idle_connection_closed) result = poster_.post(posted, hooks_.unix_now());
  return result;
}

Delivery::Outcome Delivery::post(Credential& credential, const Batch& batch) {
  const auto result = post_twice_if_idle({settings_.url.path, credential.token(), batch.body});
  if (const auto* failure = std::get_if<PostFailure>(&result)) {
    return retry(failure->reason, /*slowly=*/false, {});
  }
  const auto& answer = std::get<HttpAnswer>(result);
  if (answer.status == 401 && credential.token().empty()) {
    return retry(
        "HTTP 401: the server asks for a token, and none was given: --token-file FILE (\"Add a host\" on "
        "the server's page makes one)",
        /*slowly=*/true, answer.retry_after);
  }
  if (answer.status == 401) {
    credential.refused();
    // Nobody has to do anything where it can enrol again; should that be refused too, it goes on slowly.
    if (credential.state() == Credential::State::enroll) {
      return retry(judge(answer).reason + "; enrolling again", /*slowly=*/false, answer.retry_after);
    }
  }
  if (answer.status == 403) credential.read_again();
  return handle(batch, answer);
}

/// Exchanges the enrolment token for this host's own. Nothing if that went well.
std::optional<Delivery::EnrollmentFailure> Delivery::ask_to_enroll(Credential& credential) {
  const auto path = enrollment_path(settings_.url.path);
  if (!path) {
    return EnrollmentFailure{"the token is for enrolling, and --server-url does not end in /metrics",
                             /*slowly=*/true,
                             {},
                             /*refused=*/false};
  }
  const auto result =
      post_twice_if_idle({*path, credential.token(), enrollment_request(credential.hostname())});
  if (const auto* failure = std::get_if<PostFailure>(&result)) {
    return EnrollmentFailure{failure->reason, /*slowly=*/false, {}, /*refused=*/false};
  }
  const auto& answer = std::get<HttpAnswer>(result);
  const EnrollmentAnswer read = read_enrollment_answer(answer);
  if (read.token.empty()) {
    credential.read_again();
    std::string problem = read.problem;
    const std::string hint = credential.hint_of_other_name();
    if (is_refusal(answer) && !hint.empty()) problem += "; " + hint;
    return EnrollmentFailure{std::move(problem), read.retry_slowly, answer.retry_after, is_refusal(answer)};
  }
  credential.keep(read.token);
  spdlog::info("enrolled as '{}'", credential.hostname());
  return std::nullopt;
}

Delivery::Outcome Delivery::enroll(Credential& credential) {
  const auto failure = ask_to_enroll(credential);
  if (!failure) return {};
  Outcome outcome = retry(failure->reason, failure->slowly, failure->retry_after);
  outcome.refused = failure->refused;
  return outcome;
}

void Delivery::renew_files() {
  credential_.read_again();
  try {
    poster_.renew();
    spdlog::info("the token's and the certificates' files were read again");
  } catch (const std::exception& error) {
    spdlog::error("{}; what was read before stays in use", error.what());
  }
}

Delivery::Outcome Delivery::handle(const Batch& batch, const HttpAnswer& answer) {
  const Judgement judgement = judge(answer);
  // What answers for a Hostwatch server and is none has its own idea of the time.
  const bool from_server = judgement.verdict == Verdict::delivered || judgement.verdict == Verdict::drop;
  if (const auto time = util::parse_http_date(answer.date); time && from_server) hooks_.server_time(*time);
  switch (judgement.verdict) {
    case Verdict::delivered:
      return settle(batch, judgement, answer.new_connection);
    case Verdict::drop:
      // Where the server does not say which are bad, one of them may be, or it takes no (compressed) arrays.
      if (batch.readings > 1 && judgement.rejected == 0) return split(batch, judgement.reason);
      return drop(batch, judgement.reason);
    case Verdict::split:
      return split(batch, judgement.reason);
    case Verdict::retry_slowly: {
      Outcome outcome = retry(judgement.reason, /*slowly=*/true, answer.retry_after);
      outcome.refused = is_refusal(answer);
      return outcome;
    }
    case Verdict::retry:
      break;
  }
  return retry(judgement.reason, /*slowly=*/false, answer.retry_after);
}

Delivery::Outcome Delivery::settle(const Batch& batch, const Judgement& judgement, bool new_connection) {
  const bool reconnected = new_connection && has_delivered_;
  has_delivered_ = true;
  const bool recovered = log_.delivered(spool_.statistics().waiting);
  spool_.acknowledge(batch);
  const std::uint64_t rejected = std::min<std::uint64_t>(judgement.rejected, batch.readings);
  count(&DeliveryCounts::delivered, batch.readings - rejected);
  count(&DeliveryCounts::duplicates, judgement.duplicates);
  count(&DeliveryCounts::rejected, rejected);
  if (rejected > 0) log_.rejected(judgement);
  // A server that was restarted between two readings shows as nothing but a new connection.
  if (recovered || reconnected || rejected > 0) hooks_.facts_may_be_lost();
  failures_in_a_row_ = 0;
  // What made a request too large may be gone with the backlog.
  if (spool_.statistics().waiting == 0) readings_a_request_ = settings_.max_readings;
  return {};
}

Delivery::Outcome Delivery::drop(const Batch& batch, const std::string& reason) {
  spool_.acknowledge(batch);
  count(&DeliveryCounts::dropped, batch.readings);
  log_.refused(batch.readings, reason);
  hooks_.facts_may_be_lost();
  failures_in_a_row_ = 0;
  return {};
}

Delivery::Outcome Delivery::split(const Batch& batch, const std::string& reason) {
  if (batch.readings == 1) return drop(batch, reason);
  readings_a_request_ = batch.readings / 2;
  spdlog::debug("{}; sending {} readings at once from now on", reason, readings_a_request_);
  return {};
}

Delivery::Outcome Delivery::retry(const std::string& reason, bool slowly, const std::string& retry_after) {
  ++failures_in_a_row_;
  count(&DeliveryCounts::failures, 1);
  log_.failed(reason, spool_.statistics().waiting);
  const double random = hooks_.random();
  if (const auto asked = parse_retry_after(retry_after, hooks_.unix_now())) {
    return {false, obey_retry_after(settings_.retry, *asked, failures_in_a_row_, random)};
  }
  if (slowly) return {false, slow_retry(settings_.retry, random)};
  return {false, back_off(settings_.retry, failures_in_a_row_, random)};
}

}  // namespace hostwatch::agent
