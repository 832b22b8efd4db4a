#include "util/gzip.h"

#include <zlib.h>

#include <array>
#include <new>

namespace hostwatch::util {
namespace {

constexpr int kGzipWindow = 15 + 16;  // zlib.h: 16 more asks for gzip framing
constexpr std::size_t kPiece = 64UL * 1024;

// zlib does not write through next_in; its type says so only in later versions.
Bytef* input(std::string_view text) {
  return reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
}

/// A stream that is taken apart, whatever ends the work with it.
template <int end(z_stream*)>
struct Stream : z_stream {
  Stream() : z_stream{} {}
  ~Stream() { end(this); }
  Stream(const Stream&) = delete;
  Stream& operator=(const Stream&) = delete;
};

[[noreturn]] void cannot_start() {
  throw std::bad_alloc();  // the arguments are right and the library is: nothing else is left
}

}  // namespace

std::optional<std::string> inflate_gzip(std::string_view compressed, std::size_t max_bytes,
                                        InflateError& error) {
  error = InflateError::damaged;
  Stream<inflateEnd> stream;
  if (inflateInit2(&stream, kGzipWindow) != Z_OK) cannot_start();
  stream.next_in = input(compressed);
  stream.avail_in = static_cast<uInt>(compressed.size());
  std::string text;
  std::array<char, kPiece> piece{};
  int result = Z_OK;
  while (result == Z_OK) {
    stream.next_out = reinterpret_cast<Bytef*>(piece.data());
    stream.avail_out = static_cast<uInt>(piece.size());
    result = inflate(&stream, Z_NO_FLUSH);
    if (result == Z_MEM_ERROR) throw std::bad_alloc();  // the body is not at fault
    const std::size_t got = piece.size() - stream.avail_out;
    if (text.size() + got > max_bytes) {
      error = InflateError::too_large;
      return std::nullopt;
    }
    text.append(piece.data(), got);
    if (got == 0 && stream.avail_in == 0) break;  // ended early
  }
  const bool whole = result == Z_STREAM_END && stream.avail_in == 0;
  if (!whole) return std::nullopt;
  return text;
}

struct GzipWriter::State {
  Stream<deflateEnd> stream;
  std::array<char, kPiece> piece{};
};

GzipWriter::GzipWriter(int level) : state_(std::make_unique<State>()) {
  if (deflateInit2(&state_->stream, level, Z_DEFLATED, kGzipWindow, 8, Z_DEFAULT_STRATEGY) != Z_OK) {
    cannot_start();
  }
}

GzipWriter::~GzipWriter() = default;

void GzipWriter::add(std::string_view piece, std::string& out) {
  if (!piece.empty()) deflate_to(out, piece, Z_NO_FLUSH);
}

void GzipWriter::finish(std::string& out) {
  deflate_to(out, {}, Z_FINISH);
}

void GzipWriter::deflate_to(std::string& out, std::string_view piece, int flush) {
  z_stream& stream = state_->stream;
  stream.next_in = input(piece);
  stream.avail_in = static_cast<uInt>(piece.size());
  do {
    stream.next_out = reinterpret_cast<Bytef*>(state_->piece.data());
    stream.avail_out = static_cast<uInt>(state_->piece.size());
    deflate(&stream, flush);
    out.append(state_->piece.data(), state_->piece.size() - stream.avail_out);
  } while (stream.avail_out == 0);
}

std::string deflate_gzip(std::string_view text, int level) {
  Stream<deflateEnd> stream;
  if (deflateInit2(&stream, level, Z_DEFLATED, kGzipWindow, 8, Z_DEFAULT_STRATEGY) != Z_OK) {
    cannot_start();
  }
  std::string compressed(deflateBound(&stream, static_cast<uLong>(text.size())), '\0');
  stream.next_in = input(text);
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(compressed.data());
  stream.avail_out = static_cast<uInt>(compressed.size());
  deflate(&stream, Z_FINISH);
  compressed.resize(stream.total_out);
  return compressed;
}

}  // namespace hostwatch::util
