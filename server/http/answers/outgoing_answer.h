#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace hostwatch::http {

/// An answer on its way to a client: head and body, in the order in which they are sent. A large body is
/// taken over from whoever made it, and a fixed one is only referred to: neither is copied. Not thread-safe.
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

  std::size_t size() const { return head_.size() + content().size(); }

  /// Memory held.
  std::size_t memory() const { return head_.capacity() + body_.capacity(); }

  /// What stands from `offset` on, in one piece: not always all of it; empty at the end.
  std::string_view from(std::size_t offset) const {
    if (offset < head_.size()) return std::string_view(head_).substr(offset);
    return content().substr(offset - head_.size());
  }

 private:
  std::string_view content() const { return fixed_.empty() ? std::string_view(body_) : fixed_; }

  std::string head_;
  std::string body_;
  std::string_view fixed_;
};

}  // namespace hostwatch::http
