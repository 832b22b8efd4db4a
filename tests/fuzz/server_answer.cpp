// What a server, or a proxy in its place, answers to an agent: status and headers from the first bytes, then
// the body.
#include "agent/delivery/server_answer.h"

#include "agent/delivery/credential.h"
#include "agent/delivery/enrollment.h"
#include "agent/delivery/retry_timing.h"
#include "tests/fuzz/fuzz.h"
#include "util/text/text.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace hostwatch;
  if (size < 2) return 0;
  const std::string_view text = fuzz::text_of(data + 2, size - 2);
  agent::HttpAnswer answer;
  answer.status = 100 + data[0] + data[1] % 2 * 256;
  answer.body = text;
  answer.location = text.substr(0, 200);
  const agent::Judgement judgement = agent::judge(answer);
  fuzz::must((judgement.verdict == agent::Verdict::delivered) == judgement.reason.empty());
  fuzz::must(judgement.reason.find('\n') == std::string::npos);
  const agent::EnrollmentAnswer enrolled = agent::read_enrollment_answer(answer);
  fuzz::must(enrolled.token.empty() != enrolled.problem.empty());
  fuzz::must(agent::is_plain_token(enrolled.token) && enrolled.problem.find('\n') == std::string::npos);
  agent::parse_retry_after(text, 1763884800);
  return 0;
}
