#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "protocol/reading.h"
#include "server/query/fleet.h"
#include "server/query/history.h"
#include "server/storage/store.h"
#include "tests/model/model.h"

namespace hostwatch::model {

/// What the server is started with, as far as it bears on history.
struct Options {
  storage::Retention retention;
  std::uint64_t max_database_bytes = 0;
};

/// What became of readings that were sent together.
struct Sent {
  std::vector<std::size_t> refused;  ///< their places, ascending
  std::uint64_t accepted = 0;
  std::uint64_t duplicates = 0;
  std::uint64_t conflicts = 0;
};

/// A host as it is listed.
struct Listed {
  std::int64_t interval = 0;
  std::int64_t last_seen = 0;
};

/// What the model is held against: a store in this process, or the server's program. Its clock stands where
/// it is put.
class Subject {
 public:
  virtual ~Subject() = default;

  virtual std::int64_t now() const = 0;
  /// Time passes.
  virtual void advance(std::int64_t seconds) = 0;
  /// Its clock is set, by somebody or a time server that is wrong, without that time has passed.
  virtual void set_clock_ahead(std::int64_t seconds) = 0;
  /// Seconds that its clock may be beyond now() when it looks.
  virtual std::int64_t leeway() const = 0;

  /// It asks nothing that lies before: such questions are cut there.
  virtual std::int64_t earliest() const = 0;
  /// Whether it does what is due by itself, so that two answers may be of two states.
  virtual bool goes_on_by_itself() const = 0;

  virtual Sent send(const std::vector<protocol::Reading>& readings) = 0;
  virtual bool forget(const std::string& host) = 0;
  virtual bool clean(const std::string& host) = 0;

  /// Lets it do some of what is due: so many pieces, or (0) all.
  virtual void maintain(int pieces) = 0;
  virtual void restart(const Options& options, bool killed) = 0;

  /// The forms in which an answer can be asked for; the first has minima and maxima. "long" has only values,
  /// "csv" and that do not say their step.
  virtual std::vector<std::string> formats() const = 0;
  virtual query::History history(const query::HistoryRequest& request, const std::string& format) = 0;
  virtual query::Fleet fleet(const query::FleetRequest& request) = 0;
  virtual std::map<std::string, Listed> hosts() = 0;

  /// What `check` finds wrong.
  virtual std::vector<std::string> check() = 0;
  /// What `export` writes, by host.
  virtual std::map<std::string, Model::History> exported() = 0;
  virtual std::uint64_t used_bytes() = 0;
};

}  // namespace hostwatch::model
