#include "agent/spool/record.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <array>
#include <string>
#include <vector>

#include "util/crc32c.h"

namespace hostwatch::agent {
namespace {

using ::testing::ElementsAre;

std::string payload_of(std::uint64_t sequence) {
  return "payload " + std::to_string(sequence) + std::string(sequence % 17, 'x');
}

/// Fifty records and where each ends.
struct File {
  std::string bytes;
  std::vector<std::size_t> ends;

  File() {
    for (std::uint64_t sequence = 1; sequence <= 50; ++sequence) {
      append_record(bytes, sequence, payload_of(sequence));
      ends.push_back(bytes.size());
    }
  }
};

/// What comes back; fails the test if any of it was never written.
std::vector<std::uint64_t> read_back(const std::string& bytes, RecordCounts& counts) {
  std::vector<std::uint64_t> sequences;
  counts = read_records(bytes, [&](std::uint64_t sequence, std::string_view payload) {
    EXPECT_TRUE(sequence >= 1 && sequence <= 50 && payload == payload_of(sequence))
        << "invented: " << payload;
    sequences.push_back(sequence);
    return true;
  });
  return sequences;
}

TEST(Crc32c, IsThatOfRfc3720) {  // appendix B.4
  std::string ascending;
  for (char c = 0; c < 32; ++c) ascending += c;
  EXPECT_EQ(util::crc32c(std::string(32, '\0')), 0x8A9136AAU);
  EXPECT_EQ(util::crc32c(std::string(32, '\xFF')), 0x62A8AB43U);
  EXPECT_EQ(util::crc32c(ascending), 0x46DD794EU);
  EXPECT_EQ(util::crc32c("123456789"), 0xE3069283U);
  EXPECT_EQ(util::crc32c(""), 0U);
}

TEST(Crc32c, PiecesGiveTheSumOfTheWhole) {
  const std::string text = "a text that is longer than the eight bytes which are taken at once";
  for (std::size_t cut = 0; cut <= text.size(); ++cut) {
    EXPECT_EQ(util::crc32c(text.substr(cut), util::crc32c(text.substr(0, cut))), util::crc32c(text));
  }
}

TEST(Record, WhatWasWrittenComesBackInOrder) {
  RecordCounts counts;
  EXPECT_EQ(read_back(File().bytes, counts).size(), 50U);
  EXPECT_EQ(counts.records, 50U);
  EXPECT_EQ(counts.damaged, 0U);
}

TEST(Record, OfEveryPrefixAllWholeRecordsComeBack) {
  const File file;
  std::size_t whole = 0;
  for (std::size_t length = 0; length <= file.bytes.size(); ++length) {
    if (whole < file.ends.size() && file.ends[whole] == length) ++whole;
    RecordCounts counts;
    const auto back = read_back(file.bytes.substr(0, length), counts);
    ASSERT_EQ(back.size(), whole) << "cut after " << length << " bytes";
    const bool torn = length != (whole == 0 ? 0 : file.ends[whole - 1]);
    ASSERT_EQ(counts.damaged, torn ? 1U : 0U);
  }
}

TEST(Record, OneFlippedBitAnywhereCostsItsRecordAlone) {
  const File file;
  for (std::size_t at = 0; at < file.bytes.size(); ++at) {
    for (unsigned bit = 0; bit < 8; ++bit) {
      std::string bytes = file.bytes;
      bytes[at] = static_cast<char>(static_cast<unsigned char>(bytes[at]) ^ (1U << bit));
      RecordCounts counts;
      const auto back = read_back(bytes, counts);
      ASSERT_EQ(back.size(), 49U) << "byte " << at << ", bit " << bit;
      ASSERT_EQ(counts.damaged, 1U);
    }
  }
}

TEST(Record, AHoleOfZeroesIsOneDamage) {
  const File file;
  std::string bytes = file.bytes;
  for (std::size_t at = file.ends[9] - 3; at < file.ends[19] - 3; ++at) bytes[at] = '\0';
  RecordCounts counts;
  EXPECT_EQ(read_back(bytes, counts).size(), 39U);
  EXPECT_EQ(counts.damaged, 1U);
}

TEST(Record, ForeignBytesHoldNone) {
  RecordCounts counts;
  EXPECT_TRUE(read_back(std::string(10'000, 'x'), counts).empty());
  EXPECT_TRUE(read_back("HWr\x01HWr\x01HWr\x01HWr\x01HWr\x01HWr\x01HWr\x01HWr\x01", counts).empty());
  EXPECT_TRUE(read_back("", counts).empty());
  EXPECT_EQ(counts.damaged, 0U);
}

TEST(Record, AVisitorCanEndTheReading) {
  std::vector<std::uint64_t> seen;
  read_records(File().bytes, [&](std::uint64_t sequence, std::string_view) {
    seen.push_back(sequence);
    return sequence < 3;
  });
  EXPECT_THAT(seen, ElementsAre(1, 2, 3));
}

}  // namespace
}  // namespace hostwatch::agent
