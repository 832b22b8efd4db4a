#include "tests/integration/process.h"

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <fstream>
#include <stdexcept>
#include <system_error>
#include <utility>

extern char** environ;

namespace hostwatch::testing {

Process::Process(std::vector<std::string> command) {
  std::array<int, 2> pipe_ends{};
  if (::pipe2(pipe_ends.data(), O_CLOEXEC) != 0)
    throw std::system_error(errno, std::generic_category(), "pipe2");
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, pipe_ends[1], STDERR_FILENO);
  posix_spawn_file_actions_adddup2(&actions, pipe_ends[1], STDOUT_FILENO);
  std::vector<char*> arguments;
  for (std::string& word : command) arguments.push_back(word.data());
  arguments.push_back(nullptr);
  const int error = ::posix_spawnp(&pid_, arguments[0], &actions, nullptr, arguments.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  ::close(pipe_ends[1]);
  if (error != 0) {
    ::close(pipe_ends[0]);
    throw std::system_error(error, std::generic_category(), command.front());
  }
  reader_ = std::thread([this, fd = pipe_ends[0]] { read_lines(fd); });
}

Process::~Process() {
  if (!status_) {
    signal(SIGKILL);
    wait();
  }
  reader_.join();
}

void Process::read_lines(int fd) {
  std::string line;
  std::array<char, 4096> buffer{};
  ssize_t got = 0;
  while ((got = ::read(fd, buffer.data(), buffer.size())) > 0) {
    const std::lock_guard lock(mutex_);
    for (ssize_t i = 0; i < got; ++i) {
      if (buffer[static_cast<std::size_t>(i)] != '\n') {
        line += buffer[static_cast<std::size_t>(i)];
        continue;
      }
      lines_.push_back(std::exchange(line, {}));
    }
    changed_.notify_all();
  }
  ::close(fd);
  const std::lock_guard lock(mutex_);
  if (!line.empty()) lines_.push_back(line);
  ended_ = true;
  changed_.notify_all();
}

std::optional<std::string> Process::wait_for_line(const std::string& text) {
  std::unique_lock lock(mutex_);
  std::size_t looked_at = 0;
  std::optional<std::string> found;
  changed_.wait_for(lock, kPatience, [&] {
    for (; looked_at < lines_.size() && !found; ++looked_at) {
      if (lines_[looked_at].find(text) != std::string::npos) found = lines_[looked_at];
    }
    return found || ended_;
  });
  return found;
}

std::string Process::output() const {
  const std::lock_guard lock(mutex_);
  std::string all;
  for (const std::string& line : lines_) all += line + "\n";
  return all;
}

void Process::signal(int number) const {
  if (!status_) ::kill(pid_, number);
}

std::optional<int> Process::wait(std::chrono::seconds patience) {
  if (status_) return status_;
  {
    // The end of its output is the end of the process: it has no children that outlive it.
    std::unique_lock lock(mutex_);
    if (!changed_.wait_for(lock, patience, [this] { return ended_; })) return std::nullopt;
  }
  int raw = 0;
  while (::waitpid(pid_, &raw, 0) < 0) {
    if (errno != EINTR) throw std::system_error(errno, std::generic_category(), "waitpid");
  }
  status_ = WIFEXITED(raw) ? WEXITSTATUS(raw) : 128 + WTERMSIG(raw);
  return status_;
}

std::optional<int> Process::stop(int number) {
  signal(number);
  return wait(std::chrono::seconds(5));
}

std::size_t Process::resident_bytes() const {
  std::ifstream status("/proc/" + std::to_string(pid_) + "/status");
  std::string word;
  std::size_t kibibytes = 0;
  while (status >> word) {
    if (word == "VmRSS:") status >> kibibytes;
  }
  return kibibytes * 1024;
}

Finished run_to_end(std::vector<std::string> command) {
  Process process(std::move(command));
  const auto status = process.wait();
  return {status.value_or(-1), process.output()};
}

}  // namespace hostwatch::testing
