#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "agent/spool/reading_record.h"
#include "agent/spool/segment.h"

namespace hostwatch::agent {

/// Which part of which segment is to be read next.
struct BacklogSpan {
  std::shared_ptr<Segment> segment;
  std::uint64_t first = 0;  ///< sequence numbers, inclusive
  std::uint64_t last = 0;
  std::uint64_t segment_first = 0;  ///< a segment that was emptied begins anew
  std::string path;                 ///< of the segment's file; empty: it is in memory
  std::size_t bytes = 0;            ///< how much of it is there
};

/// What was read of a span.
struct BacklogPart {
  std::string body;      ///< as Batch::body
  std::string hostname;  ///< likewise
  std::size_t readings = 0;
  std::size_t unreadable = 0;  ///< readings that could not be made out
  std::uint64_t last = 0;      ///< the span is done with up to here
};

/// Reads the backlog, a segment at a time, which stays in memory while it is read. Not thread-safe.
class BacklogReader {
 public:
  /// True if the segment has to be given to load() before the span can be read.
  bool needs(const BacklogSpan& span) const;

  /// `content`: the segment's bytes.
  void load(const BacklogSpan& span, std::string content);

  /// Readings of one host name: at most `max_readings` and about `max_bytes` of text, but always one if there
  /// is any in the span.
  BacklogPart read(const BacklogSpan& span, std::size_t max_readings, std::size_t max_bytes);

  /// Gives the memory back.
  void release();

 private:
  std::shared_ptr<Segment> segment_;
  std::uint64_t segment_first_ = 0;
  std::string content_;
  std::size_t offset_ = 0;  ///< records before it are below next_
  std::uint64_t next_ = 0;
  ReadingRecordReader records_;
};

}  // namespace hostwatch::agent
