#pragma once

#include <SQLiteCpp/SQLiteCpp.h>

#include <cmath>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>

namespace hostwatch::storage::sqlite {

// Values of the alarms' tables, on their way into a statement and out of it. What is no number is NULL, so
// that it fails no transaction that readings are in.

inline void bind_value(SQLite::Statement& statement, int place, std::int64_t value) {
  statement.bind(place, value);
}
inline void bind_value(SQLite::Statement& statement, int place, bool value) {
  statement.bind(place, value ? 1 : 0);
}
inline void bind_value(SQLite::Statement& statement, int place, double value) {
  if (std::isnan(value)) {
    statement.bind(place);
  } else {
    statement.bind(place, value);
  }
}
inline void bind_value(SQLite::Statement& statement, int place, const std::optional<double>& value) {
  bind_value(statement, place, value.value_or(std::numeric_limits<double>::quiet_NaN()));
}
/// The text must last until the statement has run.
inline void bind_value(SQLite::Statement& statement, int place, const std::string& value) {
  statement.bindNoCopy(place, value);
}

/// Binds the values in order.
template <typename... Values>
void bind_values(SQLite::Statement& statement, const Values&... values) {
  int place = 0;
  (bind_value(statement, ++place, values), ...);
}

/// Runs a statement that has no rows.
template <typename... Values>
void run_with(SQLite::Statement& statement, const Values&... values) {
  bind_values(statement, values...);
  statement.exec();
}

inline void take_value(const SQLite::Column& column, std::int64_t& value) {
  value = column.getInt64();
}
inline void take_value(const SQLite::Column& column, bool& value) {
  value = column.getInt() != 0;
}
inline void take_value(const SQLite::Column& column, double& value) {
  value = column.isNull() ? std::numeric_limits<double>::quiet_NaN() : column.getDouble();
}
inline void take_value(const SQLite::Column& column, std::optional<double>& value) {
  value.reset();
  if (!column.isNull()) value = column.getDouble();
}
inline void take_value(const SQLite::Column& column, std::string& value) {
  value = column.getString();
}

/// Takes the columns of the present row in order.
template <typename... Values>
void take_row(SQLite::Statement& statement, Values&... values) {
  int place = 0;
  (take_value(statement.getColumn(place++), values), ...);
}

}  // namespace hostwatch::storage::sqlite
