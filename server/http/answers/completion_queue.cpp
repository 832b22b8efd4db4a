#include "server/http/answers/completion_queue.h"

#include <algorithm>
#include <cstddef>
#include <iterator>

namespace hostwatch::http {
namespace {

constexpr std::ptrdiff_t kCompletionBatch = 32;

}  // namespace

void CompletionQueue::push(std::list<Completion>& one) noexcept {
  const util::MutexLock lock(mutex_);
  const bool is_first = completions_.empty();
  completions_.splice(completions_.end(), one);
  if (is_first) waiting_.raise();
}

std::list<Completion> CompletionQueue::take() {
  std::list<Completion> batch;
  const util::MutexLock lock(mutex_);
  const auto count = std::min(static_cast<std::ptrdiff_t>(completions_.size()), kCompletionBatch);
  batch.splice(batch.end(), completions_, completions_.begin(), std::next(completions_.begin(), count));
  if (completions_.empty()) waiting_.clear();
  return batch;
}

}  // namespace hostwatch::http
