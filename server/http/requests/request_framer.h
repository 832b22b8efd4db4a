#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace hostwatch::http {

/// What one request may cost before anything of it is looked at.
struct FramingLimits {
  std::size_t request_line_bytes = 8000;     ///< beyond: 414
  std::size_t head_bytes = 16 * 1024;        ///< request line and headers; beyond: 431
  std::size_t header_lines = 64;             ///< beyond: 431
  std::size_t body_bytes = 8 * 1024 * 1024;  ///< as sent, before inflating; beyond: 413
};

/// Finds where one HTTP/1.x request ends (RFC 9112) and collects it, byte by byte as they arrive, so that the
/// HTTP library is only ever handed a whole, bounded request. Refuses whatever two readers could read
/// differently: both or doubled lengths, bare line feeds, folded headers, blanks before a colon, other
/// transfer codings, and a second line of a header that has one value (Authorization, Origin and others).
/// Several lines of a header that is a list become one, in their order (RFC 9110, 5.3): libraries keep them
/// in orders of their own. Not thread-safe.
class RequestFramer {
 public:
  enum class State : std::uint8_t { head, body, complete, refused };

  explicit RequestFramer(const FramingLimits& limits) : limits_(&limits), body_limit_(limits.body_bytes) {}

  /// Takes bytes up to the end of the request; returns how many it took. What is left belongs to the next
  /// request.
  std::size_t feed(std::string_view bytes);

  State state() const { return state_; }

  /// True until the first byte of a request has come.
  bool is_idle() const { return state_ == State::head && head_.empty(); }

  /// The request's head, ended by an empty line, without the headers that govern the message's framing,
  /// ranges and hops, which are dealt with here, and without those that cpp-httplib keeps for itself
  /// (REMOTE_ADDR and others). Its target is always a path that begins with one slash: the host of a whole
  /// address (absolute form, RFC 9112, 3.2.2) stands in the Host header, whatever that said. Of a request
  /// that is refused: as far as it was read; empty if that is not even the request line.
  const std::string& head() const { return forwarded_head_; }

  /// The body, chunks joined.
  std::string& body() { return body_; }

  /// Length of the body as announced; 0 while it is not known.
  std::size_t announced_body_bytes() const { return chunked_ ? 0 : body_expected_; }

  /// The client wants to go on after this request.
  bool keep_alive() const { return keep_alive_; }

  /// The client speaks HTTP/1.0, which has no chunks.
  bool is_http_1_0() const { return http_1_0_; }

  /// The body may be no longer than that: beyond it the request is refused (413), if need be at once.
  void limit_body(std::size_t bytes);

  /// True once: the client waits for "100 Continue" before it sends the body.
  bool take_continue();

  /// Status and text for a refused request; the connection cannot be used any more.
  int refusal_status() const { return refusal_status_; }
  const std::string& refusal() const { return refusal_; }

  /// Forgets the request, ready for the next; gives memory back.
  void reset();

  /// Memory held.
  std::size_t memory() const { return head_.capacity() + forwarded_head_.capacity() + body_.capacity(); }

  /// Bytes that have come.
  std::size_t size() const { return head_.size() + body_.size(); }

 private:
  enum class Chunk : std::uint8_t { size_line, data, data_end, trailer };

  void refuse(int status, std::string text);
  std::size_t feed_head(std::string_view bytes);
  std::size_t feed_plain_body(std::string_view bytes);
  std::size_t feed_chunked_body(std::string_view bytes);
  bool take_line(std::string_view& bytes, std::size_t limit);
  void end_chunk_line();
  void parse_head();
  void end_forwarded_head();
  bool parse_request_line(std::string_view line);
  void forward_request_line(std::string_view method, std::string_view path, std::string_view version);
  bool parse_header(std::string_view line);
  bool take_framing_header(std::string_view name, std::string_view value);
  bool take_list_header(std::string_view name, std::string_view value);
  void begin_body();
  void refuse_large_body();

  const FramingLimits* limits_;
  State state_ = State::head;
  std::string head_;
  std::string forwarded_head_;
  std::string body_;
  std::string line_;  ///< of a chunked body: the size or trailer line under way
  Chunk chunk_ = Chunk::size_line;
  std::size_t chunk_left_ = 0;
  std::size_t trailer_bytes_ = 0;
  std::size_t body_expected_ = 0;
  std::size_t body_limit_;
  std::vector<std::pair<std::string, std::string>> lists_;  ///< headers that are lists, lines joined
  std::uint32_t singles_ = 0;   ///< a bit for each header of one value that has come
  bool has_authority_ = false;  ///< the request line names the host
  bool has_length_ = false;
  bool chunked_ = false;
  bool needs_length_ = false;
  bool http_1_0_ = false;
  bool keep_alive_ = true;
  bool expects_continue_ = false;
  int refusal_status_ = 0;
  std::string refusal_;
};

}  // namespace hostwatch::http
