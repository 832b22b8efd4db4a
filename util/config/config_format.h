#pragma once

#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>
#include <cstddef>
#include <istream>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "util/config/config_text.h"
#include "util/text/text.h"

namespace hostwatch::util {

/// Reads configuration files for CLI11 by read_config_text(), as its own reader takes them differently from
/// one version to the next (2.1.2 cuts at a # within quotes, 2.4.1 knows escapes). Of an option that stands
/// several times the last line counts, as on the command line; of one that is a list all do. What is wrong is
/// thrown as CLI::ConfigError, in one line that repeats no value.
class ConfigFormat : public CLI::Config {
 public:
  /// `app` must outlive it.
  explicit ConfigFormat(const CLI::App& app) : app_(app) {}

  std::string to_config(const CLI::App* /*app*/, bool /*default_also*/, bool /*write_description*/,
                        std::string /*prefix*/) const override {
    return {};
  }

  std::vector<CLI::ConfigItem> from_config(std::istream& in) const override {
    constexpr std::streamsize kMaxBytes = 256 * 1024;
    std::string text(kMaxBytes + 1, '\0');
    in.read(text.data(), kMaxBytes + 1);
    text.resize(static_cast<std::size_t>(in.gcount()));
    if (in.gcount() > kMaxBytes) throw CLI::ConfigError("--config: the file is larger than 256 KiB");
    auto read = read_config_text(text);
    if (const auto* wrong = std::get_if<std::string>(&read)) throw CLI::ConfigError("--config: " + *wrong);
    std::vector<CLI::ConfigItem> entries;
    for (ConfigOption& option : std::get<std::vector<ConfigOption>>(read)) add(std::move(option), entries);
    return entries;
  }

 private:
  [[noreturn]] static void refuse(const ConfigOption& option, const std::string& what) {
    constexpr std::size_t kShown = 100;
    throw CLI::ConfigError("--config: line " + std::to_string(option.line) + ": '" +
                           make_printable(option.name, kShown) + "' " + what);
  }

  /// Words of a bare list: "a=b, c=d" and "a=b c=d".
  static std::vector<std::string> words_of(std::string_view text) {
    std::vector<std::string> words;
    while (!text.empty()) {
      const std::size_t end = std::min(text.find_first_of(", \t"), text.size());
      if (end != 0) words.emplace_back(text.substr(0, end));
      text.remove_prefix(std::min(end + 1, text.size()));
    }
    return words;
  }

  static std::string flag_value(const ConfigOption& option) {
    constexpr std::array<std::string_view, 8> kWords{"true", "on", "yes", "1", "false", "off", "no", "0"};
    if (option.form == ConfigOption::Form::none) return "true";
    const auto word = option.values.size() == 1
                          ? std::find(kWords.begin(), kWords.end(), option.values.front())
                          : kWords.end();
    if (word == kWords.end()) refuse(option, "is either true or false");
    return word - kWords.begin() < 4 ? "true" : "false";
  }

  static std::vector<std::string> values_of(ConfigOption&& option, const CLI::Option& known) {
    if (known.get_expected_max() == 0) return {flag_value(option)};
    const bool is_bare = option.form == ConfigOption::Form::bare;
    if (option.values.empty() || (is_bare && option.values.front().empty())) refuse(option, "has no value");
    if (known.get_multi_option_policy() == CLI::MultiOptionPolicy::TakeAll) {
      return is_bare ? words_of(option.values.front()) : std::move(option.values);
    }
    if (option.values.size() > 1) refuse(option, "takes one value");
    if (is_bare && option.values.front().find_first_of(" \t") != std::string::npos) {
      refuse(option, "has a value with blanks; put it in quotes");
    }
    return std::move(option.values);
  }

  void add(ConfigOption&& option, std::vector<CLI::ConfigItem>& entries) const {
    const CLI::Option* known = app_.get_option_no_throw("--" + option.name);
    if (known == nullptr || !known->get_configurable()) refuse(option, "is no option for this file");
    const bool is_list = known->get_multi_option_policy() == CLI::MultiOptionPolicy::TakeAll;
    CLI::ConfigItem item;
    item.name = option.name;
    item.inputs = values_of(std::move(option), *known);
    const auto before =
        std::find_if(entries.begin(), entries.end(), [&](const auto& one) { return one.name == item.name; });
    if (before == entries.end()) {
      entries.push_back(std::move(item));
    } else if (is_list) {
      before->inputs.insert(before->inputs.end(), item.inputs.begin(), item.inputs.end());
    } else {
      *before = std::move(item);
    }
  }

  const CLI::App& app_;
};

}  // namespace hostwatch::util
