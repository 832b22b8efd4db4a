#pragma once

#include <string>
#include <utility>
#include <vector>

#include "server/api/answer_text.h"
#include "server/api/hosts/host_json.h"

namespace hostwatch::api::test {

/// What `write` writes, as a client without gzip gets it.
template <typename Write>
std::string text_of(Write write, const query::HistoryLimits& limits = {}) {
  query::AnswerBudget budget(limits);
  AnswerText text(budget, false);
  write(text);
  http::Response response;
  text.finish(response);
  return response.body;
}

inline EachHost each_of(std::vector<storage::HostState> hosts) {
  return [hosts = std::move(hosts)](const storage::HostVisitor& visit) {
    for (const storage::HostState& host : hosts) {
      if (!visit(host)) return;
    }
  };
}

}  // namespace hostwatch::api::test
