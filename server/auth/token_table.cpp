#include "server/auth/token_table.h"

#include <utility>

namespace hostwatch::auth {

void TokenTable::put(const Digest& digest, Token token) {
  // What fails for want of memory does so before any of the three has it.
  std::map<std::int64_t, Digest> number{{token.id, digest}};
  std::set<Digest> of_host{digest};
  std::map<Digest, Token> one;
  const Token& added = one.emplace(digest, std::move(token)).first->second;
  erase(digest);
  if (!added.host.empty()) by_host_[added.host].merge(of_host);
  by_id_.erase(added.id);
  by_id_.merge(number);
  tokens_.merge(one);
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
