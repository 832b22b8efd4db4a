#pragma once

#include <new>

namespace hostwatch::test {

/// From now on this thread's request number `number` (from 0) for memory by `new` fails; those before and
/// after it do not. -1: none does.
void fail_new(long number);

/// Calls `work` again and again, and each time another of its requests for memory fails: the first, the
/// second and so on until it needs no more. After each failure `after` is called, which is to find nothing
/// spoilt. Returns how many failures there were.
template <typename Work, typename After>
long with_each_failure(const Work& work, const After& after) {
  for (long number = 0;; ++number) {
    bool has_failed = false;
    fail_new(number);
    try {
      work(number);
    } catch (const std::bad_alloc&) {
      has_failed = true;
    }
    fail_new(-1);
    after(number);
    if (!has_failed) return number;
  }
}

}  // namespace hostwatch::test
