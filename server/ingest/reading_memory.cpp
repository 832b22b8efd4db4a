#include "server/ingest/reading_memory.h"

#include <string>

namespace hostwatch::ingest {
namespace {

/// The allocator's own part of a block, and what it rounds up, on average.
constexpr std::size_t kBlockOverhead = 16;
/// Facts are a block of their own, and texts for the most part; a host sends them rarely.
constexpr std::size_t kFactsBytes = sizeof(protocol::HostFacts) + kBlockOverhead + 512;
/// What a map adds to a tag: three pointers and a colour.
constexpr std::size_t kNodeBytes = 32;

std::size_t outside(const std::string& text) {
  static const std::size_t kInside = std::string().capacity();
  return text.capacity() > kInside ? text.capacity() + kBlockOverhead : 0;
}

}  // namespace

std::size_t memory_of(const std::vector<protocol::ReceivedReading>& readings) {
  const protocol::Layout* layout = protocol::empty_layout().get();
  std::size_t bytes = readings.capacity() * sizeof(protocol::ReceivedReading);
  for (const protocol::ReceivedReading& reading : readings) {
    bytes += outside(reading.hostname) + reading.values.capacity() * sizeof(double);
    if (reading.layout.get() != layout) bytes += reading.layout->bytes();
    layout = reading.layout.get();
    if (!reading.facts) continue;
    bytes += kFactsBytes;
    for (const auto& [key, value] : reading.facts->tags) {
      bytes += sizeof(protocol::Tag) + kNodeBytes + kBlockOverhead + outside(key) + outside(value);
    }
    for (const auto* names : {&reading.facts->repeated_interfaces, &reading.facts->repeated_disks}) {
      if (!*names) continue;
      for (const std::string& name : **names) {
        bytes += sizeof(std::string) + kNodeBytes + kBlockOverhead + outside(name);
      }
    }
  }
  return bytes;
}

}  // namespace hostwatch::ingest
