#include "server/api/alerts/rules_api.h"

#include <spdlog/spdlog.h>

#include <string>
#include <utility>
#include <variant>

#include "server/alerts/rules/json_document.h"
#include "server/alerts/rules/rule_json.h"
#include "server/api/access/access_answers.h"
#include "server/api/alerts/alert_requests.h"
#include "server/api/alerts/rule_entries.h"
#include "server/api/answer.h"
#include "server/api/change_later.h"
#include "server/http/requests/json_body.h"

namespace hostwatch::api {
namespace {

constexpr std::size_t kMostRules = 500;

/// The rule of a body, that has its id from the address; or what is wrong.
std::variant<alerts::Rule, std::string> rule_in(const std::string& body, const std::string& id) {
  auto read = alerts::read_json_document(body);
  if (const auto* fault = std::get_if<alerts::JsonFault>(&read)) {
    return "line " + std::to_string(fault->line) + ": " + fault->text;
  }
  nlohmann::json& value = std::get<alerts::JsonDocument>(read).value;
  if (value.is_object() && !value.contains("id")) value["id"] = id;
  auto rule = alerts::read_rule(value);
  if (const auto* fault = std::get_if<alerts::RuleFault>(&rule)) return fault->line();
  if (std::get<alerts::Rule>(rule).id != id) return "id: must be the one in the address, or be left out";
  return std::get<alerts::Rule>(std::move(rule));
}

http::Response of_file() {
  return http::Response::error(409,
                               "a file owns this rule: change it there, or make a copy under another id");
}

http::Response with_revision(http::Response response, std::int64_t revision) {
  response.headers.emplace_back("ETag", '"' + std::to_string(revision) + '"');
  return response;
}

/// `entry`: as it is; null: there is none.
http::Response wrong_revision(const alerts::SharedEntry& entry) {
  util::JsonObjectWriter object;
  if (entry == nullptr) {
    object.text("error", "there is no rule of that id any more; leave out If-Match to make one");
    object.null("revision");
    return http::Response::json(object.finish(), 412);
  }
  const std::int64_t revision = entry->entry.revision;
  object.text("error", "the rule is there, with revision " + std::to_string(revision) +
                           ": look at it, and name that revision in If-Match");
  object.number("revision", revision);
  return with_revision(http::Response::json(object.finish(), 412), revision);
}

}  // namespace

void RulesApi::add_routes(Router& router) {
  router.add("GET", "/alerts/rules", Permission::read, [this](const Call& call) { return list(call); });
  router.add("PUT", "/alerts/rules/{id}", Permission::manage, [this](const Call& call) { return put(call); });
  router.add("DELETE", "/alerts/rules/{id}", Permission::manage,
             [this](const Call& call) { return remove(call); });
}

Reply RulesApi::list(const Call& call) const {
  return write_later(
      services_.workers.overviews, call, services_.limits, [this](AnswerText& text, http::Response&) {
        const alerts::SharedSnapshot snapshot = services_.alerts.engine.snapshot();
        const RuleEntryWriter writer(services_, *snapshot);
        text.out() += "{\"rules\":[";
        const char* separator = "";
        for (const auto& [id, entry] : snapshot->rules) {
          text.out().append(separator).append(writer.json(entry->entry));
          separator = ",";
          text.budget().check();
          text.go_on();
        }
        text.out() += "],\"problems\":" + texts_json(snapshot->rule_problems) +
                      ",\"files_ok\":" + (snapshot->figures.rules_reload_ok ? "true" : "false") + '}';
      });
}

Reply RulesApi::put(const Call& call) const {
  if (auto refusal = http::refuse_body(call.request)) return Reply::now(*std::move(refusal));
  auto condition = precondition_of(call.request);
  if (auto* refusal = std::get_if<http::Response>(&condition)) return Reply::now(std::move(*refusal));
  const std::string& id = call.path.at("id");
  auto read = rule_in(call.request.body, id);
  if (const auto* wrong = std::get_if<std::string>(&read)) return refuse(400, *wrong);
  auto work = [this, rule = std::get<alerts::Rule>(std::move(read)),
               revision = std::get<Precondition>(condition).revision, author = author_of(services_, call),
               maker = services_.access.maker_of(call.context.caller)](storage::Store&) {
    using Result = alerts::AlertEngine::RuleChange::Result;
    const alerts::SharedSnapshot before = services_.alerts.engine.snapshot();
    if (before->rules.size() >= kMostRules && !before->rules.contains(rule.id)) {
      return http::Response::error(409, "there are " + std::to_string(kMostRules) + " rules already");
    }
    const auto change = services_.alerts.engine.put_rule(rule, revision, author);
    if (change.result == Result::of_file) return of_file();
    if (change.result == Result::wrong_revision) return wrong_revision(change.entry);
    const alerts::RuleEntry& entry = change.entry->entry;
    spdlog::info("rule {} was {} by {}: revision {}", rule.id,
                 change.result == Result::made ? "made" : "changed", shown(maker), entry.revision);
    const alerts::SharedSnapshot snapshot = services_.alerts.engine.snapshot();
    return with_revision(http::Response::json(RuleEntryWriter(services_, *snapshot).json(entry),
                                              change.result == Result::made ? 201 : 200),
                         entry.revision);
  };
  return change_later(services_.ingest, call, {}, "changed", std::move(work));
}

Reply RulesApi::remove(const Call& call) const {
  auto work = [this, id = call.path.at("id"),
               maker = services_.access.maker_of(call.context.caller)](storage::Store&) {
    using Removal = alerts::AlertEngine::RuleRemoval;
    switch (services_.alerts.engine.remove_rule(id)) {
      case Removal::removed:
        break;
      case Removal::not_there:
        return http::Response::error(404, "there is no rule of that id");
      case Removal::of_file:
        return of_file();
      case Removal::shipped:
        return http::Response::error(409, "a rule that comes with the program is disabled, not removed");
    }
    spdlog::info("rule {} was removed by {}", id, shown(maker));
    return ok_answer();
  };
  return change_later(services_.ingest, call, {}, "changed", std::move(work));
}

}  // namespace hostwatch::api
