#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "server/alerts/telling/routes.h"
#include "server/alerts/telling/weekly_window.h"
#include "server/storage/alert_rows.h"

namespace hostwatch::alerts {

/// Nobody is told of what it matches while it holds; evaluated and shown it is all the same. What is empty
/// asks for nothing: a silence without any of them is one of all alarms.
struct Silence {
  std::int64_t id = 0;
  std::vector<std::string> rules = {};                        ///< patterns: one must match
  std::vector<std::string> hosts = {};                        ///< likewise
  std::vector<std::string> instances = {};                    ///< likewise
  std::map<std::string, std::vector<std::string>> tags = {};  ///< of each key one of the values
  std::int64_t from = 0;                                      ///< Unix seconds
  std::int64_t until = 0;                                     ///< obligatory
  std::vector<std::string> weekly = {};                       ///< only then; empty: all the time
  std::string reason;                                         ///< obligatory
  std::string author = {};
  std::int64_t created = 0;
};

/// Reads what people write: {"rules","hosts","tags","instances","from","until","weekly","reason"}; `from` is
/// now if it is left out. Throws TellingError that names the field.
Silence silence_from_json(std::string_view text, std::int64_t now);

/// Of a row that was written (it may be over). Throws TellingError.
Silence silence_from_row(const storage::SilenceRow& row);
storage::SilenceRow to_row(const Silence& silence);

/// Whether silences hold, and until when. For one thread.
class Silences {
 public:
  /// An alarm is silenced by that one until then (Unix seconds; of several the one that holds longest).
  struct Hold {
    std::int64_t silence = 0;
    std::int64_t until = 0;
  };

  void clear() { entries_.clear(); }
  void add(Silence silence);
  /// False if there is none.
  bool remove(std::int64_t id);
  /// Ascending by id.
  std::vector<Silence> list() const;
  /// Takes away those that have been over for a day, and names them.
  std::vector<std::int64_t> remove_over(std::int64_t now);

  /// True if it holds now.
  bool is_active(std::int64_t id, std::int64_t now) const;
  std::optional<Hold> is_silenced(const storage::AlarmRow& alarm, const Tags& tags, std::int64_t now) const;

 private:
  struct Entry {
    Silence silence;
    std::vector<WeeklyWindow> windows;
    // What holds from `known` until before `phase.changes`: finding that out costs some microseconds.
    mutable std::int64_t known = 0;
    mutable WeeklyPhase phase;
  };

  static const WeeklyPhase& phase_at(const Entry& entry, std::int64_t now);

  std::map<std::int64_t, Entry> entries_;
};

}  // namespace hostwatch::alerts
