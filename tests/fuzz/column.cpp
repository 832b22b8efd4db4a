// One column's bytes, whole and in part: what the two say must agree.
#include <algorithm>
#include <cstring>

#include "server/storage/chunk/column_codec.h"
#include "tests/fuzz/fuzz.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace hostwatch;
  using namespace hostwatch::storage;
  static ColumnCodec codec;
  if (size < 2) return 0;
  std::vector<double> values((size - 2) / sizeof(double));
  if (!values.empty()) std::memcpy(values.data(), data + 2, values.size() * sizeof(double));
  if (data[0] % 2 == 0) {  // small numbers, as they are
    for (std::size_t i = 0; i < values.size(); ++i) values[i] = static_cast<double>(data[2 + i]) / 10;
  }
  const std::string bytes = codec.encode(values, data[0] / 2 % 7);
  std::vector<double> again;
  codec.decode(bytes, again);
  fuzz::must(again.size() == values.size());
  fuzz::must(values.empty() || std::memcmp(again.data(), values.data(), values.size() * sizeof(double)) == 0);
  const std::size_t begin = values.empty() ? 0 : data[1] % values.size();
  std::vector<double> part;
  codec.decode(bytes, values.size(), begin, values.size(), part);
  fuzz::must(part.size() == values.size() - begin);
  try {  // and as if the input were a column
    codec.decode(fuzz::text_of(data, size), again);
    codec.decode(fuzz::text_of(data, size), again.size(), 0, again.size(), part);
    fuzz::must(again.size() <= kMaxColumnValues && part.size() == again.size());
  } catch (const ColumnDamaged&) {
  }
  return 0;
}
