#include "server/storage/chunk/column_codec.h"

#include <zstd.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstring>
#include <new>

#include "protocol/varint.h"

namespace hostwatch::storage {
namespace {

using protocol::put_varint;
using protocol::take_varint;
using protocol::unzigzag;
using protocol::zigzag;

/// Entropy coding does the work; higher levels find next to nothing more in packed bits, at many times the
/// cost.
constexpr int kLevel = 1;
constexpr std::array<double, 7> kPowers{1, 10, 100, 1e3, 1e4, 1e5, 1e6};
constexpr std::size_t kMaxPlainBytes = 16 + kMaxColumnValues * 8;

[[noreturn]] void damaged() {
  throw ColumnDamaged("a column of the history is damaged");
}

/// Wraps around, as signed numbers must not.
std::int64_t minus(std::int64_t a, std::int64_t b) {
  return static_cast<std::int64_t>(static_cast<std::uint64_t>(a) - static_cast<std::uint64_t>(b));
}
std::int64_t plus(std::int64_t a, std::int64_t b) {
  return static_cast<std::int64_t>(static_cast<std::uint64_t>(a) + static_cast<std::uint64_t>(b));
}

/// Whole bits where many fit into a byte, whole bytes else: only so the compressor sees equal numbers as
/// equal bytes.
unsigned packing_width(std::uint64_t largest) {
  const auto bits = static_cast<unsigned>(std::bit_width(largest));
  if (bits == 0) return 0;
  for (const unsigned width : {1U, 2U, 4U}) {
    if (bits <= width) return width;
  }
  return (bits + 7) / 8 * 8;
}

/// Narrow numbers several to a byte; wide ones byte by byte: first the lowest of all, then the next of all
/// ...
void pack(std::string& out, std::span<const std::uint64_t> numbers, unsigned width) {
  if (width == 0) return;
  if (width >= 8) {
    for (unsigned shift = 0; shift < width; shift += 8) {
      for (const std::uint64_t number : numbers) out += static_cast<char>(number >> shift);
    }
    return;
  }
  const unsigned each = 8 / width;
  for (std::size_t i = 0; i < numbers.size(); i += each) {
    unsigned byte = 0;
    for (unsigned k = 0; k < each && i + k < numbers.size(); ++k) {
      byte |= static_cast<unsigned>(numbers[i + k]) << (k * width);
    }
    out += static_cast<char>(byte);
  }
}

void unpack(std::string_view packed, std::size_t count, unsigned width, std::vector<std::uint64_t>& numbers) {
  numbers.assign(count, 0);
  const std::size_t bytes = width >= 8 ? count * (width / 8) : (count * width + 7) / 8;
  if (packed.size() != bytes) damaged();
  const auto byte_at = [packed](std::size_t at) {
    return static_cast<std::uint64_t>(static_cast<unsigned char>(packed[at]));
  };
  if (width >= 8) {
    for (unsigned plane = 0; plane < width / 8; ++plane) {
      for (std::size_t i = 0; i < count; ++i) numbers[i] |= byte_at(plane * count + i) << (8 * plane);
    }
  } else if (width != 0) {
    const unsigned each = 8 / width;
    const std::uint64_t mask = (1U << width) - 1;
    for (std::size_t i = 0; i < count; ++i) numbers[i] = (byte_at(i / each) >> (i % each * width)) & mask;
  }
}

/// The integers behind the values, if all are exactly integers of that many decimals.
bool scale(std::span<const double> values, int decimals, std::vector<std::int64_t>& integers) {
  constexpr double kExact = 9007199254740992.0;  // 2^53
  const double power = kPowers.at(static_cast<std::size_t>(decimals));
  integers.clear();
  integers.reserve(values.size());
  for (const double value : values) {
    const double scaled = std::round(value * power);
    if (!(std::fabs(scaled) < kExact)) return false;
    const auto integer = static_cast<std::int64_t>(scaled);
    // The division has to give the very same bits: it does not for 0.1 + 0.2, and an integer has no -0.
    if (std::bit_cast<std::uint64_t>(static_cast<double>(integer) / power) !=
        std::bit_cast<std::uint64_t>(value))
      return false;
    integers.push_back(integer);
  }
  return true;
}

}  // namespace

struct ColumnCodec::Zstd {
  Zstd() {
    if (compressor == nullptr || decompressor == nullptr) throw std::bad_alloc();
    ZSTD_CCtx_setParameter(compressor, ZSTD_c_compressionLevel, kLevel);
    ZSTD_CCtx_setParameter(compressor, ZSTD_c_checksumFlag, 1);
  }
  ~Zstd() {
    ZSTD_freeCCtx(compressor);
    ZSTD_freeDCtx(decompressor);
  }
  Zstd(const Zstd&) = delete;
  Zstd& operator=(const Zstd&) = delete;

