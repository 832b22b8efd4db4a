#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "server/storage/chunk/column_damaged.h"

namespace hostwatch::storage {

/// Longest column that is read or written.
inline constexpr std::size_t kMaxColumnValues = 1U << 20U;

/// Columns of numbers as bytes: the differences of neighbours (or of differences, or the numbers themselves:
/// whichever comes out smallest), packed into as few bits as the largest needs, then compressed by zstd with
/// a checksum. A series of one decimal thus comes close to the entropy of its differences. Not thread-safe:
/// one object a thread.
class ColumnCodec {
 public:
  ColumnCodec();
  ~ColumnCodec();
  ColumnCodec(const ColumnCodec&) = delete;
  ColumnCodec& operator=(const ColumnCodec&) = delete;

  /// At most kMaxColumnValues numbers.
  std::string encode(std::span<const std::int64_t> numbers);

  /// Every double comes back bit for bit: as integers of `decimals` (0 to 6) digits after the point where all
  /// of them are exactly that, else as their eight bytes.
  std::string encode(std::span<const double> values, int decimals);

  /// `values` becomes what was encoded. Throws ColumnDamaged.
  void decode(std::string_view bytes, std::vector<std::int64_t>& numbers);
  void decode(std::string_view bytes, std::vector<double>& values);

  /// The values from number `begin` up to, not including, `end`; less work than all of them. Throws
  /// ColumnDamaged if there are not `count` in all.
  void decode(std::string_view bytes, std::size_t count, std::size_t begin, std::size_t end,
              std::vector<double>& values);

 private:
  struct Zstd;
  /// What the compressed bytes hold, in its first byte.
  enum class Form : std::uint8_t { numbers = 1, differences = 2, second_differences = 3, doubles = 4 };
  struct Header {
    Form form = Form::numbers;
    int decimals = 0;
    unsigned width = 0;  ///< bits a number
    std::size_t count = 0;
  };

  /// Those that integers may be kept in, in the order in which they are tried.
  static constexpr std::array<Form, 3> kForms{Form::differences, Form::numbers, Form::second_differences};
  static std::array<std::uint64_t, kForms.size()> weigh(std::span<const std::int64_t> numbers);
  unsigned fold(std::span<const std::int64_t> numbers, Form form);

  std::string compress(const std::string& plain);
  /// Leaves what follows the header in `rest`, which is within plain_.
  Header open(std::string_view bytes, std::string_view& rest);
  std::string encode_integers(std::span<const std::int64_t> numbers, int decimals);
  template <typename Put>
  void decode_integers(const Header& header, std::string_view packed, std::size_t begin, std::size_t end,
                       Put put);
  void decode_range(const Header& header, std::string_view rest, std::size_t begin, std::size_t end,
                    std::vector<double>& values);

  std::unique_ptr<Zstd> zstd_;
  std::string plain_;
  std::string compressed_;
  std::vector<std::uint64_t> folded_;
  std::vector<std::int64_t> numbers_;
};

}  // namespace hostwatch::storage
