#include "server/storage/packed/journal_block.h"

#include "server/storage/store.h"
#include "util/text/varint.h"

namespace hostwatch::storage::sqlite {
using util::put_varint;
using util::take_varint;
using util::unzigzag;
using util::zigzag;

void JournalBlockWriter::add(std::int64_t host, std::int64_t timestamp, std::string_view packed) {
  put_varint(bytes_, zigzag(host));
  put_varint(bytes_, zigzag(timestamp - previous_timestamp_));
  put_varint(bytes_, packed.size());
  bytes_ += packed;
  previous_timestamp_ = timestamp;
}

void read_journal_block(
    std::string_view bytes,
    const std::function<void(std::int64_t host, std::int64_t timestamp, std::string_view packed)>& visit) {
  std::int64_t timestamp = 0;
  while (!bytes.empty()) {
    const auto host = take_varint(bytes);
    const auto difference = take_varint(bytes);
    const auto length = take_varint(bytes);
    if (!host || !difference || !length || *length > bytes.size()) {
      throw StoreError("the database is damaged: the journal cannot be read");
    }
    timestamp += unzigzag(*difference);
    visit(unzigzag(*host), timestamp, bytes.substr(0, *length));
    bytes.remove_prefix(*length);
  }
}

}  // namespace hostwatch::storage::sqlite
