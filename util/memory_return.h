#pragma once

#include <cstddef>

namespace hostwatch::util {

/// Gives freed memory that the allocator keeps back to the system, if it is more than this many bytes: after
/// a burst of readings that is most of what the process holds. Takes milliseconds. Thread-safe.
void return_free_memory(std::size_t beyond);

}  // namespace hostwatch::util
