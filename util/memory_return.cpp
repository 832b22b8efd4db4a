#include "util/memory_return.h"

#include <malloc.h>

namespace hostwatch::util {

void return_free_memory(std::size_t beyond) {
#ifdef __GLIBC__
  if (::mallinfo2().fordblks > beyond) ::malloc_trim(0);
#else
  static_cast<void>(beyond);
#endif
}

}  // namespace hostwatch::util
