#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "server/storage/chunk/column_damaged.h"
#include "util/text/varint.h"

/// Numbers of a column in as few bits as the largest needs. Pure.
namespace hostwatch::storage {

[[noreturn]] inline void column_is_damaged() {
  throw ColumnDamaged("a column of the history is damaged");
}

/// Wraps around, as signed numbers must not.
inline std::int64_t minus(std::int64_t a, std::int64_t b) {
  return static_cast<std::int64_t>(static_cast<std::uint64_t>(a) - static_cast<std::uint64_t>(b));
}
inline std::int64_t plus(std::int64_t a, std::int64_t b) {
  return static_cast<std::int64_t>(static_cast<std::uint64_t>(a) + static_cast<std::uint64_t>(b));
}

/// Whole bits where many fit into a byte, whole bytes else: only so the compressor sees equal numbers as
/// equal bytes.
inline unsigned packing_width(std::uint64_t largest) {
  const auto bits = static_cast<unsigned>(std::bit_width(largest));
  if (bits == 0) return 0;
  for (const unsigned width : {1U, 2U, 4U}) {
    if (bits <= width) return width;
  }
  return (bits + 7) / 8 * 8;
}

/// Narrow numbers several to a byte; wide ones byte by byte: first the lowest of all, then the next of all
/// ...
inline void pack(std::string& out, std::span<const std::uint64_t> numbers, unsigned width) {
  if (width == 0) return;
  if (width >= 8) {
    std::size_t at = out.size();
    out.resize(at + numbers.size() * (width / 8));
    for (unsigned shift = 0; shift < width; shift += 8) {
      for (const std::uint64_t number : numbers) out[at++] = static_cast<char>(number >> shift);
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

/// Throws ColumnDamaged where so many numbers take another room.
inline void check_size(std::string_view packed, std::size_t count, unsigned width) {
  if (packed.size() != (width >= 8 ? count * (width / 8) : (count * width + 7) / 8)) column_is_damaged();
}

/// As for_each_packed(), of numbers of less than a byte.
template <unsigned width, typename Visit>
void for_each_narrow(const unsigned char* from, std::size_t begin, std::size_t end, Visit& visit) {
  constexpr std::size_t kEach = 8 / width;
  constexpr unsigned kMask = (1U << width) - 1;
  for (std::size_t i = begin; i < end; ++i) visit(i, (from[i / kEach] >> (i % kEach * width)) & kMask);
}

/// Calls visit(i, number) for those of `count` packed numbers from `begin` up to, not including, `end`, in
/// order. One loop a width, so that what is visited is worked into it.
template <typename Visit>
void for_each_packed(std::string_view packed, std::size_t count, std::size_t begin, std::size_t end,
                     unsigned width, Visit visit) {
  check_size(packed, count, width);
  const auto* from = reinterpret_cast<const unsigned char*>(packed.data());
  switch (width) {
    case 0:
      for (std::size_t i = begin; i < end; ++i) visit(i, 0);
      break;
    case 1:
      for_each_narrow<1>(from, begin, end, visit);
      break;
    case 2:
      for_each_narrow<2>(from, begin, end, visit);
      break;
    case 4:
      for_each_narrow<4>(from, begin, end, visit);
      break;
    case 8:
      for (std::size_t i = begin; i < end; ++i) visit(i, from[i]);
      break;
    case 16:
      for (std::size_t i = begin; i < end; ++i) {
        visit(i, from[i] | static_cast<std::uint64_t>(from[count + i]) << 8U);
      }
      break;
    default:
      for (std::size_t i = begin; i < end; ++i) {
        std::uint64_t number = 0;
        for (unsigned plane = 0; plane < width / 8; ++plane) {
          number |= static_cast<std::uint64_t>(from[plane * count + i]) << (8 * plane);
        }
        visit(i, number);
      }
  }
}

/// What the numbers that a byte of narrow ones holds, zigzagged, come to together.
template <unsigned width>
inline constexpr std::array<std::int8_t, 256> kSumOfByte = [] {
  std::array<std::int8_t, 256> sums{};
  for (unsigned byte = 0; byte < sums.size(); ++byte) {
    std::int64_t sum = 0;
    for (unsigned shift = 0; shift < 8; shift += width)
      sum += util::unzigzag((byte >> shift) & ((1U << width) - 1));
    sums[byte] = static_cast<std::int8_t>(sum);
  }
  return sums;
}();

/// As sum_of_packed(), of numbers of less than a byte.
template <unsigned width>
std::int64_t sum_of_narrow(const unsigned char* from, std::size_t end) {
  constexpr std::size_t kEach = 8 / width;
  std::int64_t sum = 0;
  const std::size_t whole = end / kEach;
  for (std::size_t i = 0; i < whole; ++i) sum += kSumOfByte<width>[from[i]];
  for (std::size_t i = whole * kEach; i < end; ++i) {
    sum += util::unzigzag((from[i / kEach] >> (i % kEach * width)) & ((1U << width) - 1));
  }
  return sum;
}

/// What the first `end` of `count` packed numbers, zigzagged, come to together: what passing over differences
/// takes, several at a time.
inline std::int64_t sum_of_packed(std::string_view packed, std::size_t count, std::size_t end,
                                  unsigned width) {
  check_size(packed, count, width);
  const auto* from = reinterpret_cast<const unsigned char*>(packed.data());
  std::int64_t sum = 0;
  switch (width) {
    case 1:
      return sum_of_narrow<1>(from, end);
    case 2:
      return sum_of_narrow<2>(from, end);
    case 4:
      return sum_of_narrow<4>(from, end);
    case 8: {
      // Below 2^16 numbers of a byte stay within 32 bits, of which the processor adds more at a time.
      constexpr std::size_t kPart = 1U << 16U;
      for (std::size_t begin = 0; begin < end; begin += kPart) {
        std::int32_t part = 0;
        for (std::size_t i = begin; i < std::min(end, begin + kPart); ++i) {
          const auto number = static_cast<std::int32_t>(from[i]);
          part += (number >> 1) ^ -(number & 1);
        }
        sum += part;
      }
      return sum;
    }
    default:
      for_each_packed(packed, count, 0, end, width,
                      [&](std::size_t, std::uint64_t number) { sum = plus(sum, util::unzigzag(number)); });
      return sum;
  }
}

}  // namespace hostwatch::storage
