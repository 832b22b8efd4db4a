#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "server/http/answers/response.h"
#include "server/query/answer_budget.h"
#include "util/gzip.h"

namespace hostwatch::api {

/// An answer's text while it is written: counted in its budget, and compressed as it grows if the client
/// takes gzip, so that the whole of it is never there twice. Not thread-safe.
class AnswerText {
 public:
  AnswerText(query::AnswerBudget& budget, bool gzip) : budget_(budget), takes_gzip_(gzip) {}

  /// Where what comes next is appended. What is there already may have been handed over: it must not be read.
  std::string& out() { return piece_; }

  /// To be called between rows, and wherever some kilobytes may have been written since. Throws
  /// query::HistoryTooLarge, query::AnswerUnwanted.
  void go_on() {
    if (piece_.size() >= kPiece) hand_over();
  }

  query::AnswerBudget& budget() { return budget_; }

  /// The text is complete: gives the answer its body and the headers that tell of its coding. Throws as
  /// go_on() does.
  void finish(http::Response& response);

 private:
  static constexpr std::size_t kPiece = 64UL * 1024;

  void hand_over();

  query::AnswerBudget& budget_;
  bool takes_gzip_;
  std::string piece_;
  std::string body_;
  std::optional<util::GzipWriter> gzip_;
};

}  // namespace hostwatch::api
