#include "server/api/answer_text.h"

#include <utility>

#include "server/http/answers/compress.h"

namespace hostwatch::api {

void AnswerText::hand_over() {
  budget_.check();
  budget_.spend_text(piece_.size());
  if (takes_gzip_) {
    if (!gzip_) gzip_.emplace(http::kGzipLevel);
    gzip_->add(piece_, body_);
  } else {
    body_ += piece_;
  }
  piece_.clear();
}

void AnswerText::finish(http::Response& response) {
  const bool is_short = body_.empty() && !gzip_ && piece_.size() < http::kWorthCompressing;
  if (is_short) {
    response.body = std::move(piece_);
    return;
  }
  hand_over();
  if (gzip_) {
    gzip_->finish(body_);
    response.headers.emplace_back("Content-Encoding", "gzip");
  }
  response.headers.emplace_back("Vary", "Accept-Encoding");
  response.body = std::move(body_);
}

}  // namespace hostwatch::api
