#include "server/storage/sqlite/chunks/tail.h"

#include "server/storage/sqlite/database/schema.h"

namespace hostwatch::storage::sqlite {

void TailWriter::add(std::int64_t timestamp, std::string_view packed) {
  const bool other_period = timestamp / period_ != open_.first / period_;
  if (open_.readings != 0 && (other_period || block_.bytes().size() + packed.size() > kMaxBytes)) flush();
  if (open_.readings == 0) open_.first = timestamp;
  open_.last = timestamp;
  ++open_.readings;
  block_.add(host_, timestamp, packed);
}

void TailWriter::flush() {
  if (open_.readings == 0) return;
  open_.number = next_number_++;
  open_.bytes = static_cast<std::int64_t>(block_.bytes().size());
  insert_->bind(1, row_id(host_, open_.number));
  insert_->bind(2, open_.first);
  insert_->bind(3, open_.last);
  insert_->bind(4, open_.readings);
  insert_->bindNoCopy(5, block_.bytes().data(), static_cast<int>(block_.bytes().size()));
  insert_->exec();
  insert_->reset();
  rows_.push_back(open_);
  open_ = {};
  block_ = {};
}

}  // namespace hostwatch::storage::sqlite
