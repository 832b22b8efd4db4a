#include "server/http/gzip.h"

#include <zlib.h>

#include <algorithm>
#include <array>
#include <stdexcept>

namespace hostwatch::http {
namespace {

constexpr int kGzipWindow = 15 + 16;  // zlib.h: 16 more asks for gzip framing
constexpr std::size_t kPiece = 64UL * 1024;

// zlib does not write through next_in; its type says so only in later versions.
Bytef* input(std::string_view text) {
  return reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
}

}  // namespace

std::optional<std::string> inflate_gzip(std::string_view compressed, std::size_t max_bytes,
                                        InflateError& error) {
  error = InflateError::damaged;
  z_stream stream{};
  if (inflateInit2(&stream, kGzipWindow) != Z_OK) return std::nullopt;
  stream.next_in = input(compressed);
  stream.avail_in = static_cast<uInt>(compressed.size());
  std::string text;
  std::array<char, kPiece> piece{};
  int result = Z_OK;
  while (result == Z_OK) {
    stream.next_out = reinterpret_cast<Bytef*>(piece.data());
    stream.avail_out = static_cast<uInt>(piece.size());
    result = inflate(&stream, Z_NO_FLUSH);
    const std::size_t got = piece.size() - stream.avail_out;
    if (text.size() + got > max_bytes) {
      error = InflateError::too_large;
      inflateEnd(&stream);
      return std::nullopt;
    }
    text.append(piece.data(), got);
    if (got == 0 && stream.avail_in == 0) break;  // ended early
  }
  const bool whole = result == Z_STREAM_END && stream.avail_in == 0;
  inflateEnd(&stream);
  if (!whole) return std::nullopt;
  return text;
}

struct GzipWriter::State {
  z_stream stream{};
  std::array<char, kPiece> piece{};
};

GzipWriter::GzipWriter(int level) : state_(std::make_unique<State>()) {
  if (deflateInit2(&state_->stream, level, Z_DEFLATED, kGzipWindow, 8, Z_DEFAULT_STRATEGY) != Z_OK) {
    throw std::runtime_error("zlib cannot start");
  }
}

GzipWriter::~GzipWriter() {
  deflateEnd(&state_->stream);
}

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
  z_stream stream{};
  if (deflateInit2(&stream, level, Z_DEFLATED, kGzipWindow, 8, Z_DEFAULT_STRATEGY) != Z_OK) {
    throw std::runtime_error("zlib cannot start");
  }
  std::string compressed(deflateBound(&stream, static_cast<uLong>(text.size())), '\0');
  stream.next_in = input(text);
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(compressed.data());
  stream.avail_out = static_cast<uInt>(compressed.size());
  deflate(&stream, Z_FINISH);
  compressed.resize(stream.total_out);
  deflateEnd(&stream);
  return compressed;
}

}  // namespace hostwatch::http
