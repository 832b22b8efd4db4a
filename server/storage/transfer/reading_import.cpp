#include "server/storage/transfer/reading_import.h"

#include <array>
#include <variant>

#include "protocol/catalogue.h"
#include "protocol/decode.h"
#include "protocol/encode.h"
#include "server/storage/transfer/reading_csv.h"

namespace hostwatch::storage {
namespace {

constexpr std::size_t kReadingsAtOnce = 1000;
constexpr std::size_t kProblems = 20;

/// Gathers lines into readings, and readings into arrays that go the way of posted ones.
class Importer {
 public:
  Importer(Store& store, std::int64_t now) : store_(store), now_(now) {}

  ImportReport run(std::istream& in) {
    CsvReader reader(in);
    std::vector<std::string> fields;
    CsvValue value;
    while (reader.next(fields)) {
      if (reader.line() == 1 && is_csv_header(fields)) continue;
      if (fields.size() == 1 && fields[0].empty()) continue;
      if (const auto wrong = parse_csv_value(fields, value)) {
        if (reader.line() == 1) {  // another kind of file: each line of it would be refused
          refuse("line 1: the header is not " + std::string(kCsvHeader) +
                 ": only what `export` writes can be imported");
          break;
        }
        refuse("line " + std::to_string(reader.line()) + ": " + *wrong);
        continue;
      }
      if (!open_ || value.hostname != hostname_ || value.timestamp != timestamp_) begin(value, reader.line());
      take(value);
    }
    finish_reading();
    store_gathered();
    while (store_.maintain(now_)) {
    }
    return std::move(report_);
  }

 private:
  void refuse(const std::string& why) {
    ++report_.refused;
    if (report_.problems.size() < kProblems) report_.problems.push_back(why);
  }

  void begin(const CsvValue& value, std::uint64_t line) {
    finish_reading();
    hostname_ = value.hostname;
    timestamp_ = value.timestamp;
    line_ = line;
    reading_ = {hostname_, timestamp_, 0, 0, 0, {}, std::nullopt};
    seen_ = {};
  }

  void take(const CsvValue& value) {
    open_ = true;
    const std::array<double*, 3> members{&reading_.cpu, &reading_.ram, &reading_.disk};
    for (std::size_t i = 0; i < members.size(); ++i) {
      if (value.metric != protocol::kBasicMetrics[i] || !value.instance.empty()) continue;
      *members[i] = value.value;
      seen_[i] = true;
      return;
    }
    reading_.samples.push_back({value.metric, value.instance, value.value});
  }

  void finish_reading() {
    if (!open_) return;
    open_ = false;
    if (!seen_[0] || !seen_[1] || !seen_[2]) {
      refuse("line " + std::to_string(line_) + ": the reading has not all of cpu, ram and disk");
      return;
    }
    gathered_ += (gathered_.empty() ? "[" : ",") + protocol::encode_reading(reading_);
    lines_.push_back(line_);
    if (lines_.size() >= kReadingsAtOnce) store_gathered();
  }

  void store_gathered() {
    if (lines_.empty()) return;
    protocol::DecodeLimits limits;
    limits.now = now_;
    limits.earliest = store_.earliest_kept(now_);
    limits.latest = now_ + 300;
    limits.refuses = [this](std::string_view hostname, std::int64_t timestamp) {
      if (!store_.keeps(hostname, timestamp)) return kTimeWasDeleted;
      return store_.admit(hostname, HostComes::authenticated, now_) ? nullptr : kNoMoreHosts;
    };
    auto decoded = protocol::decode_readings(gathered_ + "]", limits);
    if (const auto* error = std::get_if<protocol::DecodeError>(&decoded)) {
      refuse("line " + std::to_string(lines_.front()) + " and on: " + error->error);
    } else {
      const auto& result = std::get<protocol::DecodedReadings>(decoded);
      for (const auto& rejected : result.rejected) {
        refuse("line " + std::to_string(lines_.at(rejected.index)) + ": " + rejected.error);
      }
      const std::span<const protocol::ReceivedReading> readings(result.readings);
      const AppendResult stored = store_.append(std::span(&readings, 1), now_).front();
      report_.accepted += stored.accepted;
      report_.duplicates += stored.duplicates;
      report_.refused += stored.lost;
      store_.maintain(now_);
    }
    gathered_.clear();
    lines_.clear();
  }

  Store& store_;
  std::int64_t now_;
  ImportReport report_;
  bool open_ = false;  ///< a reading is being gathered
  std::string hostname_;
  std::int64_t timestamp_ = 0;
  std::uint64_t line_ = 0;
  protocol::Reading reading_;
  std::array<bool, 3> seen_{};
  std::string gathered_;
  std::vector<std::uint64_t> lines_;
};

}  // namespace

ImportReport import_readings(std::istream& in, Store& store, std::int64_t now) {
  return Importer(store, now).run(in);
}

}  // namespace hostwatch::storage
