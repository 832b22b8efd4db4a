#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace hostwatch::agent {

/// An answer as it came from the network.
struct HttpAnswer {
  int status = 0;
  std::string body;
  std::string retry_after;      ///< the header; empty if there was none
  std::string location;         ///< likewise
  std::string date{};           ///< likewise
  bool new_connection = false;  ///< it came over a connection that was made for it
};

/// What to do with the readings of a request that was answered.
enum class Verdict {
  delivered,     ///< they are stored
  retry,         ///< later
  retry_slowly,  ///< later, but only a person can change the answer (a wrong token or address)
  drop,          ///< never again: they would be refused again
  split,         ///< too much at once, or one of them spoils the others
};

/// What a server's answer says; texts are safe to log.
struct Judgement {
  Verdict verdict = Verdict::retry;
  std::string reason;  ///< why they are not delivered; empty if they are
  std::uint64_t duplicates = 0;
  std::uint64_t rejected = 0;
  std::vector<std::string> rejections;  ///< the reasons of the first few rejected readings
};

/// Never throws on what a server sends. A 2xx whose body is not our JSON with "status": "ok" is some proxy's
/// and stored nothing.
Judgement judge(const HttpAnswer& answer);

}  // namespace hostwatch::agent
