#include "server/storage/chunk/chunk.h"

#include <zlib.h>

#include <algorithm>

#include "util/text/varint.h"

namespace hostwatch::storage {
namespace {

using util::put_varint;
using util::take_varint;
using util::unzigzag;
using util::zigzag;

constexpr char kVersion = 1;
constexpr std::size_t kMaxColumns = 1U << 16U;
constexpr std::size_t kCrcBytes = 4;

[[noreturn]] void chunk_is_damaged() {
  throw ColumnDamaged("a chunk of the history is damaged");
}

std::uint32_t crc_of(std::string_view bytes) {
  return static_cast<std::uint32_t>(
      ::crc32(0, reinterpret_cast<const Bytef*>(bytes.data()), static_cast<uInt>(bytes.size())));
}

/// Lengths of the runs of rows without and with a value, in turns; nothing if every row has one. A column
/// like the others, so that it has a checksum.
std::string pack_presence(const std::vector<bool>& present, ColumnCodec& codec) {
  if (std::find(present.begin(), present.end(), false) == present.end()) return {};
  std::vector<std::int64_t> runs;
  bool side = false;
  std::int64_t run = 0;
  for (const bool here : present) {
    if (here != side) {
      runs.push_back(run);
      run = 0;
      side = here;
    }
    ++run;
  }
  runs.push_back(run);
  return codec.encode(std::span<const std::int64_t>(runs));
}

std::vector<bool> unpack_presence(std::string_view bytes, std::size_t rows, ColumnCodec& codec) {
  std::vector<std::int64_t> runs;
  codec.decode(bytes, runs);
  std::vector<bool> present;
  present.reserve(rows);
  bool side = false;
  for (const std::int64_t run : runs) {
    if (run < 0 || static_cast<std::uint64_t>(run) > rows - present.size()) chunk_is_damaged();
    present.insert(present.end(), static_cast<std::size_t>(run), side);
    side = !side;
  }
  if (present.size() != rows) chunk_is_damaged();
  return present;
}

std::uint64_t take_below(std::string_view& bytes, std::uint64_t limit, bool& short_of) {
  const auto number = take_varint(bytes);
  if (!number) {
    short_of = true;
    return 0;
  }
  if (*number > limit) chunk_is_damaged();
  return *number;
}

}  // namespace

std::string write_chunk(const ColumnTable& table, ColumnCodec& codec) {
  std::string body = codec.encode(std::span<const std::int64_t>(table.times));
  std::string head(1, kVersion);
  put_varint(head, table.times.size());
  put_varint(head, table.columns.size());
  put_varint(head, zigzag(table.times.empty() ? 0 : table.times.front()));
  put_varint(head,
             table.times.empty() ? 0 : static_cast<std::uint64_t>(table.times.back() - table.times.front()));
  put_varint(head, body.size());
  std::uint32_t before = 0;
  for (const auto& [series, column] : table.columns) {
    const std::string presence = pack_presence(column.present, codec);
    const std::string values = codec.encode(std::span<const double>(column.values), column.decimals);
    put_varint(head, series - before);
    put_varint(head, presence.size());
    put_varint(head, values.size());
    before = series;
    body += presence;
    body += values;
  }
  const std::uint32_t crc = crc_of(head);
  for (std::size_t i = 0; i < kCrcBytes; ++i) head += static_cast<char>(crc >> (8 * i));
  return head + body;
}

std::optional<ChunkHead> ChunkHead::parse(std::string_view front) {
  constexpr std::uint64_t kMaxBytes = 1ULL << 32U;
  if (front.empty()) return std::nullopt;
  if (front.front() != kVersion) chunk_is_damaged();
  std::string_view rest = front.substr(1);
  bool short_of = false;
  ChunkHead head;
  head.rows_ = static_cast<std::size_t>(take_below(rest, kMaxColumnValues, short_of));
  const std::uint64_t columns = take_below(rest, kMaxColumns, short_of);
  head.first_ = unzigzag(take_below(rest, UINT64_MAX, short_of));
  const std::uint64_t span = take_below(rest, 1ULL << 40U, short_of);
  head.last_ = static_cast<std::int64_t>(static_cast<std::uint64_t>(head.first_) + span);
  head.times_bytes_ = static_cast<std::size_t>(take_below(rest, kMaxBytes, short_of));
  std::uint64_t series = 0;
  for (std::uint64_t i = 0; i < columns && !short_of; ++i) {
    Place place;
    series += take_below(rest, UINT32_MAX, short_of);
    if (series > UINT32_MAX) chunk_is_damaged();
    place.series = static_cast<std::uint32_t>(series);
    place.presence_bytes = static_cast<std::size_t>(take_below(rest, kMaxBytes, short_of));
    place.value_bytes = static_cast<std::size_t>(take_below(rest, kMaxBytes, short_of));
    head.places_.push_back(place);
  }
  if (short_of || rest.size() < kCrcBytes) return std::nullopt;
  const std::size_t head_bytes = front.size() - rest.size();
  std::uint32_t crc = 0;
  for (std::size_t i = 0; i < kCrcBytes; ++i) {
    crc |= static_cast<std::uint32_t>(static_cast<unsigned char>(rest[i])) << (8 * i);
  }
  if (crc != crc_of(front.substr(0, head_bytes))) chunk_is_damaged();
  head.times_offset_ = head_bytes + kCrcBytes;
  std::size_t offset = head.times_offset_ + head.times_bytes_;
  for (Place& place : head.places_) {
    place.offset = offset;
    offset += place.presence_bytes + place.value_bytes;
  }
  return head;
}

const ChunkHead::Place* ChunkHead::find(std::uint32_t series) const {
  const auto found =
      std::lower_bound(places_.begin(), places_.end(), series,
                       [](const Place& place, std::uint32_t wanted) { return place.series < wanted; });
  return found != places_.end() && found->series == series ? &*found : nullptr;
}

void read_times(const ChunkHead& head, std::string_view bytes, ColumnCodec& codec,
                std::vector<std::int64_t>& times) {
  codec.decode(bytes, times);
  if (times.size() != head.rows()) chunk_is_damaged();
  if (std::adjacent_find(times.begin(), times.end(), std::greater_equal<>()) != times.end())
    chunk_is_damaged();
  if (!times.empty() && (times.front() != head.first() || times.back() != head.last())) chunk_is_damaged();
}

void read_column(const ChunkHead& head, const ChunkHead::Place& place, std::string_view bytes, RowRange rows,
                 ColumnCodec& codec, Column& column) {
  if (bytes.size() != place.presence_bytes + place.value_bytes || rows.end > head.rows()) chunk_is_damaged();
  column.present.clear();
  std::size_t count = head.rows();
  RowRange values = rows;
  if (place.presence_bytes != 0) {
    const std::vector<bool> all = unpack_presence(bytes.substr(0, place.presence_bytes), head.rows(), codec);
    const auto begin = all.begin() + static_cast<std::ptrdiff_t>(rows.begin);
    const auto end = all.begin() + static_cast<std::ptrdiff_t>(rows.end);
    column.present.assign(begin, end);
    values.begin = static_cast<std::size_t>(std::count(all.begin(), begin, true));
    values.end = values.begin + static_cast<std::size_t>(std::count(begin, end, true));
    count = values.end + static_cast<std::size_t>(std::count(end, all.end(), true));
    if (values.end - values.begin == rows.end - rows.begin) column.present.clear();
  }
  codec.decode(bytes.substr(place.presence_bytes), count, values.begin, values.end, column.values);
}

ColumnTable read_chunk(std::string_view bytes, ColumnCodec& codec) {
  const auto head = ChunkHead::parse(bytes);
  if (!head) chunk_is_damaged();
  const auto part = [bytes](std::size_t offset, std::size_t size) {
    if (offset > bytes.size() || size > bytes.size() - offset) chunk_is_damaged();
    return bytes.substr(offset, size);
  };
  ColumnTable table;
  read_times(*head, part(head->times_offset(), head->times_bytes()), codec, table.times);
  for (const ChunkHead::Place& place : head->places()) {
    read_column(*head, place, part(place.offset, place.presence_bytes + place.value_bytes), {0, head->rows()},
                codec, table.columns[place.series]);
  }
  return table;
}

}  // namespace hostwatch::storage
