#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

namespace hostwatch::storage::sqlite {

/// Collects the readings of one transaction for one row of the journal: for each reading the host's number
/// and the timestamp's difference to the one before (zigzag varints), then the packed values, their length
/// first.
class JournalBlockWriter {
 public:
  void add(std::int64_t host, std::int64_t timestamp, std::string_view packed);
  const std::string& bytes() const { return bytes_; }

 private:
  std::string bytes_;
  std::int64_t previous_timestamp_ = 0;
};

/// Calls `visit` for each reading of a block. Throws StoreError if the bytes are damaged.
void read_journal_block(
    std::string_view bytes,
    const std::function<void(std::int64_t host, std::int64_t timestamp, std::string_view packed)>& visit);

}  // namespace hostwatch::storage::sqlite
