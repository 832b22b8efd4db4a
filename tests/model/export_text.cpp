#include "tests/model/export_text.h"

#include <algorithm>
#include <stdexcept>
#include <vector>

#include "server/storage/transfer/reading_csv.h"

namespace hostwatch::model {

std::size_t series_number(std::string_view metric, std::string_view instance) {
  for (std::size_t number = 0; number < kSeries.size(); ++number) {
    if (kSeries[number].metric == metric && kSeries[number].instance == instance) return number;
  }
  throw std::runtime_error("there is no series " + std::string(metric) + "{" + std::string(instance) + "}");
}

std::map<std::string, Model::History> parse_export(std::istream& in) {
  std::map<std::string, Model::History> hosts;
  storage::CsvReader reader(in);
  std::vector<std::string> fields;
  reader.next(fields);  // the header
  while (reader.next(fields)) {
    storage::CsvValue value;
    if (const auto why = storage::parse_csv_value(fields, value)) throw std::runtime_error("export: " + *why);
    hosts[value.hostname][value.timestamp].emplace_back(series_number(value.metric, value.instance),
                                                        value.value);
  }
  for (auto& [host, history] : hosts) {
    for (auto& [time, reading] : history) std::sort(reading.begin(), reading.end());
  }
  return hosts;
}

}  // namespace hostwatch::model
