#include "server/alerts/trial/trial_series.h"

#include <charconv>
#include <stdexcept>

#include "server/alerts/rules/rule_metric.h"
#include "server/alerts/rules/rule_units.h"

namespace hostwatch::alerts {
namespace {

class SeriesFault : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

/// What stands before "x60", and 60; without that it is once.
std::size_t take_count(std::string_view& token) {
  const std::size_t at = token.rfind('x');
  if (at == std::string_view::npos || at + 1 == token.size()) return 1;
  const std::string_view digits = token.substr(at + 1);
  std::size_t count = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), count);
  if (error != std::errc() || end != digits.data() + digits.size()) return 1;
  if (count == 0 || count > kMostTrialValues) {
    throw SeriesFault("'" + std::string(token) + "': a value is there 1 to 100000 times");
  }
  token = token.substr(0, at);
  return count;
}

double quantity(std::string_view text, std::optional<protocol::Unit> unit) {
  const auto read = parse_quantity(text, unit);
  if (const auto* wrong = std::get_if<std::string>(&read)) {
    throw SeriesFault("'" + std::string(text) + "' " + *wrong);
  }
  return std::get<double>(read);
}

/// Where "+2" or "-2" begins, after a number: not its own sign, nor an exponent's.
std::size_t step_at(std::string_view token) {
  for (std::size_t i = 1; i < token.size(); ++i) {
    const bool is_exponent = (token[i - 1] == 'e' || token[i - 1] == 'E') && i >= 2 && is_digit(token[i - 2]);
    if ((token[i] == '+' || token[i] == '-') && !is_exponent) return i;
  }
  return std::string_view::npos;
}

void add_values(std::string_view token, std::optional<protocol::Unit> unit, TrialSeries& series) {
  const std::size_t count = take_count(token);
  if (series.values.size() + count > kMostTrialValues) throw SeriesFault("has more than 100000 values");
  if (token == "_") {
    series.values.insert(series.values.end(), count, std::nullopt);
    return;
  }
  const std::size_t at = step_at(token);
  double value = quantity(token.substr(0, at), unit);
  double step = 0;
  if (at != std::string_view::npos) {
    step = quantity(token.substr(at + 1), unit) * (token[at] == '-' ? -1 : 1);
  }
  const double first = value;
  for (std::size_t i = 0; i < count; ++i) {
    series.values.emplace_back(value);
    value = first + step * static_cast<double>(i + 1);
  }
}

}  // namespace

std::variant<TrialSeries, std::string> read_trial_series(std::string_view name, std::string_view values) {
  TrialSeries series;
  const std::size_t brace = name.find('{');
  series.metric = name.substr(0, brace);
  if (brace != std::string_view::npos) {
    if (name.back() != '}') return "a series is METRIC or METRIC{INSTANCE}";
    series.instance = name.substr(brace + 1, name.size() - brace - 2);
  }
  if (series.metric.empty()) return "a series is METRIC or METRIC{INSTANCE}";
  const std::optional<protocol::Unit> unit = rule_metric(series.metric).unit;
  try {
    while (!values.empty()) {
      const std::size_t begin = values.find_first_not_of(' ');
      if (begin == std::string_view::npos) break;
      values = values.substr(begin);
      const std::size_t end = values.find(' ');
      add_values(values.substr(0, end), unit, series);
      values = end == std::string_view::npos ? std::string_view() : values.substr(end);
    }
  } catch (const SeriesFault& fault) {
    return std::string(fault.what());
  }
  if (series.values.empty()) return "has no values";
  return series;
}

}  // namespace hostwatch::alerts
