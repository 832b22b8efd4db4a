#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>

#include "server/alerts/history/preview.h"
#include "server/api/router.h"
#include "server/api/services.h"

namespace hostwatch::api {

/// Reads the body of a POST /alerts/preview: `rule`, `timeframe` (24h) or `from` and `to` (Unix seconds),
/// `hostname`, `what_if` (true). Gives the request, its range within the history and not beyond the present,
/// or what is wrong. `earliest`: no reading is older. Pure.
std::variant<alerts::PreviewRequest, std::string> parse_preview_request(std::string_view body,
                                                                        std::int64_t now,
                                                                        std::int64_t earliest);

/// What a preview found, as it is answered.
std::string preview_json(const alerts::Preview& preview);

/// POST /alerts/preview: what a rule would have done. Changes nothing. Thread-safe.
class PreviewApi {
 public:
  /// `services` must outlive it.
  explicit PreviewApi(const Services& services) : services_(services) {}

  void add_routes(Router& router);

 private:
  Reply preview(const Call& call) const;

  const Services& services_;
};

}  // namespace hostwatch::api
