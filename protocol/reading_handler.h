#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "protocol/catalogue.h"
#include "protocol/decode.h"
#include "protocol/layout.h"
#include "protocol/received_reading.h"

namespace hostwatch::protocol {

/// Fields of a reading that the decoder knows; the order is that of their names.
enum class Field : std::uint8_t { hostname, timestamp, cpu, ram, disk, metrics, facts, unknown };
inline constexpr std::size_t kKnownFields = 7;

/// Receives the parser's events (nlohmann's SAX interface) and builds readings. It keeps, for the reading
/// under way, the first fault found; a reading with a fault is refused when it ends, its neighbours go on.
class ReadingHandler {
 public:
  /// `patched`: numbers too large for a double stand in the body as null.
  ReadingHandler(const DecodeLimits& limits, bool patched) : limits_(limits), patched_(patched) {}

  DecodedReadings& result() { return result_; }
  const std::optional<DecodeError>& error() const { return error_; }
  /// Where in the body a number stood that is too large for a double, and how long it was.
  std::optional<std::pair<std::size_t, std::size_t>> overflow() const { return overflow_; }

  // --- nlohmann's SAX events; false stops the parser ---
  bool null() { return wrong_type(patched_ ? "null or a number too large" : "null"); }
  bool boolean(bool) { return wrong_type("a boolean"); }
  bool number_integer(nlohmann::json::number_integer_t value) { return number(static_cast<double>(value)); }
  bool number_unsigned(nlohmann::json::number_unsigned_t value) { return number(static_cast<double>(value)); }
  bool number_float(nlohmann::json::number_float_t value, const std::string&) { return number(value); }
  bool binary(nlohmann::json::binary_t&) { return false; }
  bool string(std::string_view value);
  bool start_object(std::size_t);
  bool key(std::string_view name);
  bool end_object();
  bool start_array(std::size_t);
  bool end_array();
  bool parse_error(std::size_t position, const std::string& token,
                   const nlohmann::json::exception& exception);

 private:
  /// What the value that comes next, or the object that is open, belongs to.
  enum class Place : std::uint8_t {
    root,
    array,
    reading,
    metrics,
    instances,
    facts,
    tags,
    repeated,
    skipped
  };

  bool stop(std::string error, bool too_large = false) {
    error_ = DecodeError{std::move(error), too_large};
    return false;
  }
  void fault(std::string text) {
    if (fault_.empty()) fault_ = std::move(text);
  }
  /// Of a name that the sender made up, what fits in a line.
  static std::string shown(std::string_view text);
  std::string path() const;
  bool number(double value);
  bool wrong_type(std::string_view what);
  bool begin_reading();
  void finish_reading();
  void reject(std::string text);
  void keep_surplus();
  void set_percent(double& member, double value);
  void set_timestamp(double value);
  void add_sample(double value);
  bool follows_previous() const;
  void stop_following();
  void take_layout();
  std::string* text_fact();
  std::int64_t* number_fact();
  void set_fact(double value);
  bool is_known_fact();
  void add_tag(std::string_view value);
  std::optional<RepeatedInstances>* repeated_fact();
  void add_repeated(std::string_view name);
  void check_series();
  bool is_stray_element();

  const DecodeLimits& limits_;
  bool patched_;
  DecodedReadings result_;
  std::optional<DecodeError> error_;
  std::optional<std::pair<std::size_t, std::size_t>> overflow_;

  Place place_ = Place::root;
  std::size_t depth_ = 0;
  std::size_t skip_depth_ = 0;          ///< nesting inside a value that is passed over
  Place skip_return_ = Place::reading;  ///< where to go on after it
  std::size_t index_ = 0;               ///< of the reading under way
  ReceivedReading reading_;
  std::vector<std::string> surplus_;  ///< series of the reading that are left out; the first of them
  std::size_t surplus_count_ = 0;
  std::string fault_;
  std::array<bool, kKnownFields> seen_{};
  Field field_ = Field::unknown;
  std::string metric_;    ///< key inside "metrics"
  std::string instance_;  ///< key inside a metric's object
  std::string fact_;      ///< key inside "facts"
  std::string tag_;       ///< key inside "tags" of the facts
  Layout metric_names_;   ///< keys inside "metrics", as often as they come

  /// The series of a reading are those of the one before, mostly: as long as they are, only values are kept.
  struct Series {
    SharedLayout layout = empty_layout();
    std::vector<const MetricDefinition*> metrics;  ///< of each; null: a custom gauge
    std::size_t runs = 0;                          ///< of series of the same metric
  };
  Series previous_;
  bool is_following_ = true;  ///< all of the reading's series so far are the first ones of previous_
  Layout names_;              ///< else: its series
  std::vector<const MetricDefinition*> metrics_;
};

}  // namespace hostwatch::protocol
