#include "server/auth/token_table.h"

#include <utility>

namespace hostwatch::auth {

void TokenTable::put(const Digest& digest, Token token) {
  erase(digest);
  by_id_[token.id] = digest;
  if (!token.host.empty()) by_host_[token.host].insert(digest);
  tokens_[digest] = std::move(token);
}

void TokenTable::erase(const Digest& digest) {
  const auto found = tokens_.find(digest);
  if (found == tokens_.end()) return;
  by_id_.erase(found->second.id);
  if (const auto host = by_host_.find(found->second.host); host != by_host_.end()) {
    host->second.erase(digest);
    if (host->second.empty()) by_host_.erase(host);
  }
  tokens_.erase(found);
}

void TokenTable::erase(std::int64_t id) {
  if (const auto found = by_id_.find(id); found != by_id_.end()) erase(Digest(found->second));
}

Token* TokenTable::find(const Digest& digest) {
  const auto found = tokens_.find(digest);
  return found == tokens_.end() ? nullptr : &found->second;
}

const Token* TokenTable::find(const Digest& digest) const {
  const auto found = tokens_.find(digest);
  return found == tokens_.end() ? nullptr : &found->second;
}

std::vector<Digest> TokenTable::of_host(std::string_view host) const {
  const auto found = by_host_.find(host);
  if (found == by_host_.end()) return {};
  return {found->second.begin(), found->second.end()};
}

}  // namespace hostwatch::auth
