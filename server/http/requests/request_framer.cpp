#include "server/http/requests/request_framer.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

#include "server/http/requests/header_text.h"
#include "server/http/requests/request_target.h"
#include "util/text/ascii.h"

namespace hostwatch::http {
namespace {

constexpr std::size_t kChunkLineBytes = 256;
constexpr std::size_t kTrailerBytes = 4096;

/// Headers that have one value: of two lines one reader would take the first, another the last.
constexpr std::array<std::string_view, 10> kSingles{
    "Host",   "Authorization",  "Content-Type",   "Date",           "Hostwatch-Agent",
    "Origin", "Sec-Fetch-Dest", "Sec-Fetch-Mode", "Sec-Fetch-Site", "X-CSRF-Token"};

constexpr std::uint32_t kHostBit = 1;

struct ListHeader {
  std::string_view name;
  std::string_view between;
};

/// Headers that are lists and that somebody here reads. Cookies come in several lines from HTTP/2 (RFC 9113,
/// 8.2.3).
constexpr std::array<ListHeader, 6> kLists{{{"Accept-Encoding", ", "},
                                            {"Content-Encoding", ", "},
                                            {"Cookie", "; "},
                                            {"If-None-Match", ", "},
                                            {"X-Forwarded-For", ", "},
                                            {"X-Forwarded-Proto", ", "}}};

/// A token of RFC 9110, section 5.6.2.
bool is_token(std::string_view text) {
  constexpr std::string_view kMarks = "!#$%&'*+-.^_`|~";
  return !text.empty() && std::all_of(text.begin(), text.end(), [&](char c) {
    return (c >= '0' && c <= '9') || (util::lower_case(c) >= 'a' && util::lower_case(c) <= 'z') ||
           kMarks.find(c) != kMarks.npos;
  });
}

bool has_list_member(std::string_view list, std::string_view member) {
  while (!list.empty()) {
    const std::size_t comma = std::min(list.find(','), list.size());
    if (equals_ignoring_case(trimmed(list.substr(0, comma)), member)) return true;
    list.remove_prefix(std::min(comma + 1, list.size()));
  }
  return false;
}

/// Decimal or hexadecimal digits alone: no sign, no blank, no overflow.
bool parse_length(std::string_view text, int base, std::size_t& value) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, base);
  return !text.empty() && text.front() != '-' && error == std::errc() && end == text.data() + text.size();
}

}  // namespace

void RequestFramer::reset() {
  // Assigned to, a string keeps the memory that it has.
  RequestFramer fresh(*limits_);
  std::swap(*this, fresh);
}

void RequestFramer::refuse(int status, std::string text) {
  if (state_ == State::refused) return;
  state_ = State::refused;
  refusal_status_ = status;
  refusal_ = std::move(text);
  keep_alive_ = false;
}

bool RequestFramer::take_continue() {
  return std::exchange(expects_continue_, false) && state_ == State::body;
}

std::size_t RequestFramer::feed(std::string_view bytes) {
  std::size_t taken = 0;
  while (taken < bytes.size() && (state_ == State::head || state_ == State::body)) {
    const std::string_view rest = bytes.substr(taken);
    if (state_ == State::head) {
      taken += feed_head(rest);
    } else {
      taken += chunked_ ? feed_chunked_body(rest) : feed_plain_body(rest);
    }
  }
  return taken;
}

std::size_t RequestFramer::feed_head(std::string_view bytes) {
  std::size_t skipped = 0;
  if (head_.empty()) {
    // RFC 9112, section 2.2: empty lines before a request are passed over.
    while (skipped < bytes.size() && (bytes[skipped] == '\r' || bytes[skipped] == '\n')) ++skipped;
    bytes.remove_prefix(skipped);
  }
  const std::size_t before = head_.size();
  const std::size_t room = limits_->head_bytes + 1 - std::min(limits_->head_bytes + 1, before);
  head_ += bytes.substr(0, room);
  const std::size_t end = head_.find("\r\n\r\n", before < 3 ? 0 : before - 3);
  if (end == std::string::npos) {
    const bool in_request_line = head_.find('\n') == std::string::npos;
    if (in_request_line && head_.size() > limits_->request_line_bytes) {
      refuse(414,
             "the request line is longer than " + std::to_string(limits_->request_line_bytes) + " bytes");
    } else if (head_.size() > limits_->head_bytes) {
      refuse(431, "the request's headers are larger than " + std::to_string(limits_->head_bytes) + " bytes");
    }
    return skipped + std::min(bytes.size(), room);
  }
  head_.resize(end + 4);
  parse_head();
  return skipped + head_.size() - before;
}

