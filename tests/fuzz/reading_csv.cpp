// An import. What an export writes comes back as it was: a line of it, below the header with which every
// export begins.
#include "server/storage/transfer/reading_csv.h"

#include <sstream>

#include "tests/fuzz/fuzz.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace hostwatch;
  std::istringstream in{std::string(fuzz::text_of(data, size))};
  storage::CsvReader reader(in);
  std::vector<std::string> fields;
  while (reader.next(fields)) {
    storage::CsvValue value;
    if (storage::parse_csv_value(fields, value)) continue;
    std::string line = std::string(storage::kCsvHeader) + '\n';
    storage::append_csv_value(line, value.hostname, value.timestamp, value.metric, value.instance,
                              value.value);
    std::istringstream again_in(line);
    storage::CsvReader again_reader(again_in);
    storage::CsvValue again;
    fuzz::must(again_reader.next(fields) && storage::is_csv_header(fields));
    fuzz::must(again_reader.next(fields) && !storage::parse_csv_value(fields, again));
    fuzz::must(again.hostname == value.hostname && again.timestamp == value.timestamp &&
               again.metric == value.metric && again.instance == value.instance &&
               again.value == value.value);
  }
  return 0;
}
