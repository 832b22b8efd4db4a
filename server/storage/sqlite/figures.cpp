#include "server/storage/sqlite/figures.h"

namespace hostwatch::storage::sqlite {

void Figures::set_size(std::uint64_t used_bytes, std::uint64_t free_bytes) {
  const util::MutexLock lock(mutex_);
  free_bytes_ = free_bytes;
  used_bytes_ = used_bytes;
}

void Figures::set_growth(double bytes_per_day) {
  const util::MutexLock lock(mutex_);
  bytes_per_day_ = bytes_per_day;
}

void Figures::end_pass() {
  const util::MutexLock lock(mutex_);
  oldest_reading_ = passing_.reading;
  oldest_ = std::min({passing_.reading, passing_.minute, passing_.hour});
}

void Figures::note_filed(std::int64_t time) {
  note(Level::raw, time);
  const util::MutexLock lock(mutex_);
  oldest_reading_ = std::min(oldest_reading_, time);
}

void Figures::add_to(StoreStatistics& statistics) const {
  const util::MutexLock lock(mutex_);
  statistics.used_bytes = used_bytes_;
  statistics.free_bytes = free_bytes_;
  statistics.bytes_per_day = bytes_per_day_;
  statistics.oldest_reading = std::min(statistics.oldest_reading, oldest_reading_);
  statistics.oldest = std::min({statistics.oldest, oldest_, statistics.oldest_reading});
}

}  // namespace hostwatch::storage::sqlite
