#include "agent/spool/backlog_reader.h"

#include <string_view>
#include <utility>

#include "agent/spool/record.h"
#include "protocol/encode.h"

namespace hostwatch::agent {

bool BacklogReader::needs(const BacklogSpan& span) const {
  return segment_ != span.segment || segment_first_ != span.segment_first || content_.size() < span.bytes;
}

void BacklogReader::load(const BacklogSpan& span, std::string content) {
  segment_ = span.segment;
  segment_first_ = span.segment_first;
  content_ = std::move(content);
  offset_ = 0;
  next_ = 0;
  read_records(content_, [this](std::uint64_t, std::string_view payload) {
    records_.learn(payload);
    return true;
  });
}

BacklogPart BacklogReader::read(const BacklogSpan& span, std::size_t max_readings, std::size_t max_bytes) {
  if (span.first < next_) offset_ = 0;
  BacklogPart part;
  part.body = "[";
  part.last = span.last;
  const std::string_view rest = std::string_view(content_).substr(offset_);
  read_records(rest, [&](std::uint64_t sequence, std::string_view payload) {
    if (sequence < span.first || !ReadingRecordReader::is_reading(payload)) return true;
    if (sequence > span.last) return false;
    const auto reading = records_.read(payload);
    if (!reading) {
      ++part.unreadable;
      return true;
    }
    const std::string json = protocol::encode_reading(*reading);
    if (part.readings == 0) part.hostname = reading->hostname;
    if (part.readings != 0 &&
        (part.readings >= max_readings || part.body.size() + json.size() + 2 > max_bytes ||
         reading->hostname != part.hostname)) {
      part.last = sequence - 1;
      return false;
    }
    if (part.readings != 0) part.body += ',';
    part.body += json;
    ++part.readings;
    next_ = sequence + 1;
    offset_ = static_cast<std::size_t>(payload.data() + payload.size() - content_.data());
    return true;
  });
  if (part.readings == 1) {
    part.body.erase(0, 1);
  } else {
    part.body += ']';
  }
  return part;
}

void BacklogReader::release() {
  segment_.reset();
  content_ = {};
  offset_ = 0;
}

}  // namespace hostwatch::agent
