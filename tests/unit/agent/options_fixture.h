#pragma once

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <variant>
#include <vector>

#include "agent/options.h"

namespace hostwatch::agent {

inline const std::vector<const char*> kVariables{"SERVER_URL",
                                                 "COLLECT_INTERVAL",
                                                 "AGENT_HOSTNAME",
                                                 "AGENT_TAGS",
                                                 "AGENT_TOKEN",
                                                 "AGENT_ALLOW_PLAINTEXT_TOKEN",
                                                 "AGENT_TOKEN_FILE",
                                                 "AGENT_COLLECTORS",
                                                 "HOSTWATCH_SYS_ROOT",
                                                 "HOSTWATCH_PROC_ROOT",
                                                 "HOSTWATCH_ROOTFS",
                                                 "HOSTWATCH_ONCE",
                                                 "HOSTWATCH_AGENT_CONFIG",
                                                 "HOSTWATCH_LOG_LEVEL"};

/// A folder with a proc of its own, and an environment in which nothing is set.
class OptionsTest : public ::testing::Test {
 protected:
  OptionsTest() {
    std::string pattern = (std::filesystem::temp_directory_path() / "agent-options-XXXXXX").string();
    folder = ::mkdtemp(pattern.data());
    std::filesystem::create_directories(folder / "proc/sys/kernel");
    write("proc/sys/kernel/hostname", "web-1\n");
    for (const char* name : kVariables) ::unsetenv(name);
    ::setenv("HOSTWATCH_PROC_ROOT", (folder / "proc").c_str(), 1);
  }

  ~OptionsTest() override {
    for (const char* name : kVariables) ::unsetenv(name);
    std::filesystem::remove_all(folder);
  }

  std::string write(const std::string& name, const std::string& text) const {
    std::ofstream(folder / name, std::ios::binary) << text;
    return (folder / name).string();
  }

  static std::variant<Options, EndNow> parse(std::vector<std::string> arguments) {
    std::vector<const char*> argv{"hostwatch-agent"};
    for (const std::string& argument : arguments) argv.push_back(argument.c_str());
    return parse_options(static_cast<int>(argv.size()), argv.data());
  }

  static Options good(const std::vector<std::string>& arguments) {
    const auto result = parse(arguments);
    if (const auto* end = std::get_if<EndNow>(&result)) ADD_FAILURE() << end->error;
    return std::holds_alternative<Options>(result) ? std::get<Options>(result) : Options{};
  }

  /// Checks the status and that there is exactly one line, and returns it.
  static std::string bad(const std::vector<std::string>& arguments, int status = 2) {
    const auto result = parse(arguments);
    const auto* end = std::get_if<EndNow>(&result);
    if (end == nullptr) {
      ADD_FAILURE() << "taken: " << ::testing::PrintToString(arguments);
      return {};
    }
    EXPECT_EQ(end->status, status) << end->error;
    EXPECT_EQ(end->output, "");
    EXPECT_THAT(end->error, ::testing::StartsWith("hostwatch-agent: "));
    EXPECT_EQ(std::count(end->error.begin(), end->error.end(), '\n'), 0) << end->error;
    return end->error;
  }

  std::filesystem::path folder;
};

}  // namespace hostwatch::agent
