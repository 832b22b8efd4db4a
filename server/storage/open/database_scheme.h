#pragma once

#include <string>

namespace hostwatch::storage {

/// The stores that can be opened.
enum class StoreKind { sqlite };

/// The store that `--database` names: a path is SQLite's file, SCHEME://... another kind. Throws StoreError
/// if that kind is not built in. Pure.
StoreKind kind_of_store(const std::string& database);

}  // namespace hostwatch::storage
