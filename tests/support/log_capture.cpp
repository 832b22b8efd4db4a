#include "tests/support/log_capture.h"

#include <spdlog/sinks/base_sink.h>
#include <spdlog/sinks/dist_sink.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <mutex>

namespace hostwatch::test {
namespace {

using Sinks = std::shared_ptr<spdlog::sinks::dist_sink_mt>;

Sinks install() {
  auto sinks = std::make_shared<spdlog::sinks::dist_sink_mt>(spdlog::default_logger()->sinks());
  spdlog::set_default_logger(std::make_shared<spdlog::logger>("", sinks));
  return sinks;
}

// Before main(), when no thread logs yet: replacing the logger later is a race with those that do.
const Sinks kSinks = install();  // NOLINT(cert-err58-cpp): a test without memory may end

}  // namespace

class LogCapture::Lines : public spdlog::sinks::base_sink<std::mutex> {
 public:
  std::string text() {
    const std::lock_guard lock(mutex_);
    return text_;
  }

 protected:
  void sink_it_(const spdlog::details::log_msg& message) override {
    spdlog::memory_buf_t line;
    formatter_->format(message, line);
    text_.append(line.data(), line.size());
  }
  void flush_() override {}

 private:
  std::string text_;
};

LogCapture::LogCapture() : lines_(std::make_shared<Lines>()) {
  lines_->set_pattern("%l %v");
  kSinks->add_sink(lines_);
}
LogCapture::~LogCapture() {
  kSinks->remove_sink(lines_);
}

std::string LogCapture::text() const {
  return lines_->text();
}

std::size_t LogCapture::lines() const {
  const std::string all = text();
  return static_cast<std::size_t>(std::count(all.begin(), all.end(), '\n'));
}

}  // namespace hostwatch::test
