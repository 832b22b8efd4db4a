#pragma once

#include <cstdint>
#include <istream>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace hostwatch::storage {

/// The first line of an export.
inline constexpr std::string_view kCsvHeader = "hostname,timestamp,metric,instance,value";

bool is_csv_header(const std::vector<std::string>& fields);

/// One line of an export: one value. Texts are quoted where they need it (RFC 4180); the number comes back
/// bit for bit.
void append_csv_value(std::string& out, std::string_view hostname, std::int64_t timestamp,
                      std::string_view metric, std::string_view instance, double value);

/// Reads records of comma-separated values (RFC 4180; lines may end with LF alone, and a byte order mark may
/// stand first). Not thread-safe.
class CsvReader {
 public:
  /// Longer records are cut there, and are then none that anybody wrote.
  static constexpr std::size_t kMaxRecordBytes = 64UL * 1024;

  explicit CsvReader(std::istream& in) : in_(in) {}

  /// The fields of the next record; false at the end.
  bool next(std::vector<std::string>& fields);

  /// The line that the last record began at, from 1.
  std::uint64_t line() const { return began_; }

 private:
  std::istream& in_;
  std::uint64_t line_ = 1;
  std::uint64_t began_ = 1;
};

/// A line of an export, taken apart.
struct CsvValue {
  std::string hostname;
  std::int64_t timestamp = 0;
  std::string metric;
  std::string instance;
  double value = 0;
};

/// The record as a value, or what is wrong with it. Pure.
std::optional<std::string> parse_csv_value(const std::vector<std::string>& fields, CsvValue& value);

}  // namespace hostwatch::storage
