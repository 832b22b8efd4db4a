#include "agent/delivery/server_answer.h"

#include <nlohmann/json.hpp>

#include "net/answer_allowance.h"
#include "util/text/text.h"

namespace hostwatch::agent {
namespace {

using nlohmann::json;

constexpr std::size_t kMaxReasonBytes = 300;
constexpr std::size_t kMaxRejections = 3;

/// Nothing but a discarded value for text that is not JSON or nested deeper than any answer of ours.
json parse(const std::string& body) {
  constexpr int kMaxDepth = 4;
  if (body.size() > net::kMaxAnswerBytes) return json(json::value_t::discarded);
  const auto shallow = [](int depth, json::parse_event_t, const json&) { return depth <= kMaxDepth; };
  return json::parse(body, shallow, /*allow_exceptions=*/false);
}

std::string text_member(const json& object, const char* name) {
  if (!object.is_object()) return {};
  const auto member = object.find(name);
  return member != object.end() && member->is_string() ? member->get_ref<const std::string&>()
                                                       : std::string();
}

std::string printable_member(const json& object, const char* name) {
  return util::make_printable(text_member(object, name), kMaxReasonBytes);
}

void take_rejected(const json& body, Judgement& judgement) {
  if (!body.is_object()) return;
  const auto rejected = body.find("rejected");
  if (rejected == body.end() || !rejected->is_array()) return;
  judgement.rejected = rejected->size();
  for (const json& entry : *rejected) {
    if (judgement.rejections.size() == kMaxRejections) break;
    judgement.rejections.push_back(printable_member(entry, "error"));
  }
}

Judgement judge_success(const json& body) {
  Judgement judgement;
  if (text_member(body, "status") != "ok") {
    judgement.reason = "the answer is not a Hostwatch server's; is a proxy in between, or is the URL wrong?";
    return judgement;
  }
  judgement.verdict = Verdict::delivered;
  const auto duplicates = body.find("duplicates");
  if (duplicates != body.end() && duplicates->is_number_unsigned()) {
    judgement.duplicates = duplicates->get<std::uint64_t>();
  }
  take_rejected(body, judgement);
  return judgement;
}

Verdict verdict_of(int status) {
  if (status == 408 || status == 429 || status >= 500) return Verdict::retry;
  if (status == 400 || status == 415) return Verdict::drop;
  if (status == 413) return Verdict::split;
  // 401, 403, 404, a redirect and what else no server of ours says: the readings are good, the way is not.
  return status >= 300 ? Verdict::retry_slowly : Verdict::retry;
}

}  // namespace

Judgement judge(const HttpAnswer& answer) {
  const json body = parse(answer.body);
  if (answer.status >= 200 && answer.status < 300) return judge_success(body);

  Judgement judgement;
  judgement.verdict = verdict_of(answer.status);
  judgement.reason = "HTTP " + std::to_string(answer.status);
  const std::string error = printable_member(body, "error");
  if (!error.empty()) judgement.reason += ": " + error;
  take_rejected(body, judgement);
  if (answer.status >= 300 && answer.status < 400) {
    judgement.reason += ", a redirect to '" +
                        util::make_printable(util::without_url_secrets(answer.location), kMaxReasonBytes) +
                        "', which is not followed; set --server-url to where it leads";
  } else if (answer.status == 401 || answer.status == 403) {
    judgement.reason += "; is the --token right?";
  } else if (answer.status == 404 || answer.status == 405) {
    judgement.reason += "; is --server-url the whole address, which ends in /metrics?";
  }
  return judgement;
}

}  // namespace hostwatch::agent
