#include "tests/model/world.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <sstream>

#include "protocol/catalogue.h"
#include "tests/model/export_text.h"
#include "tests/model/times.h"

namespace hostwatch::model {
namespace {

constexpr std::int64_t kLongestChunk = 4 * kDay;  // of readings; where chunks end much happens
constexpr std::int64_t kStart = 1763884800;
constexpr std::size_t kReadingsARequest = 1000;

}  // namespace

std::int64_t Dice::from(std::int64_t least, std::int64_t most) {
  const auto count = static_cast<std::uint64_t>(most - least) + 1;
  return least + static_cast<std::int64_t>(generator_() % count);  // no distribution: they differ by library
}

Tally& Tally::operator+=(const Tally& other) {
  readings += other.readings;
  questions += other.questions;
  looks += other.looks;
  restarts += other.restarts;
  too_large += other.too_large;
  return *this;
}

Options made_up_options(Dice& dice, bool has_size_limit) {
  constexpr std::array<std::int64_t, 10> kRetentions{kHour,      kHour, 2 * kHour, 3 * kHour, 6 * kHour,
                                                     12 * kHour, kDay,  2 * kDay,  5 * kDay,  30 * kDay};
  constexpr std::array<std::int64_t, 8> kLonger{0, 0, kMinute, kHour, kDay, 4 * kDay, 30 * kDay, 335 * kDay};
  Options options;
  if (!dice.one_in(8)) {
    options.retention.readings = dice.of(kRetentions) + (dice.one_in(4) ? dice.from(0, kHour) : 0);
    options.retention.minutes = options.retention.readings + dice.of(kLonger);
    options.retention.hours = dice.one_in(2) ? options.retention.minutes + dice.of(kLonger) : 3650 * kDay;
  }
  if (has_size_limit)
    options.max_database_bytes = static_cast<std::uint64_t>(dice.from(1'000'000, 3'000'000));
  return options;
}

World::World(std::uint64_t seed, const Size& size, const Start& start,
             std::function<void(const std::string&)> tell)
    : dice_(seed), size_(size), tell_(std::move(tell)) {
  options_ = made_up_options(dice_, size_.has_size_limit);
  had_limit_ = size_.has_size_limit;
  // Mostly before a time at which chunks of every length end.
  first_ = floor_to(kStart + dice_.from(0, 64 * kDay), kLongestChunk) - dice_.from(-kHour, 2 * kDay);
  subject_ = start(first_, options_, dice_);
  latest_ = subject_->now();
  note_time();
  make_hosts();
}

std::string World::options() const {
  return "--retention " + std::to_string(options_.retention.readings) + "s --retention-minutes " +
         std::to_string(options_.retention.minutes) + "s --retention-hours " +
         std::to_string(options_.retention.hours) + "s --max-database-size " +
         std::to_string(options_.max_database_bytes);
}

void World::make_hosts() {
  constexpr std::array<std::int64_t, 16> kIntervals{1,  2,  5,  7,   10,  10,  15,   30,
                                                    60, 60, 60, 300, 300, 900, 3600, kDay};
  const std::int64_t count = dice_.from(1, 4);
  for (std::int64_t i = 0; i < count; ++i) {
    Host host;
    host.name = "host-" + std::to_string(i);
    host.interval = dice_.of(kIntervals);
    host.next = first_ - (dice_.one_in(2) ? dice_.from(0, options_.retention.readings) : 0);
    const std::int64_t most = static_cast<std::int64_t>(kSeries.size()) - 1;
    for (std::int64_t series = 3; series <= most; ++series) {
      const bool is_noise = kSeries[static_cast<std::size_t>(series)].metric == "noise";
      if (is_noise ? size_.has_size_limit : dice_.one_in(3))
        host.series.push_back(static_cast<std::size_t>(series));
    }
    hosts_.push_back(std::move(host));
  }
}

double World::value_of(std::size_t series, std::int64_t time) {
  const std::string_view metric = kSeries[series].metric;
  const auto* known = protocol::find_metric(metric);
  if (metric == "noise") return dice_.share() * std::pow(10.0, static_cast<double>(dice_.from(-9, 9)));
  if (known == nullptr) {
    return metric == "pressure" && dice_.one_in(50) ? -static_cast<double>(dice_.from(0, 1'000'000'000'000))
                                                    : static_cast<double>(dice_.from(-5000, 5000)) / 1000;
  }
  const double most = std::min(known->maximum, known->maximum == 100 ? 100.0 : 1e9);
  const double value = most * dice_.share();
  if (dice_.one_in(30)) return static_cast<double>(time % 7);
  return dice_.one_in(20) ? value : protocol::round_to(value, known->decimals);
}

protocol::Reading World::reading_at(const Host& host, std::int64_t time) {
  protocol::Reading reading{host.name, time, value_of(0, time), value_of(1, time), value_of(2, time), {}, {}};
  for (const std::size_t series : host.series) {
    if (dice_.one_in(15)) continue;
    reading.samples.push_back(
        {std::string(kSeries[series].metric), std::string(kSeries[series].instance), value_of(series, time)});
  }
  if (dice_.one_in(200)) reading.samples.clear();
  return reading;
}

/// The reading as it was sent before, if there was one.
protocol::Reading World::known_reading_at(const Host& host, std::int64_t time) {
  const auto known = model_.hosts.find(host.name);
  if (known == model_.hosts.end() || !known->second.contains(time)) return reading_at(host, time);
  protocol::Reading reading{host.name, time, 0, 0, 0, {}, {}};
  for (const auto& [series, value] : known->second.at(time)) {
    if (series == 0) reading.cpu = value;
    if (series == 1) reading.ram = value;
    if (series == 2) reading.disk = value;
    if (series <= 2) continue;
    reading.samples.push_back(
        {std::string(kSeries[series].metric), std::string(kSeries[series].instance), value});
  }
  return reading;
}

/// What the model has of it then; counted as the server has to.
void World::take(const protocol::Reading& reading, Sent& expected) {
  Reading values{{0, reading.cpu}, {1, reading.ram}, {2, reading.disk}};
  for (const protocol::Sample& sample : reading.samples)
    values.emplace_back(series_number(sample.metric, sample.instance), sample.value);
  const auto [at, is_new] = model_.hosts[reading.hostname].emplace(reading.timestamp, values);
  if (is_new) {
    ++expected.accepted;
    return;
  }
  ++expected.duplicates;
  if (at->second != values) ++expected.conflicts;
}

void World::send(const Host& host, const std::vector<std::int64_t>& times, bool with_other_values) {
  for (std::size_t begin = 0; begin < times.size(); begin += kReadingsARequest) {
    std::vector<protocol::Reading> readings;
    for (std::size_t i = begin; i < std::min(times.size(), begin + kReadingsARequest); ++i)
      readings.push_back(with_other_values ? reading_at(host, times[i]) : known_reading_at(host, times[i]));
    const Sent sent = subject_->send(readings);
    note_time();
    expect_refusals(readings, sent.refused);
    Sent expected;
    for (std::size_t i = 0; i < readings.size(); ++i) {
      if (!std::binary_search(sent.refused.begin(), sent.refused.end(), i)) take(readings[i], expected);
    }
    tally_.readings += sent.accepted;
    if (sent.accepted == expected.accepted && sent.duplicates == expected.duplicates &&
        sent.conflicts == expected.conflicts)
      continue;
    std::ostringstream text;
    text << "of " << readings.size() << " readings of " << host.name << " from " << readings.front().timestamp
         << " on accepted, duplicates and conflicts are " << sent.accepted << ", " << sent.duplicates << ", "
         << sent.conflicts << ", and should be " << expected.accepted << ", " << expected.duplicates << ", "
         << expected.conflicts;
    throw Difference(text.str());
  }
}

/// Refused is what is too old, too far ahead, or of a time that the host has lost; and nothing else.
void World::expect_refusals(const std::vector<protocol::Reading>& readings,
                            const std::vector<std::size_t>& refused) const {
  const std::int64_t now = subject_->now();
  const std::int64_t leeway = subject_->leeway();
  for (std::size_t i = 0; i < readings.size(); ++i) {
    const std::int64_t time = readings[i].timestamp;
    const bool is_refused = std::binary_search(refused.begin(), refused.end(), i);
    const bool may_be = time > now + kAhead - leeway || time < allowed().readings + leeway;
    const bool must_be = time > now + kAhead + leeway || time < now - options_.retention.readings - leeway;
    if (is_refused ? !may_be : must_be) {
      throw Difference("the reading of " + readings[i].hostname + " at " + std::to_string(time) + " was " +
                       (is_refused ? "refused" : "taken") + " at " + std::to_string(now));
    }
  }
}

/// A series comes or goes, as interfaces and queues do.
void World::change_series(Host& host) {
  const auto most = static_cast<std::int64_t>(kSeries.size()) - 1;
  const auto series = static_cast<std::size_t>(dice_.from(3, most));
  if (kSeries[series].metric == "noise") return;
  const auto at = std::lower_bound(host.series.begin(), host.series.end(), series);
  if (at != host.series.end() && *at == series) {
    host.series.erase(at);
  } else {
    host.series.insert(at, series);
  }
}

/// What has come due since; where nothing has, it waits until some is.
void World::send_due(Host& host) {
  constexpr std::array<std::int64_t, 6> kCounts{1, 5, 60, 280, 700, 2500};
  const std::int64_t count = std::max<std::int64_t>(dice_.of(kCounts) * dice_.from(1, 100) / 100, 1);
  const std::int64_t span = std::min(count * host.interval, 3 * kDay);
  if (dice_.one_in(12)) host.next += dice_.from(1, 2 * kDay);  // a gap
  while (dice_.one_in(2)) change_series(host);
  host.next =
      std::max(host.next, subject_->now() - options_.retention.readings - (dice_.one_in(10) ? 60 : 0));
  if (host.next + span > subject_->now())
    pass(host.next + span - subject_->now() - (dice_.one_in(5) ? kAhead : 0));
  std::vector<std::int64_t> times;
  while (static_cast<std::int64_t>(times.size()) < count && host.next <= subject_->now() + kAhead &&
         tally_.readings + times.size() < static_cast<std::uint64_t>(size_.readings)) {
    times.push_back(host.next);
    host.next += dice_.one_in(60) ? dice_.from(1, 3 * host.interval) : host.interval;
  }
  const bool is_shuffled = dice_.one_in(4);
  if (is_shuffled) {
    for (std::size_t i = times.size(); i > 1; --i)
      std::swap(times[i - 1],
                times[static_cast<std::size_t>(dice_.from(0, static_cast<std::int64_t>(i) - 1))]);
  }
  if (times.empty()) return;
  tell_("send " + host.name + ": " + std::to_string(times.size()) + " readings from " +
        std::to_string(times.front()) + " each " + std::to_string(host.interval) + " s" +
        (is_shuffled ? ", shuffled" : ""));
  send(host, times);
}

void World::send_late(const Host& host) {
  const std::int64_t now = subject_->now();
  const std::int64_t oldest = now - options_.retention.readings;
  std::vector<std::int64_t> times;
  const std::int64_t count = dice_.from(1, 20);
  const std::int64_t around = dice_.from(oldest, now);
  for (std::int64_t i = 0; i < count; ++i) {
    switch (dice_.from(0, 3)) {
      case 0:
        times.push_back(dice_.from(oldest, now + kAhead));
        break;
      case 1:
        times.push_back(oldest + dice_.from(-5, 120));  // as old as readings may be
        break;
      case 2:
        times.push_back(floor_to(around, dice_.one_in(2) ? kHour : kDay) +
                        dice_.from(-3, 3));  // where chunks end
        break;
      default:
        times.push_back(around + dice_.from(-kHour, kHour));
    }
  }
  tell_("send " + host.name + ": " + std::to_string(times.size()) + " late readings around " +
        std::to_string(around));
  send(host, times);
}

void World::send_again(const Host& host) {
  const auto known = model_.hosts.find(host.name);
  if (known == model_.hosts.end()) return;
  const Model::History& history = known->second;
  auto from = history.lower_bound(subject_->now() - options_.retention.readings);
  const auto there = std::distance(from, history.end());
  if (there == 0) return;
  std::advance(from, dice_.from(0, there - 1));
  std::vector<std::int64_t> times;
  const std::int64_t count = dice_.from(1, 40);
  for (; from != history.end() && static_cast<std::int64_t>(times.size()) < count; ++from)
    times.push_back(from->first);
  const bool is_other = dice_.one_in(2);
  tell_("send " + host.name + ": " + std::to_string(times.size()) + " readings again from " +
        std::to_string(times.front()) + (is_other ? " with other values" : ""));
  send(host, times, is_other);
}

/// What is due to go by age is gone for good, whatever the clock says later.
void World::note_time() {
  latest_ = std::max(latest_, subject_->now());
  const std::int64_t now = subject_->now() + subject_->leeway();
  due_.readings = std::max(due_.readings, now - options_.retention.readings);
  due_.minutes = std::max(due_.minutes, now - options_.retention.minutes);
  due_.hours = std::max(due_.hours, now - options_.retention.hours);
}

/// Where there is a limit of size, anything may go, the finest first.
Allowed World::allowed() const {
  return had_limit_ ? Allowed{latest_ + 1, latest_ + 1, latest_ + 1} : due_;
}

void World::pass(std::int64_t seconds) {
  if (seconds <= 0) return;
  tell_("pass " + std::to_string(seconds) + " s");
  subject_->advance(seconds);
  note_time();
}

void World::advance() {
  const std::int64_t retention = options_.retention.readings;
  const std::array<std::int64_t, 12> spans{1,
                                           dice_.from(1, 60),
                                           31,
                                           301,
                                           301,
                                           dice_.from(301, kHour),
                                           kHour,
                                           dice_.from(kHour, kDay),
                                           std::min(retention / 2, 5 * kDay),
                                           std::min(retention, 5 * kDay) + dice_.from(-60, 60),
                                           dice_.from(kDay, 5 * kDay),
                                           dice_.one_in(4) ? dice_.from(5 * kDay, 40 * kDay) : 301};
  pass(dice_.of(spans));
}

/// A clock that is wrong for less than an hour: nothing goes by what it said. The server looks at it each
/// second.
void World::set_clock_wrong() {
  const std::int64_t days = dice_.from(1, 400) * kDay;
  tell_("the clock jumps ahead by " + std::to_string(days) + " s, and back after a while");
  subject_->set_clock_ahead(days);
  subject_->maintain(1);
  for (std::int64_t seconds = dice_.from(1, 3000); seconds > 0; seconds -= 900) {
    if (!dice_.one_in(3)) subject_->maintain(static_cast<int>(dice_.from(1, 30)));
    subject_->advance(std::min<std::int64_t>(seconds, 900));
  }
  subject_->set_clock_ahead(-days);
  subject_->maintain(1);
  note_time();
}

void World::restart() {
  const bool killed = dice_.one_in(2);
  if (dice_.one_in(4)) {
    options_ = made_up_options(dice_, size_.has_size_limit && dice_.one_in(2));
    had_limit_ = had_limit_ || options_.max_database_bytes != 0;
  }
  tell_((killed ? "kill" : "stop") + std::string(", start ") + options());
  subject_->restart(options_, killed);
  note_time();
  ++tally_.restarts;
}

void World::forget(const Host& host) {
  const bool is_known = model_.hosts.contains(host.name);
  const bool is_clean = dice_.one_in(2);
  tell_((is_clean ? "clean " : "forget ") + host.name);
  const bool was_known = is_clean ? subject_->clean(host.name) : subject_->forget(host.name);
  if (was_known != is_known) throw Difference(host.name + (was_known ? " was known" : " was not known"));
  if (is_clean && is_known) {
    model_.hosts[host.name].clear();
  } else {
    model_.hosts.erase(host.name);
  }
}

void World::step() {
  Host& host = hosts_[static_cast<std::size_t>(dice_.from(0, static_cast<std::int64_t>(hosts_.size()) - 1))];
  const std::int64_t what = dice_.from(1, 100);
  if (what <= 35) {
    send_due(host);
  } else if (what <= 45) {
    send_late(host);
  } else if (what <= 51) {
    send_again(host);
  } else if (what <= 70) {
    advance();
  } else if (what <= 88) {
    const int pieces = dice_.one_in(2) ? 0 : static_cast<int>(dice_.from(1, 30));
    tell_("maintain " + (pieces == 0 ? "all" : std::to_string(pieces) + " pieces"));
    subject_->maintain(pieces);
    note_time();
  } else if (what <= 91) {
    restart();
  } else if (what <= 92) {
    forget(host);
  } else if (what <= 93) {
    set_clock_wrong();
  } else {
    tell_("look");
    look();
  }
}

void World::run() {
  for (int i = 0; i < size_.steps; ++i) step();
  for (int i = 0; i < 2; ++i) {
    subject_->maintain(0);
    pass(301);
  }
  subject_->maintain(0);
  tell_("look");
  look();
  const std::uint64_t used = subject_->used_bytes();
  if (options_.max_database_bytes != 0 &&
      used > options_.max_database_bytes + options_.max_database_bytes / 10)
    throw Difference("the database holds " + std::to_string(used) + " bytes");
}

}  // namespace hostwatch::model
