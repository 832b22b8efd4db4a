#pragma once

#include <string>

#include "protocol/tag.h"

namespace hostwatch::storage {

/// What a rule chooses hosts by.
struct HostTags {
  std::string name;
  protocol::Tags tags;
};

}  // namespace hostwatch::storage