void RequestFramer::parse_head() {
  const bool has_bare_control = [&] {
    for (std::size_t i = 0; i < head_.size(); ++i) {
      if (head_[i] == '\0') return true;
      if (head_[i] == '\n' && (i == 0 || head_[i - 1] != '\r')) return true;
      if (head_[i] == '\r' && head_[i + 1] != '\n') return true;
    }
    return false;
  }();
  if (has_bare_control)
    return refuse(400, "the request's lines must end in CR LF and hold no control characters");

  std::string_view rest = head_;
  forwarded_head_.reserve(head_.size());
  std::size_t lines = 0;
  while (rest != "\r\n") {
    const std::size_t end = rest.find("\r\n");
    const std::string_view line = rest.substr(0, end);
    rest.remove_prefix(end + 2);
    if (lines > limits_->header_lines) {
      refuse(431, "the request has more than " + std::to_string(limits_->header_lines) + " headers");
      break;
    }
    if (!(lines == 0 ? parse_request_line(line) : parse_header(line))) break;
    ++lines;
  }
  end_forwarded_head();
  if (state_ != State::refused) begin_body();
}

/// Also of a request that is refused for its headers, so that it can be told what it was.
void RequestFramer::end_forwarded_head() {
  if (forwarded_head_.empty()) return;  // not even its request line is known
  for (const auto& [name, value] : lists_) {
    forwarded_head_.append(name).append(": ").append(value).append("\r\n");
  }
  lists_ = {};
  forwarded_head_ += "\r\n";
}

bool RequestFramer::parse_request_line(std::string_view line) {
  if (line.size() > limits_->request_line_bytes) {
    refuse(414, "the request line is longer than " + std::to_string(limits_->request_line_bytes) + " bytes");
    return false;
  }
  const std::size_t first = line.find(' ');
  const std::size_t last = line.rfind(' ');
  const bool has_parts =
      first != std::string_view::npos && last > first + 1 &&
      line.substr(first + 1, last - first - 1).find_first_of(" \t") == std::string_view::npos;
  const RequestTarget target =
      has_parts ? target_of(line.substr(first + 1, last - first - 1)) : RequestTarget{};
  if (target.path.empty() || !is_token(line.substr(0, first))) {
    refuse(400, "the request line must be METHOD /path HTTP/1.1");
    return false;
  }
  has_authority_ = line[first + 1] != '/';
  if (has_authority_ && !is_authority(target.authority)) {
    refuse(400, "the request line's address must be http://HOST/path, without a user's name");
    return false;
  }
  const std::string_view method = line.substr(0, first);
  const std::string_view version = line.substr(last + 1);
  if (version != "HTTP/1.1" && version != "HTTP/1.0") {
    refuse(505, "only HTTP/1.1 and HTTP/1.0 are spoken here");
    return false;
  }
  http_1_0_ = version == "HTTP/1.0";
  keep_alive_ = !http_1_0_;
  needs_length_ = method == "POST" || method == "PUT" || method == "PATCH";
  forward_request_line(method, target.path, version);
  // It counts instead of the Host header's (RFC 9112, 3.2.2).
  if (has_authority_) forwarded_head_.append("Host: ").append(target.authority).append("\r\n");
  return true;
}

/// With one slash at the path's beginning, whatever slashes a proxy or a person has put before it: so nothing
/// behind this meets "//name", which is an address elsewhere where browsers read it (RFC 3986, 4.2).
void RequestFramer::forward_request_line(std::string_view method, std::string_view path,
                                         std::string_view version) {
  path.remove_prefix(std::min(path.find_first_not_of('/'), path.size()));
  forwarded_head_.append(method).append(" /").append(path).append(" ").append(version).append("\r\n");
}

