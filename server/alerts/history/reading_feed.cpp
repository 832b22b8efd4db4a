#include "server/alerts/history/reading_feed.h"

#include <algorithm>
#include <array>
#include <limits>
#include <optional>
#include <utility>

#include "server/alerts/history/feed_part.h"

namespace hostwatch::alerts {
namespace {

/// The store's chunks of readings begin with days: each is unpacked once.
constexpr std::int64_t kDay = 86400;
constexpr std::int64_t kShortestSlice = 3600;
/// Values of one slice; with more a shorter one is read.
constexpr std::size_t kMostValues = 2UL * 1024 * 1024;

/// The end of the slice that begins at `from`: they are aligned to their length.
std::int64_t end_of_slice(std::int64_t from, std::int64_t to, std::int64_t length) {
  const std::int64_t begin = from - ((from % length) + length) % length;
  return to - begin < length ? to : begin + length - 1;
}

struct Slice {
  std::vector<FeedPart> parts;
  protocol::SharedLayout layout;
  bool has_roll_ups = false;
};

/// Nothing: it has too many values to be in memory at once, and can be shorter.
std::optional<Slice> read_slice(const storage::Store& store, const FeedRequest& request, std::int64_t from,
                                std::int64_t to) {
  Slice slice;
  FeedLayout layout(store, request);
  std::size_t values = 0;
  bool is_too_large = false;
  storage::ReadRequest wanted;
  wanted.hostname = request.hostname;
  wanted.from = from;
  wanted.to = to;
  wanted.metrics = request.metrics;
  wanted.resolution = request.resolution;
  wanted.extremes = request.takes_roll_ups;
  store.read(wanted, [&](const storage::HistoryPart& part) {
    if (part.table.times.empty() || (part.step != 0 && !request.takes_roll_ups)) return true;
    values += part.table.times.size() * (part.table.columns.size() + 1);
    is_too_large = values > kMostValues && to - from >= kShortestSlice;
    if (is_too_large) return false;
    slice.has_roll_ups = slice.has_roll_ups || part.step != 0;
    slice.parts.emplace_back(part, layout);
    return true;
  });
  if (is_too_large) return std::nullopt;
  slice.layout = std::move(layout).share();
  return slice;
}

bool is_later(const FeedPart* a, const FeedPart* b) {
  return a->time() > b->time();
}

/// False: the visitor wants no more.
bool feed_slice(Slice& slice, const FeedVisitor& visit) {
  std::vector<FeedPart*> heap;
  for (FeedPart& part : slice.parts) heap.push_back(&part);
  std::make_heap(heap.begin(), heap.end(), is_later);
  std::vector<double> values(slice.layout->size() + 3, std::numeric_limits<double>::quiet_NaN());
  ReadingView reading;
  reading.layout = slice.layout;
  reading.values = std::span(values).subspan(3);
  while (!heap.empty()) {
    std::pop_heap(heap.begin(), heap.end(), is_later);
    FeedPart& part = *heap.back();
    heap.pop_back();
    // Mostly parts lie behind each other: until the next one begins it is this one alone.
    const std::int64_t until = heap.empty() ? INT64_MAX : heap.front()->time();
    while (!part.is_done() && part.time() <= until) {
      reading.at = part.time();
      part.take(values);
      std::copy_n(values.begin(), 3, reading.basic.begin());
      if (!visit(reading)) return false;
    }
    part.clear(values);
    if (part.is_done()) continue;
    heap.push_back(&part);
    std::push_heap(heap.begin(), heap.end(), is_later);
  }
  return true;
}

}  // namespace

FeedOutcome feed_readings(const storage::Store& store, const FeedRequest& request, const FeedVisitor& visit,
                          const FeedCheck& check) {
  FeedOutcome outcome;
  std::int64_t length = request.resolution != 0 ? 30 * kDay : kDay;
  std::int64_t from = request.from;
  while (from <= request.to) {
    if (check && !check()) {
      outcome.is_complete = false;
      return outcome;
    }
    const std::int64_t to = end_of_slice(from, request.to, length);
    std::optional<Slice> slice = read_slice(store, request, from, to);
    if (!slice) {
      length = std::max(length / 2, kShortestSlice);
      continue;
    }
    outcome.has_roll_ups = outcome.has_roll_ups || slice->has_roll_ups;
    if (!feed_slice(*slice, visit)) {
      outcome.is_complete = false;
      return outcome;
    }
    if (to == INT64_MAX) break;
    from = to + 1;
  }
  return outcome;
}

}  // namespace hostwatch::alerts
