#pragma once

#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>

namespace hostwatch::agent {

/// Another agent uses the folder.
class SpoolInUse : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// The folder belongs to somebody else, or every user of the machine can write there.
class SpoolNotPrivate : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

/// What an agent keeps from one life to the next, besides readings.
struct AgentState {
  std::string identity;  ///< 32 hexadecimal digits, made by chance, the agent's for ever
  std::optional<std::int64_t> last_timestamp;  ///< of the readings that were taken
  std::string machine;                         ///< machine-id(5) of where it ran; empty: not known
};

/// The state of an agent that has never run: with an identity of its own. `machine`: see AgentState.
AgentState new_agent_state(std::string machine);

/// The folder that an agent keeps things in: makes it, readable by its owner alone, and holds it against
/// other agents. Not thread-safe.
class SpoolFolder {
 public:
  /// Throws SpoolInUse or SpoolNotPrivate. A folder that cannot be made or written is logged and used as it
  /// is.
  explicit SpoolFolder(std::string path);
  ~SpoolFolder();
  SpoolFolder(const SpoolFolder&) = delete;
  SpoolFolder& operator=(const SpoolFolder&) = delete;

  const std::string& path() const { return path_; }

  /// What was saved. An identity is made, and saved, if there is none, or if it is another machine's: this
  /// one was cloned.
  AgentState load(const std::string& machine);

  /// False if it cannot be written, which is logged.
  bool save(const AgentState& state);

 private:
  std::string state_file() const { return path_ + "/agent.json"; }

  std::string path_;
  int lock_ = -1;
};

}  // namespace hostwatch::agent