bool RequestFramer::parse_header(std::string_view line) {
  const std::size_t colon = line.find(':');
  if (colon == std::string_view::npos || !is_token(line.substr(0, colon))) {
    refuse(400, "a request header must be 'Name: value' on one line");
    return false;
  }
  const std::string_view name = line.substr(0, colon);
  if (take_framing_header(name, trimmed(line.substr(colon + 1)))) return state_ != State::refused;
  // cpp-httplib adds these itself and would find the client's first (CVE-2025-66570).
  constexpr std::array<std::string_view, 6> kReserved{"REMOTE_ADDR", "REMOTE_PORT", "LOCAL_ADDR",
                                                      "LOCAL_PORT",  "Range",       "Upgrade"};
  if (std::any_of(kReserved.begin(), kReserved.end(),
                  [&](std::string_view reserved) { return equals_ignoring_case(name, reserved); })) {
    return true;
  }
  if (take_list_header(name, trimmed(line.substr(colon + 1)))) return true;
  const auto single = std::find_if(kSingles.begin(), kSingles.end(),
                                   [&](std::string_view one) { return equals_ignoring_case(name, one); });
  if (single != kSingles.end()) {
    const std::uint32_t bit = 1U << static_cast<unsigned>(single - kSingles.begin());
    if ((singles_ & bit) != 0) {
      refuse(400, "the request has more than one " + std::string(*single) + " header");
      return false;
    }
    singles_ |= bit;
    // An http address has a host that is not empty (RFC 9110, 4.2.1).
    if (bit == kHostBit && !http_1_0_ && trimmed(line.substr(colon + 1)).empty()) {
      refuse(400, "the request has no Host header");
      return false;
    }
    if (bit == kHostBit && has_authority_) return true;
  }
  forwarded_head_ += line;
  forwarded_head_ += "\r\n";
  return true;
}

/// True if the header is a list: its lines are handed on as one, behind all other headers.
bool RequestFramer::take_list_header(std::string_view name, std::string_view value) {
  const auto list = std::find_if(kLists.begin(), kLists.end(),
                                 [&](const ListHeader& one) { return equals_ignoring_case(name, one.name); });
  if (list == kLists.end()) return false;
  const auto known =
      std::find_if(lists_.begin(), lists_.end(), [&](const auto& one) { return one.first == list->name; });
  if (known == lists_.end()) {
    lists_.emplace_back(list->name, value);
  } else {
    known->second.append(list->between).append(value);
  }
  return true;
}

/// True if the header is one of those that are dealt with here and not handed on.
bool RequestFramer::take_framing_header(std::string_view name, std::string_view value) {
  if (equals_ignoring_case(name, "Content-Length")) {
    if (has_length_) {
      refuse(400, "the request has more than one Content-Length");
    } else if (!parse_length(value, 10, body_expected_)) {
      refuse(400, "Content-Length must be a decimal number");
    }
    has_length_ = true;
    return true;
  }
  if (equals_ignoring_case(name, "Transfer-Encoding")) {
    if (chunked_ || !equals_ignoring_case(value, "chunked")) {
      refuse(501, "the only transfer coding understood is a single 'chunked'");
    }
    chunked_ = true;
    return true;
  }
  if (equals_ignoring_case(name, "Connection")) {
    if (has_list_member(value, "close")) keep_alive_ = false;
    if (http_1_0_ && has_list_member(value, "keep-alive")) keep_alive_ = true;
    return true;
  }
  if (equals_ignoring_case(name, "Expect")) {
    if (!equals_ignoring_case(value, "100-continue"))
      refuse(417, "the only expectation understood is 100-continue");
    expects_continue_ = true;
    return true;
  }
  return false;
}

