#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>

#include "server/http/answers/piece_source.h"
#include "util/gzip.h"

namespace hostwatch::api {

/// An answer's text as it travels: from its first piece on, compressed if the client takes gzip.
class AnswerPieces final : public http::PieceSource {
 public:
  /// `first`: what `text` has given already; more is to come.
  AnswerPieces(std::shared_ptr<http::PieceSource> text, std::string first, bool gzip);

  bool next(std::string& out) override;
  std::size_t memory() const override;

 private:
  std::shared_ptr<http::PieceSource> text_;
  std::string piece_;  ///< to be handed on
  std::optional<util::GzipWriter> gzip_;
};

}  // namespace hostwatch::api
