#include "server/api/answer_pieces.h"

#include <utility>

#include "server/http/answers/compress.h"

namespace hostwatch::api {

AnswerPieces::AnswerPieces(std::shared_ptr<http::PieceSource> text, std::string first, bool gzip)
    : text_(std::move(text)), piece_(std::move(first)) {
  if (gzip) gzip_.emplace(http::kGzipLevel);
}

bool AnswerPieces::next(std::string& out) {
  const bool is_first = !piece_.empty();
  if (!gzip_) {
    if (!is_first) return text_->next(out);
    out = std::exchange(piece_, std::string());
    return true;
  }
  const bool has_more = is_first || text_->next(piece_);
  gzip_->add(piece_, out);
  piece_.clear();
  if (!has_more) gzip_->finish(out);
  return has_more;
}

std::size_t AnswerPieces::memory() const {
  constexpr std::size_t kDeflating = 320UL * 1024;  // zlib's 256 KiB, and a piece
  return text_->memory() + piece_.capacity() + (gzip_ ? kDeflating : 0);
}

}  // namespace hostwatch::api
