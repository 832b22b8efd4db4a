#include "agent/spool/segment.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <system_error>
#include <utility>

namespace hostwatch::agent {
namespace {

[[noreturn]] void fail(int error, const std::string& what) {
  throw std::system_error(error, std::generic_category(), what);
}

}  // namespace

Segment::Segment(std::string path, std::uint64_t first_sequence)
    : path_(std::move(path)), first_(first_sequence), last_(first_sequence - 1) {
  if (path_.empty()) return;
  fd_ = ::open(path_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_APPEND | O_CLOEXEC, 0600);
  if (fd_ < 0) fail(errno, path_);
}

Segment Segment::found(std::string path, std::uint64_t first_sequence, std::uint64_t last_sequence,
                       std::size_t readings, std::size_t bytes) {
  Segment segment;
  segment.path_ = std::move(path);
  segment.first_ = first_sequence;
  segment.last_ = last_sequence;
  segment.waiting = readings;
  segment.bytes_ = bytes;
  return segment;
}

Segment Segment::adopt(std::string path, std::uint64_t first_sequence) {
  Segment segment;
  segment.path_ = std::move(path);
  segment.first_ = first_sequence;
  segment.last_ = first_sequence - 1;
  segment.fd_ = ::open(segment.path_.c_str(), O_WRONLY | O_APPEND | O_CLOEXEC);
  if (segment.fd_ < 0) fail(errno, segment.path_);
  return segment;
}

Segment::~Segment() {
  if (fd_ >= 0) ::close(fd_);
}

Segment::Segment(Segment&& other) noexcept
    : waiting(other.waiting),
      path_(std::move(other.path_)),
      memory_(std::move(other.memory_)),
      fd_(std::exchange(other.fd_, -1)),
      bytes_(other.bytes_),
      first_(other.first_),
      last_(other.last_) {}

void Segment::append(std::string_view records, std::uint64_t sequence) {
  if (!is_file()) {
    memory_ += records;
  } else {
    const ssize_t written = ::write(fd_, records.data(), records.size());
    if (written != static_cast<ssize_t>(records.size())) {
      const int error = written < 0 ? errno : ENOSPC;
      // A half record would only be passed over; if it cannot be cut off, so be it.
      [[maybe_unused]] const int cut = ::ftruncate(fd_, static_cast<off_t>(bytes_));
      fail(error, path_);
    }
  }
  bytes_ += records.size();
  last_ = sequence;
}

void Segment::clear(std::uint64_t next_sequence, std::int64_t timestamp) {
  if (is_file()) {
    if (::ftruncate(fd_, 0) != 0) fail(errno, path_);
    const timespec time{static_cast<time_t>(timestamp), 0};
    const std::array<timespec, 2> times{time, time};
    [[maybe_unused]] const int result = ::futimens(fd_, times.data());
  }
  memory_.clear();
  bytes_ = 0;
  waiting = 0;
  first_ = next_sequence;
  last_ = next_sequence - 1;
}

void Segment::remove() {
  if (is_file()) ::unlink(path_.c_str());
}

std::string Segment::read_file(const std::string& path, std::size_t bytes) {
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) fail(errno, path);
  std::string content(bytes, '\0');
  std::size_t have = 0;
  while (have < bytes) {
    const ssize_t got = ::read(fd, content.data() + have, bytes - have);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) {
      const int error = errno;
      ::close(fd);
      if (got < 0) fail(error, path);
      content.resize(have);
      return content;
    }
    have += static_cast<std::size_t>(got);
  }
  ::close(fd);
  return content;
}

}  // namespace hostwatch::agent
