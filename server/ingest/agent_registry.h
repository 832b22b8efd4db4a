#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace hostwatch::ingest {

/// One request of an agent whose readings are stored.
struct AgentReport {
  std::string identity;              ///< as sent; what is_agent_identity() refuses is passed over
  std::string address;               ///< of the client, behind any proxy that is trusted
  std::optional<std::int64_t> date;  ///< the agent's clock when it sent, Unix seconds
  std::int64_t now = 0;              ///< the server's clock when it arrived, Unix seconds
  std::uint64_t connection = 0;      ///< by which it came, as in Sender; 0: not told
};

/// What became of the readings of one request.
struct Reception {
  bool has_accepted = false;             ///< some were new
  std::vector<std::string> conflicting;  ///< hosts of which some were stored already with other values
};

/// A host whose readings came with a request.
struct ReportingHost {
  std::string name;
  std::int64_t interval = 0;  ///< seconds between readings as the host says; 0: it did not say
};

/// An agent that reports under some host's name.
struct KnownAgent {
  std::string identity;
  std::string address;           ///< of its last request
  std::int64_t first_heard = 0;  ///< the server's clock, Unix seconds
  std::int64_t last_heard = 0;
};

/// What is known of the agents behind one host's name.
struct HostAgents {
  std::vector<KnownAgent> agents;          ///< in order of first_heard; none for plain clients
  std::string conflict;                    ///< two machines share the name: which, and what to do; else empty
  std::optional<std::int64_t> clock_skew;  ///< seconds that the agent's clock is ahead of the server's
};

/// What is wrong with a host's name or clock.
struct HostTrouble {
  bool has_conflict = false;    ///< two machines share the name
  std::int64_t clock_skew = 0;  ///< seconds that the agent's clock is ahead of the server's
};

using AgentsByHost = std::map<std::string, HostAgents, std::less<>>;

/// An event for the server's log.
struct AgentNotice {
  bool is_warning;
  std::string text;
};

/// True for the identity that an agent chose for itself: 32 lower-case hexadecimal digits.
bool is_agent_identity(std::string_view text);

/// The part of an identity that people are shown: enough to tell a few agents apart.
std::string_view short_identity(std::string_view identity);

/// Who reports under which host's name, and by which clock: kept in memory alone, learnt anew after a start.
///
/// Two machines share a name when one identity is heard, then another, then the first again, within the time
/// of silence that ends it: a machine that is replaced, or an agent that is reinstalled, never comes back
/// after its successor. It is over when all but one have been silent for ten minutes (five intervals if
/// longer).
///
/// So do two machines of which one is a copy of the other, its agent's identity included: they are told by
/// readings of one second that have different values, which no agent sends by itself. One that comes by
/// another way than what was stored last is a contradiction; there is a conflict once two ways have each had
/// three. A way is an address; at one address it is a connection, of agents alone: a plain client may use
/// several at once. One that repeats itself, or that connects anew each time, never comes to that.
///
/// A request's date says how far the agent's clock is ahead; the time that it travelled takes away from that,
/// so the greatest of the last three counts.
///
/// Thread-safe. Bounded: the hosts that it was told of, which are those in the store, and four identities
/// each.
class AgentRegistry {
 public:
  using Notices = std::function<void(const AgentNotice&)>;
  static constexpr std::size_t kMostIdentities = 4;
  static constexpr std::size_t kMostRivals = 4;
  static constexpr std::uint32_t kContradictions = 3;
  static constexpr std::int64_t kLeastSilence = 600;  ///< seconds
  static constexpr std::int64_t kSkewBeyond = 5;      ///< seconds; a warning begins above
  static constexpr std::int64_t kSkewBackWithin = 3;  ///< seconds; and ends here

  /// @param notices called outside the lock, from the thread that calls heard() or snapshot()
  explicit AgentRegistry(Notices notices) : notices_(std::move(notices)) {}

  /// The host's readings come so often, in seconds; 0: not known.
  void set_interval(std::string_view hostname, std::int64_t seconds);

  /// Readings of these hosts came with this request and are stored.
  void heard(std::span<const ReportingHost> hosts, const AgentReport& report, Reception reception = {});

  /// Deletes what is known of a host that is deleted.
  void delete_host(std::string_view hostname);

  /// Everything that is known, by host name. `now`: the server's clock.
  AgentsByHost snapshot(std::int64_t now);

  /// The hosts with which something is wrong, by name; costs little where there are none.
  std::map<std::string, HostTrouble, std::less<>> troubles(std::int64_t now);

 private:
  static constexpr std::size_t kSkews = 3;
  /// By which readings of a host come.
  struct Way {
    std::string address;
    std::uint64_t connection = 0;  ///< 0: by the address alone
    friend bool operator==(const Way&, const Way&) = default;
  };
  struct Rival {
    Way way;
    std::uint32_t contradictions = 0;
    std::int64_t last = 0;  ///< of them
  };
  struct Host {
    Way holder;  ///< of the readings that were stored last
    std::int64_t held = 0;
    std::vector<Rival> rivals;
    bool values_conflict = false;
    std::vector<KnownAgent> agents;
    std::string latest;  ///< identity heard last
    std::int64_t interval = 0;
    bool in_conflict = false;
    std::array<std::int64_t, kSkews> skews{};
    std::size_t skew_count = 0;  ///< ever measured
    bool skew_told = false;
  };
  using Hosts = std::map<std::string, Host, std::less<>>;

  static std::int64_t silence_of(const Host& host);
  static std::vector<const KnownAgent*> active(const Host& host, std::int64_t now);
  static std::string describe_conflict(const std::string& name, const Host& host, std::int64_t now);
  static std::string describe_rivals(const std::string& name, const Host& host);
  static std::string conflict_of(const std::string& name, const Host& host, std::int64_t now);
  static std::optional<std::int64_t> skew_of(const Host& host);
  static void note_contradiction(Host& host, const Way& way, std::int64_t now);
  static void note_values(Host& host, const AgentReport& report, bool has_accepted, bool is_conflicting);
  static void note_identity(Host& host, const AgentReport& report);
  static void note_skew(Host& host, std::int64_t skew);
  static void judge_skew(const std::string& name, Host& host, std::vector<AgentNotice>& notices);
  static void end_conflict(const std::string& name, Host& host, std::int64_t now,
                           std::vector<AgentNotice>& notices);
  void tell(const std::vector<AgentNotice>& notices) const;

  Notices notices_;
  std::mutex mutex_;
  Hosts hosts_;
};

}  // namespace hostwatch::ingest
