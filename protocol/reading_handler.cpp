#include "protocol/reading_handler.h"

#include <algorithm>
#include <cmath>

#include "protocol/catalogue.h"
#include "protocol/names.h"
#include "util/text/text.h"

namespace hostwatch::protocol {
namespace {

using Json = nlohmann::json;

constexpr std::array<std::string_view, kKnownFields> kFieldNames{"hostname", "timestamp", "cpu",  "ram",
                                                                 "disk",     "metrics",   "facts"};
constexpr std::size_t kRequiredFields = 5;

Field field_named(std::string_view name) {
  const auto found = std::find(kFieldNames.begin(), kFieldNames.end(), name);
  return static_cast<Field>(found - kFieldNames.begin());
}

}  // namespace

std::string ReadingHandler::shown(std::string_view text) {
  return util::make_printable(text, 100);
}

std::string ReadingHandler::path() const {
  switch (place_) {
    case Place::metrics:
      return "metrics." + shown(metric_);
    case Place::instances:
      return "metrics." + shown(metric_) + "{" + shown(instance_) + "}";
    case Place::facts:
    case Place::repeated:
      return "facts." + shown(fact_);
    case Place::tags:
      return "facts.tags." + shown(tag_);
    default:
      return std::string(kFieldNames.at(static_cast<std::size_t>(field_)));
  }
}

/// True, and said, when a value stands where only a reading may.
bool ReadingHandler::is_stray_element() {
  if (place_ == Place::array) {
    reject("a reading must be an object");
    ++index_;
    return true;
  }
  return false;
}

bool ReadingHandler::wrong_type(std::string_view what) {
  if (is_stray_element()) return true;
  if (place_ == Place::root) return stop("the body must be a reading (an object) or an array of readings");
  if (place_ == Place::skipped || (place_ == Place::reading && field_ == Field::unknown)) return true;
  const bool wants_object = place_ == Place::reading && (field_ == Field::metrics || field_ == Field::facts);
  const bool wants_text = place_ == Place::tags || place_ == Place::repeated ||
                          (place_ == Place::reading && field_ == Field::hostname);
  const std::string wanted = wants_object ? "an object" : wants_text ? "a text" : "a number";
  if (place_ == Place::facts) {
    // Facts that later agents may send are passed over, as unknown fields are.
    if (is_known_fact()) fault(path() + " has the wrong type (" + std::string(what) + ")");
  } else {
    fault(path() + " must be " + wanted + ", not " + std::string(what));
  }
  return true;
}

bool ReadingHandler::string(std::string_view value) {
  if (place_ == Place::reading && field_ == Field::hostname) {
    if (const auto why = why_not_host_name(value)) {
      fault("hostname " + *why);
    } else {
      reading_.hostname = value;
    }
    return true;
  }
  if (place_ == Place::facts) {
    if (std::string* member = text_fact()) {
      *member = util::make_printable(value, 200);
      return true;
    }
  }
  if (place_ == Place::tags) {
    add_tag(value);
    return true;
  }
  if (place_ == Place::repeated) {
    add_repeated(value);
    return true;
  }
  return wrong_type("a text");
}

bool ReadingHandler::number(double value) {
  if (is_stray_element()) return true;
  switch (place_) {
    case Place::root:
      return wrong_type("a number");
    case Place::metrics:
    case Place::instances:
      add_sample(value);
      return true;
    case Place::facts:
      set_fact(value);
      return true;
    case Place::tags:
    case Place::repeated:
      return wrong_type("a number");
    case Place::reading:
      break;
    default:
      return true;
  }
  switch (field_) {
    case Field::timestamp:
      set_timestamp(value);
      return true;
    case Field::cpu:
      set_percent(reading_.cpu, value);
      return true;
    case Field::ram:
      set_percent(reading_.ram, value);
      return true;
    case Field::disk:
      set_percent(reading_.disk, value);
      return true;
    case Field::unknown:
      return true;
    default:
      return wrong_type("a number");
  }
}

bool ReadingHandler::begin_reading() {
  if (result_.is_array && index_ >= limits_.max_readings) {
    return stop("at most " + std::to_string(limits_.max_readings) + " readings fit in one array", true);
  }
  reading_ = ReceivedReading{};
  reading_.values.reserve(previous_.layout->size());
  is_following_ = true;
  surplus_.clear();
  surplus_count_ = 0;
  fault_.clear();
  seen_.fill(false);
  metric_names_.clear();
  field_ = Field::unknown;
  place_ = Place::reading;
  return true;
}

bool ReadingHandler::start_object(std::size_t) {
  if (++depth_ > limits_.max_depth) {
    return stop("the body is nested too deeply (at most " + std::to_string(limits_.max_depth) + " levels)");
  }
  switch (place_) {
    case Place::root:
    case Place::array:
      return begin_reading();
    case Place::reading:
      if (field_ == Field::metrics) {
        place_ = Place::metrics;
        return true;
      }
      if (field_ == Field::facts) {
        reading_.facts.emplace();
        place_ = Place::facts;
        return true;
      }
      if (field_ != Field::unknown) wrong_type("an object");
      break;
    case Place::metrics:
      place_ = Place::instances;
      return true;
    case Place::facts:
      if (fact_ == "tags") {
        place_ = Place::tags;
        return true;
      }
      wrong_type("an object");
      break;
    case Place::instances:
    case Place::tags:
    case Place::repeated:
      wrong_type("an object");
      break;
    case Place::skipped:
      break;
  }
  if (place_ != Place::skipped) skip_return_ = place_;
  place_ = Place::skipped;
  ++skip_depth_;
  return true;
}

bool ReadingHandler::start_array(std::size_t) {
  if (++depth_ > limits_.max_depth) {
    return stop("the body is nested too deeply (at most " + std::to_string(limits_.max_depth) + " levels)");
  }
  if (place_ == Place::root) {
    result_.is_array = true;
    place_ = Place::array;
    return true;
  }
  if (place_ == Place::array) {
    reject("a reading must be an object");
    ++index_;
  } else if (place_ == Place::facts && repeated_fact() != nullptr) {
    repeated_fact()->emplace();
    place_ = Place::repeated;
    return true;
  } else {
    wrong_type("an array");
  }
  if (place_ != Place::skipped) skip_return_ = place_;
  place_ = Place::skipped;
  ++skip_depth_;
  return true;
}

bool ReadingHandler::key(std::string_view name) {
  switch (place_) {
    case Place::reading:
      field_ = field_named(name);
      if (field_ != Field::unknown) {
        bool& seen = seen_.at(static_cast<std::size_t>(field_));
        if (seen) fault(std::string(name) + " appears twice");
        seen = true;
      }
      break;
    case Place::metrics:
      metric_names_.push_back(name, {});
      metric_ = name;
      break;
    case Place::instances:
      instance_ = name;
      break;
    case Place::facts:
      fact_ = name;
      break;
    case Place::tags:
      tag_ = name;
      break;
    default:
      break;
  }
  return true;
}

bool ReadingHandler::end_object() {
  --depth_;
  switch (place_) {
    case Place::skipped:
      if (--skip_depth_ == 0) place_ = skip_return_;
      break;
    case Place::instances:
      place_ = Place::metrics;
      break;
    case Place::metrics:
      check_series();
      place_ = Place::reading;
      break;
    case Place::facts:
      place_ = Place::reading;
      break;
    case Place::tags:
      place_ = Place::facts;
      break;
    default:
      finish_reading();
      place_ = result_.is_array ? Place::array : Place::root;
      break;
  }
  return true;
}

bool ReadingHandler::end_array() {
  --depth_;
  if (place_ == Place::repeated) {
    place_ = Place::facts;
  } else if (place_ == Place::skipped && --skip_depth_ == 0) {
    place_ = skip_return_;
  }
  return true;
}

void ReadingHandler::finish_reading() {
  for (std::size_t i = 0; i < kRequiredFields && fault_.empty(); ++i) {
    if (!seen_.at(i)) fault(std::string(kFieldNames.at(i)) + " is missing");
  }
  if (fault_.empty() && limits_.refuses) {
    if (const char* why = limits_.refuses(reading_.hostname, reading_.timestamp)) fault(why);
  }
  if (fault_.empty()) {
    keep_surplus();
    take_layout();
    result_.readings.push_back(std::move(reading_));
  } else {
    reject(std::move(fault_));
  }
  ++index_;
}

void ReadingHandler::reject(std::string text) {
  ++result_.rejected_count;
  if (result_.rejected.size() < limits_.max_errors) result_.rejected.push_back({index_, std::move(text)});
}

bool ReadingHandler::parse_error(std::size_t position, const std::string& token,
                                 const Json::exception& exception) {
  if (exception.id == 406) overflow_ = {position - token.size(), token.size()};
  // "[json.exception.parse_error.101] parse error at line 1, column 2: syntax error ...": the reader wants
  // the rest.
  std::string text = exception.what();
  if (const auto bracket = text.find("] "); bracket != std::string::npos) text.erase(0, bracket + 2);
  return stop("the body is not valid JSON: " + util::make_printable(text, 200));
}

}  // namespace hostwatch::protocol
