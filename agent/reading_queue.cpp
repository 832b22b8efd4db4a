#include "agent/reading_queue.h"

#include <spdlog/spdlog.h>

#include <utility>

namespace hostwatch::agent {

std::size_t ReadingQueue::cost(const Entry& entry) {
  constexpr std::size_t kAllocatorHeader = 16;
  return sizeof(Entry) + kAllocatorHeader + entry.json.capacity();
}

void ReadingQueue::remove_oldest() {
  bytes_ -= cost(entries_.front());
  entries_.pop_front();
}

void ReadingQueue::push(std::string json) {
  json.shrink_to_fit();  // it may lie here for hours
  bool overflow_begins = false;
  {
    const std::scoped_lock lock(mutex_);
    entries_.push_back({next_ticket_++, std::move(json)});
    bytes_ += cost(entries_.back());
    // The newest stays, however large it is: it is what the queue is for.
    while (entries_.size() > 1 && (entries_.size() > limits_.readings || bytes_ > limits_.bytes)) {
      remove_oldest();
      ++dropped_;
      overflow_begins = overflow_begins || !overflowing_;
      overflowing_ = true;
    }
  }
  pushed_.notify_all();
  if (overflow_begins) {
    spdlog::warn("the queue of undelivered readings is full; from now on the oldest are dropped");
  }
}

bool ReadingQueue::wait_for_reading(const std::stop_token& stop) {
  std::unique_lock lock(mutex_);
  return pushed_.wait(lock, stop, [this] { return !entries_.empty(); }) && !stop.stop_requested();
}

ReadingQueue::Batch ReadingQueue::oldest(std::size_t max_readings, std::size_t max_bytes) const {
  const std::scoped_lock lock(mutex_);
  Batch batch;
  std::size_t text = 2;  // the brackets
  while (batch.readings < entries_.size() && batch.readings < max_readings) {
    const std::size_t more = entries_[batch.readings].json.size() + 1;
    if (batch.readings > 0 && text + more > max_bytes) break;
    text += more;
    ++batch.readings;
  }
  if (batch.readings == 0) return batch;
  batch.last_ticket = entries_[batch.readings - 1].ticket;
  if (batch.readings == 1) {
    batch.body = entries_.front().json;
    return batch;
  }
  batch.body.reserve(text);
  for (std::size_t i = 0; i < batch.readings; ++i) {
    batch.body += i == 0 ? '[' : ',';
    batch.body += entries_[i].json;
  }
  batch.body += ']';
  return batch;
}

void ReadingQueue::acknowledge(const Batch& batch) {
  std::uint64_t dropped = 0;
  {
    const std::scoped_lock lock(mutex_);
    while (!entries_.empty() && entries_.front().ticket <= batch.last_ticket) remove_oldest();
    if (entries_.empty()) {
      entries_.shrink_to_fit();
      if (std::exchange(overflowing_, false)) dropped = dropped_;
    }
  }
  if (dropped != 0) spdlog::warn("{} readings were dropped for want of room since the start", dropped);
}

std::size_t ReadingQueue::size() const {
  const std::scoped_lock lock(mutex_);
  return entries_.size();
}

std::uint64_t ReadingQueue::dropped() const {
  const std::scoped_lock lock(mutex_);
  return dropped_;
}

}  // namespace hostwatch::agent
