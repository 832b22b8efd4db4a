#include "server/http/answers/outgoing_answer.h"

#include <array>
#include <charconv>

namespace hostwatch::http {
namespace {

/// An empty one would be the last: it is none.
void make_chunk(std::string& data) {
  if (data.empty()) return;
  std::array<char, sizeof(std::size_t) * 2 + 2> head{};
  char* end = std::to_chars(head.begin(), head.end(), data.size(), 16).ptr;
  *end++ = '\r';
  *end++ = '\n';
  data.insert(0, head.data(), static_cast<std::size_t>(end - head.data()));
  data += "\r\n";
}

}  // namespace

void OutgoingAnswer::make_next_piece() {
  if (!source_) return;
  passed_ = size();
  std::string().swap(head_);
  body_.clear();
  const bool has_more = source_->next(body_);
  if (is_chunked_) make_chunk(body_);
  if (has_more) return;
  if (is_chunked_) body_ += "0\r\n\r\n";
  source_.reset();
}

}  // namespace hostwatch::http
