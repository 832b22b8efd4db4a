#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "protocol/layout.h"
#include "server/storage/packed/reading_codec.h"
#include "server/storage/store.h"

namespace hostwatch::storage {

/// The series of a reading that were left out, for the operator: the first by name, and why the first was.
class RefusedSeries {
 public:
  void add(const protocol::Layout::Series& series, SeriesRefusal why);
  bool empty() const { return count_ == 0; }

  /// One line for the log. `series`: how many the host has.
  std::string text(std::string_view hostname, std::size_t series) const;

 private:
  std::size_t count_ = 0;
  SeriesRefusal why_ = SeriesRefusal::host_is_full;
  std::vector<std::string> names_;
};

/// For whoever sent it: names it in the result, unless it or enough others are named there.
void note_refused(const protocol::Layout::Series& series, AppendResult& result);

}  // namespace hostwatch::storage
