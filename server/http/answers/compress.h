#pragma once

#include <cstddef>
#include <string>

#include "server/http/answers/response.h"
#include "server/http/requests/request.h"

namespace hostwatch::http {

inline constexpr std::size_t kWorthCompressing = 1400;  ///< less fits into one packet as it is
inline constexpr int kGzipLevel = 1;                    ///< of what is compressed for one answer

/// Whether the client takes gzip, and likes an answer as it is no better (RFC 9110, section 12.5.3): not
/// where its weight is 0 or less than that of identity. A star alone is no gzip: as it is, an answer is right
/// for that, too. Pure.
bool accepts_gzip(const Request& request);

/// Compresses a large answer if the client takes gzip.
void compress(Response& response, const Request& request);

/// A text that is answered to many: compressed once. Must stay for as long as the server runs.
class FixedText {
 public:
  explicit FixedText(std::string text);

  /// 200 with the text as JSON, in the form that the client takes.
  Response json(const Request& request) const;

 private:
  std::string text_;
  std::string gzip_;
};

}  // namespace hostwatch::http
