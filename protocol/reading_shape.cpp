#include "protocol/reading_shape.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "protocol/names.h"
#include "util/text/json_number.h"

namespace hostwatch::protocol {
namespace {

bool is_space(char c) {
  return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/// What stands before the next quote; nothing where it is not as plain as names are: an escape, or anything
/// but ASCII.
std::optional<std::string_view> plain_text(std::string_view text) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto c = static_cast<unsigned char>(text[i]);
    if (c == '"') return text.substr(0, i);
    if (c < ' ' || c == '\\' || c >= 0x7F) return std::nullopt;
  }
  return std::nullopt;
}

bool set_percent(double& member, double value) {
  member = value + 0.0;  // as the decoder does: -0 becomes 0
  return value >= 0 && value <= 100;
}

}  // namespace

/// Goes over the text of a reading that the decoder has found to be good JSON, and notes where its gaps are.
class ReadingShape::Scanner {
 public:
  Scanner(std::string_view text, const ReceivedReading& accepted, ReadingShape& shape)
      : text_(text), accepted_(accepted), shape_(shape) {}

  bool scan() {
    const bool is_good = scan_members([this](std::string_view name) { return scan_field(name); }) &&
                         samples_ == accepted_.values.size();
    if (is_good) shape_.text_.append(text_.substr(kept_, at_ - kept_));
    shape_.text_.shrink_to_fit();
    shape_.slots_.shrink_to_fit();
    return is_good;
  }

 private:
  char front() const { return at_ < text_.size() ? text_[at_] : '\0'; }
  void skip_space() {
    while (is_space(front())) ++at_;
  }
  bool skip(char c) {
    skip_space();
    if (front() != c) return false;
    ++at_;
    return true;
  }

  /// The string's own bytes between its quotes, with any escapes.
  std::optional<std::string_view> take_string() {
    if (!skip('"')) return std::nullopt;
    const std::size_t begin = at_;
    while (at_ < text_.size() && text_[at_] != '"') at_ += text_[at_] == '\\' ? 2U : 1U;
    if (at_ >= text_.size()) return std::nullopt;
    return text_.substr(begin, at_++ - begin);
  }

  template <typename ScanValue>
  bool scan_members(const ScanValue& scan_value) {
    if (!skip('{')) return false;
    shape_.depth_ = std::max(shape_.depth_, ++depth_);
    if (!skip('}')) {
      do {
        const auto name = take_string();
        if (!name || !skip(':')) return false;
        skip_space();
        if (!scan_value(*name)) return false;
      } while (skip(','));
      if (!skip('}')) return false;
    }
    --depth_;
    return true;
  }

  /// The gap for what stands here, `length` bytes.
  void add_slot(Slot slot, std::size_t length) {
    shape_.text_.append(text_.substr(kept_, at_ - kept_));
    at_ += length;
    kept_ = at_;
    slot.text_end = static_cast<std::uint32_t>(shape_.text_.size());
    shape_.slots_.push_back(slot);
  }
  bool add_number(const Slot& slot) {
    std::string_view rest = text_.substr(at_);
    if (!util::take_json_number(rest)) return false;
    add_slot(slot, text_.size() - at_ - rest.size());
    return true;
  }

  bool scan_field(std::string_view name) {
    if (name.find('\\') != std::string_view::npos) return false;
    if (name == "hostname") return scan_hostname();
    if (name == "timestamp") return add_number({0, Role::timestamp, nullptr});
    if (name == "cpu") return add_number({0, Role::cpu, nullptr});
    if (name == "ram") return add_number({0, Role::ram, nullptr});
    if (name == "disk") return add_number({0, Role::disk, nullptr});
    if (name == "metrics") return scan_members([this](std::string_view) { return scan_metric(); });
    if (name == "facts") return false;
    return front() == '-' || (front() >= '0' && front() <= '9') ? add_number({}) : skip_value();
  }

  bool scan_hostname() {
    if (!skip('"')) return false;
    const auto name = plain_text(text_.substr(at_));
    if (!name || *name != accepted_.hostname) return false;
    add_slot({0, Role::hostname, nullptr}, name->size());
    return skip('"');
  }

