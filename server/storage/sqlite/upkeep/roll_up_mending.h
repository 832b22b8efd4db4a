#pragma once

#include "server/storage/sqlite/writer.h"

namespace hostwatch::storage::sqlite {

/// After an earlier version, which made some roll-ups of a part of their readings: looks at one chunk after
/// the other, whether its roll-ups stand for all of it. For the writing thread.
class RollUpMending {
 public:
  explicit RollUpMending(Writer& writer) : writer_(writer) {}

  /// Looks at one chunk; true if there is more to do.
  bool run();

  /// At start: there may be something to look at.
  void reset() { may_have_work_ = true; }

 private:
  void look_at_next();

  Writer& writer_;
  bool may_have_work_ = true;  ///< there may be a row in roll_up_check
};

}  // namespace hostwatch::storage::sqlite
