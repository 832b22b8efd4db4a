// An allocator in which one request in HOSTWATCH_FAIL_EVERY (1000) fails, at random but by the seed
// HOSTWATCH_FAIL_SEED the same ones each time. Put in front of a program by LD_PRELOAD: what an address limit
// does to large requests as a rule, this does to small ones too, wherever they are made. SIGUSR1 begins it,
// SIGUSR2 ends it.
#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstddef>
#include <cstdint>
#include <cstdlib>

extern "C" {

// Of the GNU C library: what its own malloc() and the others call.
void* __libc_malloc(std::size_t size);
void* __libc_calloc(std::size_t count, std::size_t size);
void* __libc_realloc(void* block, std::size_t size);
void* __libc_memalign(std::size_t alignment, std::size_t size);
}

namespace {

std::atomic<bool> is_failing{false};
std::atomic<std::uint64_t> requests{0};
std::uint64_t fail_every = 1000;

/// splitmix64 (Steele, Lea, Flood 2014): neighbours have nothing in common.
std::uint64_t mixed(std::uint64_t number) {
  number *= 0x9E3779B97F4A7C15U;
  number = (number ^ (number >> 30U)) * 0xBF58476D1CE4E5B9U;
  number = (number ^ (number >> 27U)) * 0x94D049BB133111EBU;
  return number ^ (number >> 31U);
}

bool fails() {
  if (!is_failing.load(std::memory_order_relaxed) || mixed(++requests) % fail_every != 0) return false;
  errno = ENOMEM;
  return true;
}

void begin(int /*signal*/) {
  is_failing = true;
}
void end(int /*signal*/) {
  is_failing = false;
}

[[gnu::constructor]] void prepare() {
  if (const char* every = std::getenv("HOSTWATCH_FAIL_EVERY")) fail_every = std::strtoull(every, nullptr, 10);
  if (const char* seed = std::getenv("HOSTWATCH_FAIL_SEED"))
    requests = std::strtoull(seed, nullptr, 10) << 40U;
  std::signal(SIGUSR1, begin);
  std::signal(SIGUSR2, end);
}

}  // namespace

extern "C" {

void* malloc(std::size_t size) {
  return fails() ? nullptr : __libc_malloc(size);
}

void* calloc(std::size_t count, std::size_t size) {
  return fails() ? nullptr : __libc_calloc(count, size);
}

void* realloc(void* block, std::size_t size) {
  return size != 0 && fails() ? nullptr : __libc_realloc(block, size);
}

void* aligned_alloc(std::size_t alignment, std::size_t size) {
  return fails() ? nullptr : __libc_memalign(alignment, size);
}

void* memalign(std::size_t alignment, std::size_t size) {
  return fails() ? nullptr : __libc_memalign(alignment, size);
}

int posix_memalign(void** block, std::size_t alignment, std::size_t size) {
  void* made = fails() ? nullptr : __libc_memalign(alignment, size);
  if (made == nullptr) return ENOMEM;
  *block = made;
  return 0;
}
}