  bool scan_metric() {
    if (front() == '{') return scan_members([this](std::string_view) { return scan_sample(); });
    return scan_sample();
  }
  bool scan_sample() {
    if (samples_ >= accepted_.values.size()) return false;
    const MetricDefinition* metric = find_metric((*accepted_.layout)[samples_].metric);
    ++samples_;
    return add_number({0, Role::sample, metric});
  }

  /// Of a field that means nothing to us.
  bool skip_value() {
    std::size_t open = 0;
    do {
      skip_space();
      if (front() == '"') {
        if (!take_string()) return false;
      } else if (at_ >= text_.size()) {
        return false;
      } else {
        const char c = text_[at_++];
        if (c == '{' || c == '[') shape_.depth_ = std::max(shape_.depth_, depth_ + ++open);
        if (c == '}' || c == ']') --open;
        // A word goes on to the next mark.
        const auto is_mark = [](char one) {
          return one == ',' || one == '}' || one == ']' || one == '"' || is_space(one);
        };
        if (c == '-' || (c >= '0' && c <= '9')) {
          // One that is too large for a double is counted by the decoder.
          std::string_view rest = text_.substr(--at_);
          if (!util::take_json_number(rest)) return false;
          at_ = text_.size() - rest.size();
        } else if (c != '{' && c != '[' && c != '}' && c != ']' && c != ',' && c != ':') {
          while (at_ < text_.size() && !is_mark(text_[at_])) ++at_;
        }
      }
    } while (open != 0);
    return true;
  }

  std::string_view text_;
  const ReceivedReading& accepted_;
  ReadingShape& shape_;
  std::size_t at_ = 0;
  std::size_t kept_ = 0;  ///< what is before it is in the shape
  std::size_t depth_ = 0;
  std::size_t samples_ = 0;
};

std::optional<ReadingShape> ReadingShape::of(std::string_view text, const ReceivedReading& accepted) {
  if (accepted.facts) return std::nullopt;
  ReadingShape shape;
  shape.layout_ = accepted.layout;
  if (!Scanner(text, accepted, shape).scan()) return std::nullopt;
  return shape;
}

bool ReadingShape::take_number(const Slot& slot, std::string_view& text, const DecodeLimits& limits,
                               ReceivedReading& reading) const {
  const std::optional<double> value = util::take_json_number(text);
  if (!value) return false;
  switch (slot.role) {
    case Role::timestamp: {
      const double seconds = std::floor(*value);
      reading.timestamp = static_cast<std::int64_t>(std::clamp(seconds, -1e15, 1e15));
      return seconds >= static_cast<double>(limits.earliest) && seconds <= static_cast<double>(limits.latest);
    }
    case Role::cpu:
      return set_percent(reading.cpu, *value);
    case Role::ram:
      return set_percent(reading.ram, *value);
    case Role::disk:
      return set_percent(reading.disk, *value);
    case Role::sample:
      reading.values.push_back(*value + 0.0);
      return is_in_range(slot.metric, *value);
    default:
      return true;
  }
}

bool ReadingShape::take(std::string_view& text, const DecodeLimits& limits, ReceivedReading& reading) const {
  const std::size_t depth_in_array = depth_ + 1;
  if (depth_in_array > limits.max_depth || layout_->size() > limits.max_series) return false;
  reading.layout = layout_;
  reading.values.clear();
  reading.values.reserve(layout_->size());
  reading.facts.reset();
  const std::string_view own = text_;
  std::size_t at = 0;
  const auto take_text = [&](std::size_t end) {
    const std::string_view piece = own.substr(at, end - at);
    if (!text.starts_with(piece)) return false;
    text.remove_prefix(piece.size());
    at = end;
    return true;
  };
  for (const Slot& slot : slots_) {
    if (!take_text(slot.text_end)) return false;
    if (slot.role == Role::hostname) {
      const auto name = plain_text(text);
      if (!name || why_not_host_name(*name)) return false;
      reading.hostname = *name;
      text.remove_prefix(name->size());
    } else if (!take_number(slot, text, limits, reading)) {
      return false;
    }
  }
  return take_text(own.size());
}

}  // namespace hostwatch::protocol
