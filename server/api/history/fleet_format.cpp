#include "server/api/history/fleet_format.h"

#include <string>

#include "util/text/json_text.h"

namespace hostwatch::api {
namespace {

using util::append_json_number;
using util::append_json_string;

/// ,"name":[…]: what `append` writes of each element.
template <typename Elements, typename Append>
void append_array(AnswerText& text, const char* name, const Elements& elements, Append append) {
  std::string& out = text.out();
  out += ",\"";
  out += name;
  out += "\":[";
  bool first = true;
  for (const auto& element : elements) {
    if (!first) out += ',';
    first = false;
    append(element);
  }
  out += ']';
  text.go_on();
}

}  // namespace

void format_fleet(const query::Fleet& fleet, const query::FleetRequest& request, AnswerText& text) {
  std::string& out = text.out();
  out += "{\"metric\":";
  append_json_string(out, request.metric);
  out += ",\"combine\":\"" + std::string(query::to_string(fleet.combine)) +
         "\",\"step\":" + std::to_string(fleet.step) + ",\"from\":" + std::to_string(request.from) +
         ",\"to\":" + std::to_string(request.to) + ",\"hosts\":" + std::to_string(fleet.hosts);
  const auto values = [&](const char* name, double query::FleetBucket::*member) {
    append_array(text, name, fleet.buckets,
                 [&](const query::FleetBucket& bucket) { append_json_number(out, bucket.*member); });
  };
  append_array(text, "timestamps", fleet.buckets,
               [&](const query::FleetBucket& bucket) { out += std::to_string(bucket.timestamp); });
  append_array(text, "count", fleet.buckets,
               [&](const query::FleetBucket& bucket) { out += std::to_string(bucket.count); });
  values("minimum", &query::FleetBucket::minimum);
  values("median", &query::FleetBucket::median);
  values("p95", &query::FleetBucket::p95);
  values("maximum", &query::FleetBucket::maximum);
  append_array(text, "top", fleet.top, [&](const query::FleetHost& host) {
    out += "{\"hostname\":";
    append_json_string(out, host.hostname);
    out += ",\"average\":";
    append_json_number(out, host.average);
    out += ",\"maximum\":";
    append_json_number(out, host.maximum);
    out += '}';
  });
  out += '}';
}

}  // namespace hostwatch::api
