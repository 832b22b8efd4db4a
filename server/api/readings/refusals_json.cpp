#include "server/api/readings/refusals_json.h"

#include "util/text/json_object.h"

namespace hostwatch::api {
namespace {

std::string post_json(const RefusedPost& post) {
  util::JsonObjectWriter object;
  object.text("address", post.address);
  object.text("reason", name_of(post.kind));
  object.text("where", post.where);
  object.number("status", post.status);
  object.text("error", post.error);
  object.text_or_null("program", post.program);
  object.number("first", post.first);
  object.number("last", post.last);
  object.number("count", static_cast<std::int64_t>(post.count));
  return object.finish();
}

}  // namespace

std::string refusals_json(const std::vector<RefusedPost>& posts, std::int64_t now) {
  std::string list = "[";
  for (const RefusedPost& post : posts) {
    if (list.size() > 1) list += ',';
    list += post_json(post);
  }
  util::JsonObjectWriter answer;
  answer.number("now", now);
  answer.json("refusals", list + "]");
  return answer.finish();
}

}  // namespace hostwatch::api
