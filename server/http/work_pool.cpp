#include "server/http/work_pool.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <exception>
#include <utility>

namespace hostwatch::http {
namespace {

WorkPool::Limits completed(WorkPool::Limits limits) {
  if (limits.max_waiting_of_one == 0) limits.max_waiting_of_one = limits.max_waiting;
  if (limits.max_running_of_one == 0) limits.max_running_of_one = limits.threads;
  return limits;
}

}  // namespace

WorkPool::WorkPool(Limits limits) : limits_(completed(limits)) {
  for (std::size_t i = 0; i < limits_.threads; ++i) {
    threads_.emplace_back([this](const std::stop_token& stop) { run(stop); });
  }
}

WorkPool::~WorkPool() {
  stop();
}

/// Whether one more may wait of a client of whose jobs so many do.
bool WorkPool::may_wait(std::size_t its) const {
  if (its == 0) return true;
  if (its >= limits_.max_waiting_of_one) return false;
  if (limits_.max_waiting_of_one == limits_.max_waiting) return true;  // they are nobody's in particular
  const std::size_t common = limits_.max_waiting - limits_.max_waiting / 4;
  return waiting_ < common && its + 1 <= 2 * (common - waiting_ - 1);
}

bool WorkPool::submit(const std::string& client, std::function<void()> job) {
  {
    const util::MutexLock lock(mutex_);
    if (stopped_ || waiting_ >= limits_.max_waiting) return false;
    const auto known = clients_.find(client);
    if (known != clients_.end() && !may_wait(known->second.waiting.size())) return false;
    // All that may fail for want of memory comes before anything is changed.
    std::list<Job> one;
    one.push_back(std::move(job));
    std::list<Clients::iterator> turn(1);
    turn.front() = clients_.try_emplace(client).first;
    Client& its = turn.front()->second;
    if (its.waiting.empty()) turns_.splice(turns_.end(), turn);
    its.waiting.splice(its.waiting.end(), one);
    ++waiting_;
  }
  wake_.notify_one();
  return true;
}

void WorkPool::stop() {
  {
    const util::MutexLock lock(mutex_);
    stopped_ = true;
  }
  for (std::jthread& thread : threads_) thread.request_stop();
  threads_.clear();
}

std::list<WorkPool::Clients::iterator>::iterator WorkPool::next_turn() {
  return std::find_if(turns_.begin(), turns_.end(), [this](const Clients::iterator& one) {
    return one->second.running < limits_.max_running_of_one;
  });
}

void WorkPool::run_job(const Job& job) {
  try {
    job();
  } catch (const std::exception& error) {
    spdlog::error("a task of the pool failed: {}", error.what());
  }
}

void WorkPool::run(const std::stop_token& stop) {
  while (true) {
    util::MutexLock lock(mutex_);
    if (!wake_.wait(lock, stop, [this]() REQUIRES(mutex_) { return next_turn() != turns_.end(); })) return;
    const auto turn = next_turn();
    const Clients::iterator client = *turn;
    Job job = std::move(client->second.waiting.front());
    client->second.waiting.pop_front();
    --waiting_;
    ++client->second.running;
    // Whoever has more goes behind all others.
    if (client->second.waiting.empty()) {
      turns_.erase(turn);
    } else {
      turns_.splice(turns_.end(), turns_, turn);
    }
    lock.unlock();
    run_job(job);
    job = nullptr;  // what it holds goes before its place is free
    lock.lock();
    // This thread looks for the next itself: whoever waited for this client's place is found.
    if (--client->second.running == 0 && client->second.waiting.empty()) clients_.erase(client);
  }
}

}  // namespace hostwatch::http
