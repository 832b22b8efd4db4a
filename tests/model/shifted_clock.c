/* Loaded before the server (LD_PRELOAD): both of its clocks are ahead by what stands in a file that the test
   has mapped, so that days pass in no time. HOSTWATCH_SHIFTED_CLOCK names the file: two 64-bit numbers, the
   seconds that the time of day is ahead, and those that the steady clock is. What waits by the steady clock
   waits as long as it said. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <pthread.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

static const volatile int64_t* shifts;
static int (*wait_by_clock)(pthread_cond_t*, pthread_mutex_t*, clockid_t, const struct timespec*);

__attribute__((constructor)) static void begin(void) {
  const char* path = getenv("HOSTWATCH_SHIFTED_CLOCK");
  const int file = path == NULL ? -1 : open(path, O_RDONLY | O_CLOEXEC);
  if (file < 0) return;
  void* mapped = mmap(NULL, 2 * sizeof(int64_t), PROT_READ, MAP_SHARED, file, 0);
  if (mapped != MAP_FAILED) shifts = mapped;
  close(file);
  *(void**)&wait_by_clock = dlsym(RTLD_NEXT, "pthread_cond_clockwait");
}

static int64_t shift_of(clockid_t clock) {
  if (shifts == NULL) return 0;
  if (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE) return shifts[0];
  return clock == CLOCK_MONOTONIC || clock == CLOCK_MONOTONIC_COARSE || clock == CLOCK_BOOTTIME ? shifts[1]
                                                                                                : 0;
}

int clock_gettime(clockid_t clock, struct timespec* now) {
  const int result = (int)syscall(SYS_clock_gettime, clock, now);
  if (result == 0) now->tv_sec += shift_of(clock);
  return result;
}

time_t time(time_t* out) {
  struct timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  if (out != NULL) *out = now.tv_sec;
  return now.tv_sec;
}

int gettimeofday(struct timeval* out, void* zone) {
  (void)zone;
  struct timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  out->tv_sec = now.tv_sec;
  out->tv_usec = now.tv_nsec / 1000;
  return 0;
}

int pthread_cond_clockwait(pthread_cond_t* condition, pthread_mutex_t* mutex, clockid_t clock,
                           const struct timespec* until) {
  struct timespec real = *until;
  real.tv_sec -= shift_of(clock);
  return wait_by_clock(condition, mutex, clock, &real);
}
