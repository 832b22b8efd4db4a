// A chunk of columns from a damaged disk. The first byte chooses: a chunk as it is; a sound one with bytes
// changed; or rows that are made up, written and read again.
#include "server/storage/chunk/chunk.h"

#include <zlib.h>

#include <cstring>

#include "server/storage/chunk/column_codec.h"
#include "tests/fuzz/fuzz.h"

namespace {

using namespace hostwatch;
using namespace hostwatch::storage;

/// A table out of bytes: differences of times, then values.
ColumnTable table_of(std::string_view bytes) {
  ColumnTable table;
  std::int64_t time = 1763884800;
  Column& cpu = table.columns[1];
  Column& other = table.columns[7];
  cpu.decimals = 1;
  other.decimals = bytes.empty() ? 0 : static_cast<unsigned char>(bytes.front()) % 4;
  for (std::size_t i = 0; i + 10 <= bytes.size(); i += 10) {
    time += 1 + static_cast<unsigned char>(bytes[i]);
    table.times.push_back(time);
    cpu.values.push_back(static_cast<signed char>(bytes[i + 1]) / 10.0);
    const bool is_there = bytes[i] % 3 != 0;
    other.present.push_back(is_there);
    if (!is_there) continue;
    double value = 0;
    std::memcpy(&value, bytes.data() + i + 2, sizeof value);
    other.values.push_back(value);
  }
  if (other.values.empty()) table.columns.erase(7);
  return table;
}

void read_whatever(std::string_view bytes, ColumnCodec& codec) {
  try {
    const ColumnTable table = read_chunk(bytes, codec);
    for (const auto& [series, column] : table.columns) fuzz::must(column.values.size() <= table.times.size());
  } catch (const ColumnDamaged&) {
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static ColumnCodec codec;
  if (size < 4) return 0;
  const std::string_view rest = fuzz::text_of(data + 4, size - 4);
  if (data[0] % 3 == 0) {
    read_whatever(rest, codec);
    return 0;
  }
  const ColumnTable table = table_of(rest);
  if (table.times.empty()) return 0;
  std::string chunk = write_chunk(table, codec);
  if (data[0] % 3 == 1) {
    chunk[(data[1] + data[2] * std::size_t{256}) % chunk.size()] ^= static_cast<char>(data[3]);
    read_whatever(chunk, codec);
    return 0;
  }
  const ColumnTable again = read_chunk(chunk, codec);
  fuzz::must(again.times == table.times && again.columns.size() == table.columns.size());
  for (const auto& [series, column] : table.columns) {
    const auto& same = again.columns.at(series).values;
    fuzz::must(same.size() == column.values.size());
    fuzz::must(std::memcmp(same.data(), column.values.data(), same.size() * sizeof(double)) == 0);
  }
  return 0;
}
