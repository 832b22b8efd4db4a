// A reading's bytes in the journal, damaged or not.
#include "server/storage/packed/reading_codec.h"

#include "tests/fuzz/fuzz.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace hostwatch;
  static storage::ReadingCodec codec;
  static const bool filled = [] {
    storage::HostSeries host;
    protocol::Reading reading{"a", 1, 1, 2, 3, {{"load1", "", 0.5}, {"net", "eth0", 7}}, std::nullopt};
    codec.encode(protocol::received(reading), {host, 1, 1}, [](const auto&, auto) {});
    return true;
  }();
  if (!filled) return 0;
  std::vector<storage::StoredValue> values;
  try {
    codec.decode(fuzz::text_of(data, size), values);
    fuzz::must(values.size() <= size);
  } catch (const storage::StoreError&) {
  }
  return 0;
}
