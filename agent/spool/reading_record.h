#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "protocol/reading.h"

namespace hostwatch::agent {

/// Turns readings into payloads of records. What stays the same from tick to tick (host name, names of the
/// series) is a record of its own, the layout, which readings name by a hash; what is left takes 2 to 4 bytes
/// a value. Any copy of a layout serves all readings that name it, so that one that is damaged takes no
/// reading with it. Not thread-safe.
class ReadingRecordWriter {
 public:
  /// A layout is written again after so many readings.
  static constexpr std::size_t kLayoutEvery = 256;

  struct Payloads {
    std::string_view layout;   ///< to be written before the reading; empty: not needed
    std::string_view reading;  ///< both stay valid until the next call
  };

  /// Values that are not finite are left out, as in the JSON that is sent.
  Payloads write(const protocol::Reading& reading);

  /// The next reading goes to a new file: it needs its layout there.
  void begin_file() { since_layout_ = kLayoutEvery; }

 private:
  std::uint64_t hash_ = 0;
  std::size_t since_layout_ = kLayoutEvery;
  std::string layout_;
  std::string new_layout_;
  std::string reading_;
};

/// Turns payloads back into readings. Not thread-safe.
class ReadingRecordReader {
 public:
  /// Takes in a layout; anything else is passed over. Of more than a few dozen the oldest are forgotten.
  void learn(std::string_view payload);

  /// The reading of a payload that is one: exactly as it was written. Nothing if the payload is none, or its
  /// layout is not known.
  std::optional<protocol::Reading> read(std::string_view payload) const;

  /// True for the payload of a reading, whether its layout is known or not.
  static bool is_reading(std::string_view payload);

 private:
  struct Series {
    std::string metric;
    std::string instance;
    int decimals = 0;
  };
  struct Layout {
    std::string hostname;
    std::vector<Series> series;
    std::uint64_t learnt = 0;
  };
  static std::optional<Layout> parse_layout(std::string_view bytes);

  std::map<std::uint64_t, Layout> layouts_;
  std::uint64_t learnt_ = 0;
};

}  // namespace hostwatch::agent