  ZSTD_CCtx* compressor = ZSTD_createCCtx();
  ZSTD_DCtx* decompressor = ZSTD_createDCtx();
};

ColumnCodec::ColumnCodec() : zstd_(std::make_unique<Zstd>()) {}
ColumnCodec::~ColumnCodec() = default;

std::string ColumnCodec::compress(const std::string& plain) {
  std::string bytes(ZSTD_compressBound(plain.size()), '\0');
  const std::size_t size =
      ZSTD_compress2(zstd_->compressor, bytes.data(), bytes.size(), plain.data(), plain.size());
  if (ZSTD_isError(size) != 0) throw std::bad_alloc();  // there is room: it can only be memory
  bytes.resize(size);
  return bytes;
}

std::string ColumnCodec::encode(std::span<const std::int64_t> numbers) {
  return encode_integers(numbers, 0);
}

std::string ColumnCodec::encode_integers(std::span<const std::int64_t> numbers, int decimals) {
  std::string smallest;
  for (const Form form : {Form::differences, Form::numbers, Form::second_differences}) {
    folded_.clear();
    folded_.reserve(numbers.size());
    std::int64_t before = 0;
    std::int64_t difference_before = 0;
    std::uint64_t largest = 0;
    std::uint64_t first = 0;
    for (const std::int64_t number : numbers) {
      const std::int64_t difference = minus(number, before);
      const std::int64_t kept = form == Form::numbers       ? number
                                : form == Form::differences ? difference
                                                            : minus(difference, difference_before);
      const std::uint64_t folded = zigzag(kept);
      // The first one has nothing before it: it must not make all of them wide.
      if (folded_.empty()) {
        first = folded;
        folded_.push_back(0);
      } else {
        folded_.push_back(folded);
        largest = std::max(largest, folded);
      }
      before = number;
      difference_before = folded_.size() == 1 ? 0 : difference;
    }
    const unsigned width = packing_width(largest);
    plain_.clear();
    plain_ += static_cast<char>(form);
    plain_ += static_cast<char>(decimals);
    plain_ += static_cast<char>(width);
    put_varint(plain_, numbers.size());
    put_varint(plain_, first);
    pack(plain_, folded_, width);
    std::string bytes = compress(plain_);
    if (smallest.empty() || bytes.size() < smallest.size()) smallest = std::move(bytes);
    if (width == 0) break;  // nothing is smaller
  }
  return smallest;
}

std::string ColumnCodec::encode(std::span<const double> values, int decimals) {
  if (scale(values, decimals, numbers_))
    return encode_integers(std::vector<std::int64_t>(numbers_), decimals);
  plain_.clear();
  plain_ += static_cast<char>(Form::doubles);
  plain_ += '\0';
  plain_ += static_cast<char>(64);
  put_varint(plain_, values.size());
  folded_.clear();
  std::uint64_t before = 0;
  for (const double value : values) {
    const auto bits = std::bit_cast<std::uint64_t>(value);
    folded_.push_back(bits ^ before);  // neighbours share sign, exponent and leading digits
    before = bits;
  }
  pack(plain_, folded_, 64);
  return compress(plain_);
}

ColumnCodec::Header ColumnCodec::open(std::string_view bytes, std::string_view& rest) {
  const unsigned long long size = ZSTD_getFrameContentSize(bytes.data(), bytes.size());
  if (size == ZSTD_CONTENTSIZE_ERROR || size == ZSTD_CONTENTSIZE_UNKNOWN || size > kMaxPlainBytes) damaged();
  plain_.resize(static_cast<std::size_t>(size));
  const std::size_t got =
      ZSTD_decompressDCtx(zstd_->decompressor, plain_.data(), plain_.size(), bytes.data(), bytes.size());
  if (ZSTD_isError(got) != 0 || got != plain_.size()) damaged();
  rest = plain_;
  Header header;
  if (rest.size() < 3) damaged();
  header.form = static_cast<Form>(rest[0]);
  header.decimals = rest[1];
  header.width = static_cast<unsigned char>(rest[2]);
  rest.remove_prefix(3);
  const auto count = take_varint(rest);
  if (!count || *count > kMaxColumnValues) damaged();
  header.count = static_cast<std::size_t>(*count);
  const bool narrow = header.width == 0 || header.width == 1 || header.width == 2 || header.width == 4;
  const bool wide = header.width <= 64 && header.width % 8 == 0;
  if (header.decimals < 0 || header.decimals > 6 || !(narrow || wide)) damaged();
  return header;
}

void ColumnCodec::decode_integers(const Header& header, std::string_view packed,
                                  std::vector<std::int64_t>& numbers) {
  const auto first = take_varint(packed);
  if (!first) damaged();
  unpack(packed, header.count, header.width, folded_);
  numbers.clear();
  numbers.reserve(header.count);
  if (header.count == 0) return;
  folded_[0] = *first;
  std::int64_t value = 0;
  std::int64_t difference = 0;
  for (std::size_t i = 0; i < header.count; ++i) {
    const std::int64_t kept = unzigzag(folded_[i]);
    switch (header.form) {
      case Form::numbers:
        value = kept;
        break;
      case Form::differences:
        value = plus(value, kept);
        break;
      case Form::second_differences:
        if (i == 0) {
          value = kept;
        } else {
          difference = plus(difference, kept);
          value = plus(value, difference);
        }
        break;
      default:
        damaged();
    }
    numbers.push_back(value);
  }
}

void ColumnCodec::decode(std::string_view bytes, std::vector<std::int64_t>& numbers) {
  std::string_view rest;
  const Header header = open(bytes, rest);
  if (header.form == Form::doubles || header.decimals != 0) damaged();
  decode_integers(header, rest, numbers);
}

void ColumnCodec::decode(std::string_view bytes, std::vector<double>& values) {
  std::string_view rest;
  const Header header = open(bytes, rest);
  values.clear();
  values.reserve(header.count);
  if (header.form != Form::doubles) {
    decode_integers(header, rest, numbers_);
    const double power = kPowers.at(static_cast<std::size_t>(header.decimals));
    for (const std::int64_t number : numbers_) values.push_back(static_cast<double>(number) / power);
    return;
  }
  if (header.width != 64) damaged();
  unpack(rest, header.count, header.width, folded_);
  std::uint64_t bits = 0;
  for (const std::uint64_t folded : folded_) {
    bits ^= folded;
    values.push_back(std::bit_cast<double>(bits));
  }
}

}  // namespace hostwatch::storage
