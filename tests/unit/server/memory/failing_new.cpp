#include "tests/unit/server/memory/failing_new.h"

#include <cstdlib>

namespace {

thread_local long until_failure = -1;

}  // namespace

namespace hostwatch::test {

void fail_new(long number) {
  until_failure = number;
}

}  // namespace hostwatch::test

void* operator new(std::size_t size) {
  if (until_failure >= 0 && until_failure-- == 0) throw std::bad_alloc();
  void* block = std::malloc(size == 0 ? 1 : size);
  if (block == nullptr) throw std::bad_alloc();
  return block;
}

void operator delete(void* block) noexcept {
  std::free(block);
}

void operator delete(void* block, std::size_t /*size*/) noexcept {
  std::free(block);
}
