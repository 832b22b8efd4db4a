#include "server/api/access/access_answers.h"

#include "util/text/text.h"

namespace hostwatch::api {
using util::JsonObjectWriter;

std::string shown(const std::string& words) {
  return util::make_printable(words, 100);
}

JsonObjectWriter token_json(const auth::Token& token) {
  JsonObjectWriter object;
  object.number("id", token.id);
  object.text("name", token.name);
  object.text("scope", auth::name_of(token.scope));
  object.text_or_null("host", token.host);
  object.number("created", token.created);
  object.number_or_null("last_used", token.last_used);
  object.number_or_null("expires", token.expires);
  if (token.uses_left) {
    object.number("uses_left", *token.uses_left);
  } else {
    object.null("uses_left");
  }
  object.text_or_null("made_by", token.made_by);
  return object;
}

std::string admission_json(const auth::Admission& admission) {
  JsonObjectWriter object;
  object.text("host", admission.host);
  object.text_or_null("agent", admission.identity);
  object.text("standing", auth::name_of(admission.standing));
  object.number("since", admission.since);
  object.text_or_null("by", admission.by);
  return object.finish();
}

JsonObjectWriter ok_json() {
  JsonObjectWriter object;
  object.text("status", "ok");
  return object;
}

}  // namespace hostwatch::api