void RequestFramer::begin_body() {
  if (!http_1_0_ && (singles_ & kHostBit) == 0) return refuse(400, "the request has no Host header");
  if (chunked_ && (has_length_ || http_1_0_)) {
    return refuse(400, "a request has either a Content-Length or, in HTTP/1.1, a chunked body");
  }
  if (!chunked_ && !has_length_ && needs_length_) return refuse(411, "the request needs a Content-Length");
  if (body_expected_ > body_limit_) return refuse_large_body();
  if (!chunked_ && body_expected_ == 0) {
    state_ = State::complete;
    return;
  }
  state_ = State::body;
  // What is announced but never sent must not cost memory: beyond this the string grows with what arrives.
  if (!chunked_) body_.reserve(std::min<std::size_t>(body_expected_, 64 * 1024));
}

void RequestFramer::refuse_large_body() {
  refuse(413, "the body is larger than " + std::to_string(body_limit_) + " bytes; send less at a time");
}

void RequestFramer::limit_body(std::size_t bytes) {
  if (state_ != State::body || bytes >= body_limit_) return;
  body_limit_ = bytes;
  const std::size_t known = std::max(body_expected_, body_.size() + chunk_left_);
  if (known > body_limit_) refuse_large_body();
}

std::size_t RequestFramer::feed_plain_body(std::string_view bytes) {
  const std::size_t wanted = std::min(bytes.size(), body_expected_ - body_.size());
  if (body_.size() + wanted > body_.capacity()) {
    // Twice as much, as the string would, but no more than can come.
    body_.reserve(std::min(body_expected_, std::max(body_.size() + wanted, 2 * body_.capacity())));
  }
  body_ += bytes.substr(0, wanted);
  if (body_.size() == body_expected_) state_ = State::complete;
  return wanted;
}

/// Moves bytes into line_ up to a line feed; true when the line is whole (without its CR LF).
bool RequestFramer::take_line(std::string_view& bytes, std::size_t limit) {
  const std::size_t end = bytes.find('\n');
  const std::size_t count = end == std::string_view::npos ? bytes.size() : end + 1;
  if (line_.size() + count > limit) {
    refuse(400, "a line of the chunked body is longer than " + std::to_string(limit) + " bytes");
    return false;
  }
  line_ += bytes.substr(0, count);
  bytes.remove_prefix(count);
  if (end == std::string_view::npos) return false;
  if (line_.size() < 2 || line_[line_.size() - 2] != '\r') {
    refuse(400, "a line of the chunked body must end in CR LF");
    return false;
  }
  line_.resize(line_.size() - 2);
  return true;
}

std::size_t RequestFramer::feed_chunked_body(std::string_view bytes) {
  const std::size_t size = bytes.size();
  if (chunk_ == Chunk::data) {
    const std::size_t count = std::min(bytes.size(), chunk_left_);
    body_ += bytes.substr(0, count);
    chunk_left_ -= count;
    if (chunk_left_ == 0) chunk_ = Chunk::data_end;
    return count;
  }
  if (take_line(bytes, kChunkLineBytes)) {
    end_chunk_line();
    line_.clear();
  }
  return size - bytes.size();
}

void RequestFramer::end_chunk_line() {
  switch (chunk_) {
    case Chunk::size_line: {
      const std::string_view digits = trimmed(std::string_view(line_).substr(0, line_.find(';')));
      if (!parse_length(digits, 16, chunk_left_))
        return refuse(400, "a chunk's size must be a hexadecimal number");
      if (chunk_left_ > body_limit_ - body_.size()) return refuse_large_body();
      chunk_ = chunk_left_ == 0 ? Chunk::trailer : Chunk::data;
      return;
    }
    case Chunk::data_end:
      if (!line_.empty()) return refuse(400, "a chunk is longer than it said");
      chunk_ = Chunk::size_line;
      return;
    case Chunk::trailer:
      trailer_bytes_ += line_.size();
      if (trailer_bytes_ > kTrailerBytes) return refuse(431, "the chunked body's trailer is too large");
      if (line_.empty()) state_ = State::complete;
      return;
    case Chunk::data:
      return;
  }
}

}  // namespace hostwatch::http
