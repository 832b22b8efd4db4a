#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace hostwatch::alerts {

/// What is wrong with a part of a rule, and where: thrown and caught within this folder.
class MemberFault : public std::runtime_error {
 public:
  MemberFault(std::string path, const std::string& text) : std::runtime_error(text), path_(std::move(path)) {}
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

/// Reads the members of an object, each by its name, and refuses those that nobody has asked for. Every
/// function throws MemberFault.
class JsonMembers {
 public:
  /// `path` is that of the object, "" for the outermost.
  JsonMembers(const nlohmann::json& value, std::string path);

  /// The member, or null. From now on its name is known.
  const nlohmann::json* find(std::string_view name);
  std::string path_of(std::string_view name) const;
  [[noreturn]] void fail(std::string_view name, const std::string& text) const;

  /// One line of printable text of at most so many bytes; empty where there is no such member.
  std::string text(std::string_view name, std::size_t max_bytes);
  bool boolean(std::string_view name, bool otherwise);
  /// Seconds, as a number or a text such as "5m"; nothing where there is no such member.
  std::optional<std::int64_t> duration(std::string_view name, std::int64_t least, std::int64_t most);
  /// Patterns (`*`), at most 100.
  std::vector<std::string> patterns(std::string_view name);
  /// Texts of an array, at most so many; each must be printable and of at most `max_bytes` bytes.
  std::vector<std::string> texts(std::string_view name, std::size_t most, std::size_t max_bytes);

  /// To be called once all names were asked for.
  void refuse_others() const;

 private:
  const nlohmann::json& object_;
  std::string path_;
  std::vector<std::string> known_;
};

/// One line of printable text of 1 to so many bytes. Throws MemberFault.
std::string printable_text(const nlohmann::json& value, const std::string& path, std::size_t max_bytes);

/// True for the name of a rule or a channel: small letters, digits and hyphens, 1 to 63.
bool is_rule_id(std::string_view text);

}  // namespace hostwatch::alerts
