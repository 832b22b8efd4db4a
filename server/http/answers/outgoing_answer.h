#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "server/http/answers/piece_source.h"

namespace hostwatch::http {

/// An answer on its way to a client: head and body, in the order in which they are sent. A large body is
/// taken over from whoever made it, and a fixed one is only referred to: neither is copied. Of a body that is
/// made while it is sent, one piece is there at a time. Not thread-safe.
class OutgoingAnswer {
 public:
  OutgoingAnswer() = default;

  /// `fixed_body`, where it is not empty, stands for `body`, and must stay until all is sent.
  OutgoingAnswer(std::string head, std::string body, std::string_view fixed_body)
      : head_(std::move(head)), body_(std::move(body)), fixed_(fixed_body) {
    // What fits into a packet or a few goes with the head, in one send.
    constexpr std::size_t kSmall = 16UL * 1024;
    if (content().size() > kSmall) return;
    head_ += content();
    std::string().swap(body_);
    fixed_ = {};
  }

  /// `is_chunked`: the pieces travel as chunks (RFC 9112, section 7.1), else as they are.
  OutgoingAnswer(std::string head, std::shared_ptr<PieceSource> source, bool is_chunked)
      : head_(std::move(head)), source_(std::move(source)), is_chunked_(is_chunked) {}

  /// How long it is as far as it is made.
  std::size_t size() const { return passed_ + head_.size() + content().size(); }

  /// Whether that is all of it.
  bool is_whole() const { return source_ == nullptr; }

  /// Once what is made has been sent: puts the next piece in its place, unless it is whole. That may add
  /// nothing to it. Throws what the source throws.
  void make_next_piece();

  /// Memory held.
  std::size_t memory() const {
    return head_.capacity() + body_.capacity() + (source_ ? source_->memory() : 0);
  }

  /// What stands from `offset` on, in one piece: not always all of it; empty at the end. Of a body that is
  /// made while it is sent: nothing before the last piece.
  std::string_view from(std::size_t offset) const {
    offset -= passed_;
    if (offset < head_.size()) return std::string_view(head_).substr(offset);
    return content().substr(offset - head_.size());
  }

 private:
  std::string_view content() const { return fixed_.empty() ? std::string_view(body_) : fixed_; }

  std::string head_;
  std::string body_;  ///< or a piece of it
  std::string_view fixed_;
  std::shared_ptr<PieceSource> source_;
  bool is_chunked_ = false;
  std::size_t passed_ = 0;  ///< bytes that were sent, and are not there any more
};

}  // namespace hostwatch::http
