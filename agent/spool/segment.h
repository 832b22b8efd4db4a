#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace hostwatch::agent {

/// Records in a row: a file of the spool, or memory while no file can be written. Appended to and read, never
/// rewritten. Not thread-safe, but for read_file().
class Segment {
 public:
  /// A new one. `path`: of the file, which must not be there yet; empty: in memory. Throws std::system_error.
  Segment(std::string path, std::uint64_t first_sequence);

  /// A file that is there: read, and one day removed or adopted, but not appended to.
  static Segment found(std::string path, std::uint64_t first_sequence, std::uint64_t last_sequence,
                       std::size_t readings, std::size_t bytes);

  /// A file that is there, all of it delivered: to be cleared and appended to. Throws std::system_error.
  static Segment adopt(std::string path, std::uint64_t first_sequence);

  ~Segment();
  Segment(Segment&& other) noexcept;
  Segment& operator=(Segment&&) = delete;

  /// All of it or nothing. Throws std::system_error: then nothing was written.
  void append(std::string_view records, std::uint64_t sequence);

  /// Empties it; the next record will be `next_sequence`. What was in it last is remembered as the file's
  /// time of modification, which costs no data: `timestamp`, Unix seconds. Throws std::system_error.
  void clear(std::uint64_t next_sequence, std::int64_t timestamp);

  /// Removes the file.
  void remove();

  bool is_file() const { return !path_.empty(); }
  const std::string& path() const { return path_; }
  int file_descriptor() const { return fd_; }
  std::size_t bytes() const { return bytes_; }
  const std::string& memory() const { return memory_; }
  std::uint64_t first() const { return first_; }
  std::uint64_t last() const { return last_; }  ///< first() - 1 while it is empty
  bool is_empty() const { return last_ < first_; }

  /// Readings in it that are not delivered yet.
  std::size_t waiting = 0;

  /// The first `bytes` of a file. Throws std::system_error.
  static std::string read_file(const std::string& path, std::size_t bytes);

 private:
  Segment() = default;

  std::string path_;
  std::string memory_;
  int fd_ = -1;
  std::size_t bytes_ = 0;
  std::uint64_t first_ = 0;
  std::uint64_t last_ = 0;
};

}  // namespace hostwatch::agent
