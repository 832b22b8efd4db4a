#pragma once

#include <SQLiteCpp/SQLiteCpp.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "server/storage/packed/journal_block.h"

namespace hostwatch::storage::sqlite {

inline constexpr std::int64_t kDay = 86400;

/// A row of the table `tail`, without its readings.
struct TailRow {
  std::int64_t number = 0;  ///< lower half of its id
  std::int64_t first = 0;   ///< timestamps of its readings
  std::int64_t last = 0;
  std::int64_t readings = 0;
  std::int64_t bytes = 0;
};

/// Files readings of one host, oldest first, in as few rows of the tail as there are periods; none is longer
/// than what one transaction may compact. Not thread-safe.
class TailWriter {
 public:
  static constexpr const char* kInsert =
      "INSERT INTO tail (id, first, last, readings, block) VALUES (?, ?, ?, ?, ?)";
  static constexpr std::size_t kMaxBytes = 64UL * 1024;

  TailWriter() = default;
  /// `insert`: kInsert, prepared. No row spans a multiple of `period` seconds.
  TailWriter(SQLite::Statement& insert, std::int64_t host, std::int64_t next_number, std::int64_t period)
      : insert_(&insert), host_(host), next_number_(next_number), period_(period) {}

  void add(std::int64_t timestamp, std::string_view packed);
  /// No more readings come.
  void flush();

  std::int64_t next_number() const { return next_number_; }
  const std::vector<TailRow>& rows() const { return rows_; }  ///< that were written

 private:
  SQLite::Statement* insert_ = nullptr;
  std::int64_t host_ = 0;
  std::int64_t next_number_ = 0;
  std::int64_t period_ = kDay;
  JournalBlockWriter block_;
  TailRow open_;
  std::vector<TailRow> rows_;
};

}  // namespace hostwatch::storage::sqlite
