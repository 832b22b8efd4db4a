#include "agent/collectors/disks/patient_stat.h"

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <utility>

namespace hostwatch::agent {

int system_statvfs(const std::string& path, struct statvfs& into) {
  int result = 0;
  do {
    result = ::statvfs(path.c_str(), &into);
  } while (result != 0 && errno == EINTR);
  return result == 0 ? 0 : errno;
}

PatientStat::PatientStat(StatVfs statvfs, std::chrono::milliseconds patience)
    : statvfs_(std::move(statvfs)), patience_(patience) {}

void PatientStat::work(const std::stop_token& stop) {
  // Signals are for the threads that handle them, and this one may not be able to.
  sigset_t all{};
  sigfillset(&all);
  pthread_sigmask(SIG_BLOCK, &all, nullptr);

  std::unique_lock lock(mutex_);
  while (work_came_.wait(lock, stop, [this] { return !waiting_.empty(); })) {
    if (stop.stop_requested()) return;
    asking_ = std::move(waiting_.front());
    waiting_.pop_front();
    const std::string path = *asking_;
    lock.unlock();
    StatAnswer answer;
    answer.outcome = StatAnswer::Outcome::answered;
    answer.error = statvfs_(path, answer.values);
    lock.lock();
    answers_[path] = answer;
    asking_.reset();
    if (waiting_.empty()) work_done_.notify_all();
  }
}

/// Under the lock.
void PatientStat::enqueue(const std::vector<std::string>& paths) {
  answers_.clear();
  waiting_.assign(paths.begin(), paths.end());
  const auto suspect = std::find(waiting_.begin(), waiting_.end(), silent_);
  if (suspect != waiting_.end()) std::rotate(suspect, suspect + 1, waiting_.end());
  if (!worker_.joinable()) worker_ = std::jthread([this](const std::stop_token& stop) { work(stop); });
  work_came_.notify_all();
}

std::vector<StatAnswer> PatientStat::ask(const std::vector<std::string>& paths) {
  std::vector<StatAnswer> answers(paths.size());
  if (paths.empty()) return answers;
  std::unique_lock lock(mutex_);
  if (!asking_) {
    enqueue(paths);
    const bool done = work_done_.wait_for(lock, patience_, [this] { return waiting_.empty() && !asking_; });
    waiting_.clear();
    if (!done && asking_) silent_ = *asking_;
    if (done) silent_.clear();
    for (std::size_t i = 0; i < paths.size(); ++i) {
      const auto answer = answers_.find(paths[i]);
      if (answer != answers_.end()) answers[i] = answer->second;
    }
  }
  for (std::size_t i = 0; i < paths.size(); ++i) {
    if (asking_ == paths[i]) answers[i].outcome = StatAnswer::Outcome::silent;
  }
  return answers;
}

bool PatientStat::stuck() const {
  const std::scoped_lock lock(mutex_);
  return asking_.has_value();
}

}  // namespace hostwatch::agent
