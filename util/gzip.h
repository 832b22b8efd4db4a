#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace hostwatch::util {

/// Why a body could not be inflated.
enum class InflateError { damaged, too_large };

/// Inflates one gzip member (RFC 1952). Stops as soon as more than `max_bytes` would come out: a bomb costs
/// no more. On failure nothing is returned and `error` says why.
std::optional<std::string> inflate_gzip(std::string_view compressed, std::size_t max_bytes,
                                        InflateError& error);

/// Deflates a text that comes in pieces into one gzip member. Not thread-safe.
class GzipWriter {
 public:
  /// `level` 1 (fast) to 9 (small).
  explicit GzipWriter(int level);
  ~GzipWriter();
  GzipWriter(const GzipWriter&) = delete;
  GzipWriter& operator=(const GzipWriter&) = delete;

  /// What comes out of it so far is appended to `out`.
  void add(std::string_view piece, std::string& out);
  /// No more pieces come: the rest, and the member's end.
  void finish(std::string& out);

 private:
  struct State;
  void deflate_to(std::string& out, std::string_view piece, int flush);
  std::unique_ptr<State> state_;
};

/// Deflates into one gzip member; `level` 1 (fast) to 9 (small).
std::string deflate_gzip(std::string_view text, int level);

}  // namespace hostwatch::util
