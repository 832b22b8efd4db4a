#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "protocol/layout.h"
#include "protocol/reading.h"

namespace hostwatch::protocol {

/// A reading as the server has it on its way from the wire to the disk: its series are a layout that other
/// readings share, and it has only their values. Those that come out of decode_readings() keep every rule of
/// the contract, see Reading.
struct ReceivedReading {
  std::string hostname;
  std::int64_t timestamp = 0;  ///< Unix seconds
  double cpu = 0;              ///< percent, 0 to 100
  double ram = 0;              ///< percent, 0 to 100
  double disk = 0;             ///< percent, 0 to 100
  SharedLayout layout = empty_layout();
  std::vector<double> values;          ///< as many as the layout has series
  util::OptionalBox<HostFacts> facts;  ///< what the host says of itself
  std::int64_t sent =
      0;  ///< by its sender's clock, Unix seconds; 0: not told. Of its way, not of the reading

  /// By content, whether or not they share the layout; `sent` is none of it.
  friend bool operator==(const ReceivedReading& a, const ReceivedReading& b);
};

/// The same reading with names, and back (with a layout of its own).
Reading with_names(const ReceivedReading& reading);
ReceivedReading received(const Reading& reading);

/// Several, which share their layouts where one follows another alike.
std::vector<ReceivedReading> received(const std::vector<Reading>& readings);

}  // namespace hostwatch::protocol
