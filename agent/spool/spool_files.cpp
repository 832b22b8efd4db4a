// Spool: what it finds in its folder at the start, and what keeps its files synced.
#include <fcntl.h>
#include <spdlog/spdlog.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <system_error>
#include <utility>

#include "agent/spool/record.h"
#include "agent/spool/spool.h"

namespace hostwatch::agent {
namespace {

constexpr std::string_view kExtension = ".spool";

/// The names of segments are numbers of fixed length: their order is that of their records.
std::vector<std::string> segment_files(const std::string& folder) {
  std::vector<std::string> paths;
  std::error_code error;
  for (std::filesystem::directory_iterator at(folder, error), end; !error && at != end; at.increment(error)) {
    if (at->path().extension() == kExtension) paths.push_back(at->path().string());
  }
  if (error) spdlog::warn("the spool's folder '{}' cannot be read: {}", folder, error.message());
  std::sort(paths.begin(), paths.end());
  return paths;
}

/// The sequence that a file was made for; none in it is smaller.
std::uint64_t first_sequence_of(const std::string& path) {
  const std::string stem = std::filesystem::path(path).stem().string();
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(stem.data(), stem.data() + stem.size(), number, 16);
  return error == std::errc() && end == stem.data() + stem.size() ? number : 0;
}

/// The readings of a file's records.
struct FoundReadings {
  std::uint64_t first = 0;  ///< sequence numbers, inclusive
  std::uint64_t last = 0;
  std::size_t readings = 0;
  std::int64_t newest = INT64_MIN;  ///< greatest timestamp
  std::size_t damaged = 0;          ///< places that could not be read
};

/// Numbers only ever grow: a record below `least_sequence`, or below the one before, is a stray.
FoundReadings find_readings(std::string_view content, std::uint64_t least_sequence) {
  ReadingRecordReader layouts;
  read_records(content, [&layouts](std::uint64_t, std::string_view payload) {
    layouts.learn(payload);
    return true;
  });
  FoundReadings found;
  const RecordCounts counts = read_records(content, [&](std::uint64_t sequence, std::string_view payload) {
    const bool is_stray = sequence < std::max(least_sequence, found.last + 1);
    if (is_stray || !ReadingRecordReader::is_reading(payload)) return true;
    const auto reading = layouts.read(payload);
    if (!reading) {
      ++found.damaged;
      return true;
    }
    if (found.readings++ == 0) found.first = sequence;
    found.last = sequence;
    found.newest = std::max(found.newest, reading->timestamp);
    return true;
  });
  found.damaged += counts.damaged;
  return found;
}

}  // namespace

void Spool::recover() {
  for (const std::string& path : segment_files(settings_.folder)) recover_file(path);
  if (statistics_.damaged != 0) {
    spdlog::warn("{} damaged or torn places in the spool were passed over", statistics_.damaged);
  }
  if (statistics_.waiting != 0)
    spdlog::info("{} undelivered readings found in the spool", statistics_.waiting);
}

void Spool::recover_file(const std::string& path) {
  std::string content;
  try {
    content = Segment::read_file(path, static_cast<std::size_t>(std::filesystem::file_size(path)));
  } catch (const std::exception& error) {
    ++statistics_.damaged;
    spdlog::warn("a file of the spool cannot be read: {}", error.what());
    return;
  }
  const FoundReadings found = find_readings(content, next_sequence_);
  statistics_.damaged += found.damaged;
  if (found.readings == 0) {
    recover_empty(path);
    return;
  }
  newest_found_ = std::max(newest_found_.value_or(INT64_MIN), found.newest);
  if (active_) {  // an empty one before it
    segments_.back()->remove();
    segments_.pop_back();
    active_ = false;
  }
  next_sequence_ = found.last + 1;
  statistics_.waiting += found.readings;
  statistics_.bytes += content.size();
  segments_.push_back(std::make_shared<Segment>(
      Segment::found(path, found.first, found.last, found.readings, content.size())));
}

/// A file without readings: everything was delivered. Its time tells of the last one, and is not to be lost
/// before there is another: so the file is used on.
void Spool::recover_empty(const std::string& path) {
  // Numbers go on from the name also where nothing is left of those before: files that are made later come
  // later in the order of names, in which the next life reads them.
  next_sequence_ = std::max(next_sequence_, first_sequence_of(path));
  struct stat status {};
  const bool is_empty = ::stat(path.c_str(), &status) == 0 && status.st_size == 0;
  if (is_empty)
    newest_found_ = std::max<std::int64_t>(newest_found_.value_or(INT64_MIN), status.st_mtim.tv_sec);
  if (is_empty && segments_.empty()) {
    try {
      segments_.push_back(std::make_shared<Segment>(Segment::adopt(path, next_sequence_)));
      active_ = true;
      return;
    } catch (const std::system_error& error) {
      spdlog::debug("a file of the spool cannot be used on: {}", error.what());
    }
  }
  std::error_code ignored;
  std::filesystem::remove(path, ignored);
}

void Spool::keep_synced(const std::stop_token& stop) {
  std::unique_lock lock(mutex_);
  while (!stop.stop_requested()) {
    unsynced_changed_.wait(lock, stop, [this] { return sync_wanted_; });
    if (stop.stop_requested()) return;
    const auto due = *unsynced_since_ + settings_.sync_after;
    // The predicate is true when all of it was delivered in the meantime: that needs no sync.
    const bool delivered = unsynced_changed_.wait_until(
        lock, stop, due, [&] { return !sync_wanted_ || *unsynced_since_ + settings_.sync_after > due; });
    if (delivered) continue;
    if (stop.stop_requested()) return;
    const std::vector<SegmentPtr> segments = std::exchange(unsynced_, {});
    unsynced_since_.reset();
    sync_wanted_ = false;
    lock.unlock();
    int error = 0;
    for (const SegmentPtr& segment : segments) {
      if (::fdatasync(segment->file_descriptor()) != 0) error = errno;
    }
    const int folder = ::open(settings_.folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (folder >= 0) {  // so that the names of new files are there too
      if (::fsync(folder) != 0) error = errno;
      ::close(folder);
    }
    lock.lock();
    ++statistics_.syncs;
    if (error != 0) spdlog::debug("the spool cannot be synced: {}", std::strerror(error));
  }
}

}  // namespace hostwatch::agent
