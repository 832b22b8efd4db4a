#include "agent/spool/spool.h"

#include <spdlog/spdlog.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <system_error>
#include <utility>

#include "agent/spool/record.h"
#include "protocol/encode.h"

namespace hostwatch::agent {
namespace {

constexpr std::size_t kMemorySegmentBytes = 64U << 10U;

std::string segment_name(std::uint64_t first) {
  std::array<char, 32> name{};
  std::snprintf(name.data(), name.size(), "%016llx.spool", static_cast<unsigned long long>(first));
  return name.data();
}

}  // namespace

Spool::Spool(SpoolSettings settings) : settings_(std::move(settings)) {
  statistics_.in_memory = settings_.folder.empty();
  if (!settings_.folder.empty()) recover();
  last_timestamp_ = newest_found_.value_or(0);
  syncer_ = std::jthread([this](const std::stop_token& stop) { keep_synced(stop); });
}

Spool::~Spool() = default;

void Spool::push(const protocol::Reading& reading) {
  std::string json = protocol::encode_reading(reading);
  {
    const std::scoped_lock lock(mutex_);
    const std::uint64_t sequence = next_sequence_++;
    last_timestamp_ = reading.timestamp;
    store(reading, sequence);
    ++statistics_.waiting;
    fresh_bytes_ += json.size();
    fresh_.push_back({sequence, std::move(json), reading.hostname});
    trim_fresh();
    if (!unsynced_.empty() && !unsynced_since_) unsynced_since_ = Clock::now();
    // While each reading is delivered before the next one comes, nobody need be woken for it.
    if (statistics_.waiting > 1) want_sync();
  }
  pushed_.notify_all();
}

void Spool::store(const protocol::Reading& reading, std::uint64_t sequence) {
  while (true) {
    ensure_active();
    const ReadingRecordWriter::Payloads payloads = writer_.write(reading);
    records_.clear();
    if (!payloads.layout.empty()) append_record(records_, sequence, payloads.layout);
    append_record(records_, sequence, payloads.reading);
    record_bytes_ = kRecordHeaderBytes + payloads.reading.size();
    Segment& segment = *segments_.back();
    try {
      segment.append(records_, sequence);
      ++segment.waiting;
      if (segment.is_file()) {
        statistics_.bytes += records_.size();
        if (std::find(unsynced_.begin(), unsynced_.end(), segments_.back()) == unsynced_.end()) {
          unsynced_.push_back(segments_.back());
        }
      } else {
        memory_bytes_ += records_.size();
      }
      return;
    } catch (const std::system_error& error) {
      writer_.begin_file();  // the layout was not written either
      const int code = error.code().value();
      // A disk smaller than the spool may be, or shared with others: the oldest readings make room.
      if ((code == ENOSPC || code == EDQUOT || code == EFBIG) && segments_.size() > 1 && drop_oldest(true))
        continue;
      disk_failed(error);
    }
  }
}

void Spool::ensure_active() {
  const bool disk_wanted = !settings_.folder.empty();
  const bool disk_is_due =
      disk_wanted && (!disk_failed_at_ || Clock::now() - *disk_failed_at_ >= settings_.disk_retry);
  if (active_) {
    const Segment& segment = *segments_.back();
    const bool full = segment.bytes() >= (segment.is_file() ? settings_.segment_bytes : kMemorySegmentBytes);
    if (!full && (segment.is_file() || !disk_is_due)) {
      make_room();
      return;
    }
  }
  if (disk_is_due) {
    try {
      begin_segment(true);
      if (disk_failed_at_) spdlog::info("the spool in '{}' can be written again", settings_.folder);
      disk_failed_at_.reset();
      statistics_.in_memory = false;
      make_room();
      return;
    } catch (const std::system_error& error) {
      disk_failed(error);
    }
  }
  begin_segment(false);
  make_room();
}

void Spool::begin_segment(bool file) {
  const std::uint64_t first = next_sequence_ - 1;  // of the reading that is being pushed
  const std::string path = file ? settings_.folder + "/" + segment_name(first) : std::string();
  auto segment = std::make_shared<Segment>(path, first);
  if (active_ && segments_.back()->is_empty()) {
    segments_.back()->remove();
    segments_.pop_back();
  }
  segments_.push_back(std::move(segment));
  active_ = true;
  writer_.begin_file();
}

void Spool::disk_failed(const std::exception& error) {
  if (!disk_failed_at_) {
    spdlog::warn("the spool cannot be written ({}): readings are kept in memory until it can", error.what());
  }
  disk_failed_at_ = Clock::now();
  statistics_.in_memory = true;
  if (active_ && segments_.back()->is_file()) begin_segment(false);
}

void Spool::make_room() {
  while (statistics_.bytes > settings_.max_bytes && drop_oldest(true)) {
  }
  while (memory_bytes_ > settings_.memory_bytes && drop_oldest(false)) {
  }
}

/// Drops the oldest segment of that kind, but never the one that is being written. False if there is none.
bool Spool::drop_oldest(bool file) {
  const auto end = active_ ? std::prev(segments_.end()) : segments_.end();
  const auto oldest =
      std::find_if(segments_.begin(), end, [file](const SegmentPtr& one) { return one->is_file() == file; });
  if (oldest == end) return false;
  const SegmentPtr segment = *oldest;
  segments_.erase(oldest);
  if (!overflowing_)
    spdlog::warn("the spool of undelivered readings is full; from now on the oldest are dropped");
  overflowing_ = true;
  (file ? statistics_.bytes : memory_bytes_) -= segment->bytes();
  statistics_.waiting -= segment->waiting;
  statistics_.dropped += segment->waiting;
  done_.add(segment->first(), segment->last());
  while (!fresh_.empty() && fresh_.front().sequence <= segment->last()) {
    fresh_bytes_ -= fresh_.front().json.size();
    fresh_.pop_front();
  }
  std::erase(unsynced_, segment);
  segment->remove();
  return true;
}

void Spool::trim_fresh() {
  while (fresh_.size() > 1 &&
         (fresh_.size() > settings_.fresh_readings || fresh_bytes_ > settings_.fresh_bytes)) {
    fresh_bytes_ -= fresh_.front().json.size();
    fresh_.pop_front();  // it is in a segment, and becomes part of the backlog
  }
}

void Spool::note_undelivered() {
  const std::scoped_lock lock(mutex_);
  want_sync();
}

void Spool::want_sync() {
  if (sync_wanted_ || !unsynced_since_) return;
  sync_wanted_ = true;
  unsynced_changed_.notify_all();
}

bool Spool::wait_for_reading(const std::stop_token& stop) {
  std::unique_lock lock(mutex_);
  return pushed_.wait(lock, stop, [this] { return statistics_.waiting != 0; }) && !stop.stop_requested();
}

void Spool::wait_for_fresh(const std::stop_token& stop, std::chrono::milliseconds time) {
  std::unique_lock lock(mutex_);
  pushed_.wait_for(lock, stop, time, [this] { return !fresh_.empty(); });
}

Batch Spool::fresh(std::size_t max_readings, std::size_t max_bytes) const {
  const std::scoped_lock lock(mutex_);
  Batch batch;
  std::size_t text = 2;  // the brackets
  while (batch.readings < fresh_.size()) {
    const std::size_t more = fresh_[batch.readings].json.size() + 1;
    if (batch.readings > 0 && (batch.readings >= max_readings || text + more > max_bytes)) break;
    if (fresh_[batch.readings].hostname != fresh_.front().hostname) break;
    text += more;
    ++batch.readings;
  }
  if (batch.readings == 0) return batch;
  batch.hostname = fresh_.front().hostname;
  batch.first = fresh_.front().sequence;
  batch.last = fresh_[batch.readings - 1].sequence;
  if (batch.readings == 1) {
    batch.body = fresh_.front().json;
    return batch;
  }
  batch.body.reserve(text);
  for (std::size_t i = 0; i < batch.readings; ++i) {
    batch.body += i == 0 ? '[' : ',';
    batch.body += fresh_[i].json;
  }
  batch.body += ']';
  return batch;
}

std::optional<BacklogSpan> Spool::next_backlog() const {
  const std::uint64_t limit = fresh_.empty() ? next_sequence_ : fresh_.front().sequence;
  for (const SegmentPtr& segment : segments_) {
    if (segment->is_empty()) continue;
    const std::uint64_t first = done_.first_missing(segment->first());
    if (first >= limit) return std::nullopt;
    if (first > segment->last()) continue;
    const std::uint64_t last = std::min({segment->last(), limit - 1, done_.first_present(first) - 1});
    return BacklogSpan{segment, first, last, segment->first(), segment->path(), segment->bytes()};
  }
  return std::nullopt;
}

Batch Spool::backlog(std::size_t max_readings, std::size_t max_bytes) {
  while (true) {
    std::unique_lock lock(mutex_);
    const auto span = next_backlog();
    if (!span) {
      lock.unlock();
      reader_.release();
      return {};
    }
    if (reader_.needs(*span)) {
      std::string content;
      if (span->path.empty()) content = span->segment->memory();
      lock.unlock();  // a slow disk must not hold up the sampling
      try {
        if (!span->path.empty()) content = Segment::read_file(span->path, span->bytes);
      } catch (const std::system_error& error) {  // dropped meanwhile, or the disk is broken
        spdlog::debug("a file of the spool cannot be read: {}", error.what());
      }
      reader_.load(*span, std::move(content));
    } else {
      lock.unlock();
    }
    BacklogPart part = reader_.read(*span, max_readings, max_bytes);
    lock.lock();
    statistics_.damaged += part.unreadable;
    if (part.readings == 0) {  // nothing in there can be read
      settle(span->first, part.last, 0);
      continue;
    }
    return {std::move(part.body), part.readings, span->first, part.last, std::move(part.hostname)};
  }
}

void Spool::acknowledge(const Batch& batch) {
  if (batch.readings == 0) return;
  std::uint64_t dropped = 0;
  {
    const std::scoped_lock lock(mutex_);
    settle(batch.first, batch.last, batch.readings);
    if (statistics_.waiting == 0 && std::exchange(overflowing_, false)) dropped = statistics_.dropped;
  }
  if (dropped != 0) spdlog::warn("{} readings were dropped for want of room since the start", dropped);
}

void Spool::settle(std::uint64_t first, std::uint64_t last, std::size_t readings) {
  for (const SegmentPtr& segment : segments_) {
    const std::uint64_t begin = std::max(first, segment->first());
    const std::uint64_t end = std::min(last, segment->last());
    if (segment->is_empty() || begin > end) continue;
    // Several segments: of fresh readings, whose numbers have no gaps.
    const bool whole = begin == first && end == last;
    const std::size_t here = whole ? readings : static_cast<std::size_t>(end - begin + 1);
    const std::size_t settled = std::min(here, segment->waiting);
    segment->waiting -= settled;
    statistics_.waiting -= settled;
  }
  done_.add(first, last);
  while (!fresh_.empty() && fresh_.front().sequence <= last && fresh_.front().sequence >= first) {
    fresh_bytes_ -= fresh_.front().json.size();
    fresh_.pop_front();
  }
  remove_finished();
}

void Spool::remove_finished() {
  for (auto at = segments_.begin(); at != segments_.end();) {
    const SegmentPtr held = *at;
    Segment& segment = *held;
    const bool is_last = std::next(at) == segments_.end();
    if (segment.is_empty() || done_.first_missing(segment.first()) <= segment.last()) {
      ++at;
      continue;
    }
    statistics_.waiting -= segment.waiting;  // what could not be read
    (segment.is_file() ? statistics_.bytes : memory_bytes_) -= segment.bytes();
    std::erase(unsynced_, *at);
    // The last file is emptied and not removed, also one that was found: its time tells the next life of the
    // last reading.
    if (is_last && (active_ || segment.is_file())) {
      try {
        if (!active_) *at = std::make_shared<Segment>(Segment::adopt(segment.path(), next_sequence_));
        (*at)->clear(next_sequence_, last_timestamp_);
        active_ = true;
        writer_.begin_file();
        ++at;
        continue;
      } catch (const std::system_error& error) {
        spdlog::debug("a file of the spool cannot be emptied: {}", error.what());
        active_ = false;
      }
    }
    (*at)->remove();
    at = segments_.erase(at);
  }
  done_.forget_below(segments_.empty() ? next_sequence_ : segments_.front()->first());
  if (unsynced_.empty()) {
    unsynced_since_.reset();
    sync_wanted_ = false;
  }
}

SpoolStatistics Spool::statistics() const {
  const std::scoped_lock lock(mutex_);
  return statistics_;
}

std::size_t Spool::record_bytes() const {
  const std::scoped_lock lock(mutex_);
  return record_bytes_;
}

}  // namespace hostwatch::agent
