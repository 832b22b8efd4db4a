#include "server/http/fleet_format.h"

#include "protocol/json_text.h"

namespace hostwatch::http {
namespace {

using protocol::append_json_number;
using protocol::append_json_string;

/// ,"name":[…]: what `append` writes of each element.
template <typename Elements, typename Append>
void append_array(std::string& out, const char* name, const Elements& elements, Append append) {
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
}

}  // namespace

std::string format_fleet(const query::Fleet& fleet, const query::FleetRequest& request) {
  std::string out = "{\"metric\":";
  append_json_string(out, request.metric);
  out += ",\"combine\":\"" + std::string(query::to_string(fleet.combine)) +
         "\",\"step\":" + std::to_string(fleet.step) + ",\"from\":" + std::to_string(request.from) +
         ",\"to\":" + std::to_string(request.to) + ",\"hosts\":" + std::to_string(fleet.hosts);
  const auto values = [&](const char* name, double query::FleetBucket::*member) {
    append_array(out, name, fleet.buckets,
                 [&](const query::FleetBucket& bucket) { append_json_number(out, bucket.*member); });
  };
  append_array(out, "timestamps", fleet.buckets,
               [&](const query::FleetBucket& bucket) { out += std::to_string(bucket.timestamp); });
  append_array(out, "count", fleet.buckets,
               [&](const query::FleetBucket& bucket) { out += std::to_string(bucket.count); });
  values("minimum", &query::FleetBucket::minimum);
  values("median", &query::FleetBucket::median);
  values("p95", &query::FleetBucket::p95);
  values("maximum", &query::FleetBucket::maximum);
  append_array(out, "top", fleet.top, [&](const query::FleetHost& host) {
    out += "{\"hostname\":";
    append_json_string(out, host.hostname);
    out += ",\"average\":";
    append_json_number(out, host.average);
    out += ",\"maximum\":";
    append_json_number(out, host.maximum);
    out += '}';
  });
  out += '}';
  return out;
}

}  // namespace hostwatch::http
