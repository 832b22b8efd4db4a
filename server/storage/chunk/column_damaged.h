#pragma once

#include <stdexcept>

namespace hostwatch::storage {

/// A column's bytes are not what was written. The text is for the operator.
class ColumnDamaged : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

}  // namespace hostwatch::storage
