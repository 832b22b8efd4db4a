#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace hostwatch::storage {

/// What a check of a database (store_admin.h) counted, and what is wrong; nothing: the database is sound.
struct CheckReport {
  std::uint64_t hosts = 0;
  std::uint64_t series = 0;
  std::uint64_t filed = 0;    ///< readings that are filed under their hosts
  std::uint64_t chunks = 0;   ///< of readings and of roll-ups
  std::uint64_t journal = 0;  ///< readings that are durable and not filed yet
  std::vector<std::string> problems;
  /// Roll-ups that do not stand for their readings: earlier versions could make some of a part of them.
  /// Everything else can be relied on.
  std::vector<std::string> wrong_roll_ups;
  /// What is noted of rows, and the rows contradict: the server sets it anew from them and loses nothing.
  std::vector<std::string> bookkeeping;
  /// What was damaged once and is kept apart: the history is without it, and sound.
  std::vector<std::string> kept_apart;
  std::uint64_t missing = 0;  ///< readings that are kept apart, as far as that can be told
};

}  // namespace hostwatch::storage
