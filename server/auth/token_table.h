#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "server/auth/credentials.h"
#include "server/auth/secret.h"

namespace hostwatch::auth {

/// Tokens in memory, found by digest, number and host, each in logarithmic time: where thousands of agents
/// enrol, nothing looks at all of them. Not thread-safe.
class TokenTable {
 public:
  /// In the place of one with the same digest. Where memory is wanting (std::bad_alloc) it is not there, and
  /// neither may that one be.
  void put(const Digest& digest, Token token);
  void erase(const Digest& digest);
  void erase(std::int64_t id);

  /// Null if there is none.
  Token* find(const Digest& digest);
  const Token* find(const Digest& digest) const;

  /// Those that are tied to the host.
  std::vector<Digest> of_host(std::string_view host) const;
  bool has_host(std::string_view host) const { return by_host_.contains(host); }
  /// How many hosts there are that tokens are tied to.
  std::size_t hosts() const { return by_host_.size(); }

  const std::map<Digest, Token>& all() const { return tokens_; }

 private:
  std::map<Digest, Token> tokens_;
  std::map<std::int64_t, Digest> by_id_;
  std::map<std::string, std::set<Digest>, std::less<>> by_host_;
};

}  // namespace hostwatch::auth
