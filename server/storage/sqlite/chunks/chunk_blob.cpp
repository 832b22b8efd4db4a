#include "server/storage/sqlite/chunks/chunk_blob.h"

#include <algorithm>

namespace hostwatch::storage::sqlite {
namespace {

/// A small chunk is read whole at once, a large one's head in most cases.
constexpr std::size_t kFront = 16UL * 1024;

}  // namespace

ChunkBlob::~ChunkBlob() {
  sqlite3_blob_close(handle_);
}

void ChunkBlob::check(int result) const {
  if (result != SQLITE_OK) throw SQLite::Exception(connection_.database().getHandle(), result);
}

const ChunkHead& ChunkBlob::open(std::int64_t id) {
  if (handle_ == nullptr) {
    check(sqlite3_blob_open(connection_.database().getHandle(), "main", table_, "chunk", id, 0, &handle_));
  } else {
    const int result = sqlite3_blob_reopen(handle_, id);
    if (result != SQLITE_OK) {
      sqlite3_blob_close(handle_);
      handle_ = nullptr;
      check(result);
    }
  }
  size_ = static_cast<std::size_t>(sqlite3_blob_bytes(handle_));
  for (std::size_t front = std::min(kFront, size_);; front = std::min(front * 4, size_)) {
    front_.resize(front);
    check(sqlite3_blob_read(handle_, front_.data(), static_cast<int>(front), 0));
    auto head = ChunkHead::parse(front_);
    if (head) {
      head_ = std::move(*head);
      return head_;
    }
    if (front == size_) throw ColumnDamaged("a chunk of the history is damaged");
  }
}

std::string_view ChunkBlob::bytes(std::size_t offset, std::size_t size) {
  if (offset > size_ || size > size_ - offset) throw ColumnDamaged("a chunk of the history is damaged");
  if (offset + size <= front_.size()) return std::string_view(front_).substr(offset, size);
  part_.resize(size);
  check(sqlite3_blob_read(handle_, part_.data(), static_cast<int>(size), static_cast<int>(offset)));
  return part_;
}

void ChunkBlob::read_times(std::vector<std::int64_t>& times) {
  storage::read_times(head_, bytes(head_.times_offset(), head_.times_bytes()), connection_.codec(), times);
}

void ChunkBlob::read_column(const ChunkHead::Place& place, RowRange rows, Column& column) {
  storage::read_column(head_, place, bytes(place.offset, place.presence_bytes + place.value_bytes), rows,
                       connection_.codec(), column);
}

}  // namespace hostwatch::storage::sqlite
