#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "util/text/text_hash.h"

namespace hostwatch::api {

/// What the answers of one kind have told of each host: of which a later answer need tell only what is new.
/// Answers have numbers; of each host it is kept with which of them it changed. What is written and what is
/// compared is one and the same state of a host: what comes while an answer is written is in that one or in
/// the next.
///
///     told.begin();
///     for each host: told.note(…) says what has changed of it since
///     told.end(since) names those that are gone
///
/// Of a host a fingerprint is kept, not its text: 64 bits. Not thread-safe.
class ToldHosts {
 public:
  /// Which part of a host has changed.
  enum class Change : std::uint8_t {
    none,
    values,  ///< its latest reading alone
    entry    ///< anything else, or it is new
  };
  /// So many names of deleted hosts are kept; who was told of none of them gets everything anew.
  static constexpr std::size_t kMostDeleted = 1000;

  /// `id`: another for each list that there ever was, also before a restart.
  explicit ToldHosts(std::uint64_t id) : id_(id) {}

  /// The number of the answer that gave this token; none: it was of another list, or is too old.
  std::optional<std::uint64_t> number_of(std::string_view token) const;

  /// Another answer begins. One that is given up halfway does no harm.
  void begin() { ++number_; }

  /// Of the answer that has begun: what its client asks with next.
  std::string token() const;

  /// A host as it is now: what of it has changed since the answer of that number (0: none).
  Change note(const std::string& hostname, std::string_view lasting, std::string_view values,
              std::uint64_t since);

  /// Every host has been noted: the names of those that were told before and are gone, since that answer;
  /// each once. 0, who was told of none: none. `since` is the number of an answer that was known when this
  /// one began.
  std::vector<std::string> end(std::uint64_t since);

  std::size_t size() const { return hosts_.size(); }

 private:
  std::vector<std::string> deleted_since(std::uint64_t since) const;

  struct Host {
    std::uint64_t lasting = 0;  ///< fingerprint
    std::uint64_t values = 0;
    std::uint64_t lasting_changed = 0;  ///< number of an answer
    std::uint64_t values_changed = 0;
    std::uint64_t noted = 0;  ///< the last that it was in
  };
  struct Deleted {
    std::string hostname;
    std::uint64_t noted;  ///< the first answer without it
  };

  const std::uint64_t id_;
  std::uint64_t number_ = 0;
  std::uint64_t earliest_ = 1;  ///< of older answers it is not known what was deleted since
  std::unordered_map<std::string, Host, util::TextHash, std::equal_to<>> hosts_;
  std::deque<Deleted> deleted_;
};

}  // namespace hostwatch::api
