#include "server/storage/chunk/column_codec.h"

#include <zstd.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstring>
#include <new>

#include "server/storage/chunk/packed_numbers.h"
#include "server/storage/column.h"
#include "util/decimal.h"
#include "util/text/varint.h"

namespace hostwatch::storage {
namespace {

using util::put_varint;
using util::take_varint;
using util::unzigzag;
using util::zigzag;

/// Entropy coding does the work; higher levels find next to nothing more in packed bits, at many times the
/// cost.
constexpr int kLevel = 1;
constexpr std::size_t kMaxPlainBytes = 16 + kMaxColumnValues * 8;

/// The integers behind the values, if all are exactly integers of that many decimals.
bool scale(std::span<const double> values, int decimals, std::vector<std::int64_t>& integers) {
  const double power = util::kPowersOfTen.at(static_cast<std::size_t>(decimals));
  integers.clear();
  integers.reserve(values.size());
  for (const double value : values) {
    const auto integer = util::decimal_integer(value, power);
    if (!integer) return false;
    integers.push_back(*integer);
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
  const std::size_t most = ZSTD_compressBound(plain.size());
  if (compressed_.size() < most) compressed_.resize(most);
  const std::size_t size =
      ZSTD_compress2(zstd_->compressor, compressed_.data(), compressed_.size(), plain.data(), plain.size());
  if (ZSTD_isError(size) != 0) throw std::bad_alloc();  // there is room: it can only be memory
  return compressed_.substr(0, size);
}

std::string ColumnCodec::encode(std::span<const std::int64_t> numbers) {
  return encode_integers(numbers, 0);
}

/// What each form is worth: the bits that its numbers have, zigzagged, in the order of kForms. The first
/// number counts in none: it has nothing before it.
std::array<std::uint64_t, ColumnCodec::kForms.size()> ColumnCodec::weigh(
    std::span<const std::int64_t> numbers) {
  std::uint64_t differences = 0;
  std::uint64_t plain = 0;
  std::uint64_t second_differences = 0;
  std::int64_t difference_before = 0;
  const auto bits = [](std::int64_t number) {
    return static_cast<std::uint64_t>(std::bit_width(zigzag(number)));
  };
  for (std::size_t i = 1; i < numbers.size(); ++i) {
    const std::int64_t difference = minus(numbers[i], numbers[i - 1]);
    differences += bits(difference);
    plain += bits(numbers[i]);
    second_differences += bits(minus(difference, difference_before));
    difference_before = difference;
  }
  return {differences, plain, second_differences};
}

/// The numbers in a form, zigzagged, into folded_; the first, which must not make all of them wide, as zero.
/// Returns the bits that the widest needs.
unsigned ColumnCodec::fold(std::span<const std::int64_t> numbers, Form form) {
  folded_.resize(numbers.size());
  if (numbers.empty()) return 0;
  folded_[0] = 0;
  std::int64_t difference_before = 0;
  std::uint64_t any = 0;
  for (std::size_t i = 1; i < numbers.size(); ++i) {
    const std::int64_t difference = minus(numbers[i], numbers[i - 1]);
    const std::int64_t kept = form == Form::numbers       ? numbers[i]
                              : form == Form::differences ? difference
                                                          : minus(difference, difference_before);
    difference_before = difference;
    folded_[i] = zigzag(kept);
    any |= folded_[i];
  }
  return packing_width(any);
}

std::string ColumnCodec::encode_integers(std::span<const std::int64_t> numbers, int decimals) {
  // Which form is smallest is told well by how many bits its numbers have; only where two are near each other
  // both are tried.
  const auto bits = weigh(numbers);
  const std::uint64_t least = *std::min_element(bits.begin(), bits.end());
  std::string smallest;
  for (std::size_t i = 0; i < kForms.size(); ++i) {
    if (bits.at(i) > least + least / 8) continue;
    const unsigned width = fold(numbers, kForms.at(i));
    plain_.clear();
    plain_ += static_cast<char>(kForms.at(i));
    plain_ += static_cast<char>(decimals);
    plain_ += static_cast<char>(width);
    put_varint(plain_, numbers.size());
    put_varint(plain_, numbers.empty() ? 0 : zigzag(numbers.front()));
    pack(plain_, folded_, width);
    std::string bytes = compress(plain_);
    if (smallest.empty() || bytes.size() < smallest.size()) smallest = std::move(bytes);
    if (width == 0) break;  // nothing is smaller
  }
  return smallest;
}

std::string ColumnCodec::encode(std::span<const double> values, int decimals) {
  if (scale(values, decimals, numbers_)) return encode_integers(numbers_, decimals);
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
  if (size == ZSTD_CONTENTSIZE_ERROR || size == ZSTD_CONTENTSIZE_UNKNOWN || size > kMaxPlainBytes)
    column_is_damaged();
  plain_.resize(static_cast<std::size_t>(size));
  const std::size_t got =
      ZSTD_decompressDCtx(zstd_->decompressor, plain_.data(), plain_.size(), bytes.data(), bytes.size());
  if (ZSTD_isError(got) != 0 || got != plain_.size()) column_is_damaged();
  rest = plain_;
  Header header;
  if (rest.size() < 3) column_is_damaged();
  header.form = static_cast<Form>(rest[0]);
  header.decimals = rest[1];
  header.width = static_cast<unsigned char>(rest[2]);
  rest.remove_prefix(3);
  const auto count = take_varint(rest);
  if (!count || *count > kMaxColumnValues) column_is_damaged();
  header.count = static_cast<std::size_t>(*count);
  const bool narrow = header.width == 0 || header.width == 1 || header.width == 2 || header.width == 4;
  const bool wide = header.width <= 64 && header.width % 8 == 0;
  if (header.decimals < 0 || header.decimals > 6 || !(narrow || wide)) column_is_damaged();
  return header;
}

/// Calls put(i, number) for the numbers from `begin` up to, not including, `end`, in order.
template <typename Put>
void ColumnCodec::decode_integers(const Header& header, std::string_view packed, std::size_t begin,
                                  std::size_t end, Put put) {
  const auto first = take_varint(packed);
  if (!first) column_is_damaged();
  // The first one was packed as zero: it must not make all of them wide.
  const std::int64_t start = unzigzag(*first);
  std::int64_t value = start;
  std::int64_t difference = 0;
  switch (header.form) {
    case Form::numbers:
      for_each_packed(
          packed, header.count, begin, end, header.width,
          [&](std::size_t i, std::uint64_t folded) { put(i, i == 0 ? start : unzigzag(folded)); });
      break;
    case Form::differences:
      value = plus(start, sum_of_packed(packed, header.count, begin, header.width));
      for_each_packed(packed, header.count, begin, end, header.width,
                      [&](std::size_t i, std::uint64_t folded) {
                        value = plus(value, unzigzag(folded));
                        put(i, value);
                      });
      break;
    case Form::second_differences:
      for_each_packed(packed, header.count, 0, begin, header.width, [&](std::size_t, std::uint64_t folded) {
        difference = plus(difference, unzigzag(folded));
        value = plus(value, difference);
      });
      for_each_packed(packed, header.count, begin, end, header.width,
                      [&](std::size_t i, std::uint64_t folded) {
                        difference = plus(difference, unzigzag(folded));
                        value = plus(value, difference);
                        put(i, value);
                      });
      break;
    default:
      column_is_damaged();
  }
}

void ColumnCodec::decode(std::string_view bytes, std::vector<std::int64_t>& numbers) {
  std::string_view rest;
  const Header header = open(bytes, rest);
  if (header.form == Form::doubles || header.decimals != 0) column_is_damaged();
  numbers.resize(header.count);
  decode_integers(header, rest, 0, header.count,
                  [&numbers](std::size_t i, std::int64_t number) { numbers[i] = number; });
}

void ColumnCodec::decode(std::string_view bytes, std::vector<double>& values) {
  std::string_view rest;
  const Header header = open(bytes, rest);
  decode_range(header, rest, 0, header.count, values);
}

void ColumnCodec::decode(std::string_view bytes, std::size_t count, std::size_t begin, std::size_t end,
                         std::vector<double>& values) {
  std::string_view rest;
  const Header header = open(bytes, rest);
  if (header.count != count || begin > end || end > count) column_is_damaged();
  decode_range(header, rest, begin, end, values);
}

void ColumnCodec::decode_range(const Header& header, std::string_view rest, std::size_t begin,
                               std::size_t end, std::vector<double>& values) {
  values.resize(end - begin);
  double* const out = values.data();
  if (header.form != Form::doubles) {
    const double power = util::kPowersOfTen.at(static_cast<std::size_t>(header.decimals));
    decode_integers(header, rest, begin, end, [out, power, begin](std::size_t i, std::int64_t number) {
      out[i - begin] = static_cast<double>(number) / power;
    });
    return;
  }
  if (header.width != 64) column_is_damaged();
  std::uint64_t bits = 0;
  for_each_packed(rest, header.count, 0, end, header.width, [&](std::size_t i, std::uint64_t folded) {
    bits ^= folded;
    if (i >= begin) out[i - begin] = std::bit_cast<double>(bits);
  });
}

}  // namespace hostwatch::storage
