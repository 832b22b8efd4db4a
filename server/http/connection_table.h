#pragma once

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "server/http/connection.h"
#include "server/http/limits/authenticated_connections.h"
#include "server/http/limits/request_memory.h"
#include "server/http/limits/unauthenticated_connections.h"
#include "server/http/limits/unsent_answers.h"
#include "server/http/pending_requests.h"
#include "server/http/poller.h"
#include "util/mutex.h"

namespace hostwatch::http {

/// The open connections: by the number of their sockets, each in a slot with a mutex of its own, and by who
/// their clients are, which says who gives way where there is no room. A connection's ticket tells it from a
/// later one on the same number, so that a late answer or event never meets a stranger. Thread-safe once it
/// is open.
///
/// Order of locks: a slot's mutex is the outermost one; with one held, others are only tried for.
class ConnectionTable {
 public:
  using Clock = Connection::Clock;

  /// What connections are counted in, over all of them.
  struct Accounts {
    RequestMemory& unfinished;
    UnsentAnswers& unsent;
    PendingRequests& pending;
  };

  /// All outlive it.
  ConnectionTable(const HttpServerOptions& options, const Poller& poller, Accounts accounts)
      : options_(options), poller_(poller), accounts_(accounts), unauthenticated_(options.unauthenticated) {}

  /// Makes the slots: as many as the options' max_connections and `descriptors`, the system's limit, allow.
  /// Throws std::bad_alloc.
  void open(std::size_t descriptors);

  /// Connections open now.
  std::size_t count() const { return count_.load(std::memory_order_relaxed); }

  /// False if a connection on that socket from that address cannot come in now. May end another one for it.
  bool make_room(int socket, const std::string& address);

  /// Takes a connection in and waits for its first bytes. Throws, and takes nothing in, for want of memory.
  void add(Channel channel, std::string address);

  /// Calls `visit` with that connection, if it is there still. What it throws ends the connection, as
  /// Connection::dead does.
  template <typename Visit>
  void visit(std::uint64_t ticket, Visit visit) {
    Slot& slot = slot_of(ticket);
    const util::MutexLock lock(slot.mutex);
    if (slot.connection && slot.connection->ticket == ticket) visit_slot(slot, visit);
  }

  /// Likewise with each connection that no thread is at just now.
  template <typename Visit>
  void visit_idle(Visit visit) {
    for (Slot& slot : slots_) {
      if (!slot.mutex.try_lock()) continue;
      const util::MutexLock lock(slot.mutex, std::adopt_lock);
      if (slot.connection) visit_slot(slot, visit);
    }
  }

  /// Ends a connection, unless a thread is at it just now or `condition(connection)` is false. True if it
  /// did.
  template <typename Condition>
  bool close_if(std::uint64_t ticket, Condition condition) {
    Slot& slot = slot_of(ticket);
    if (!slot.mutex.try_lock()) return false;
    const util::MutexLock lock(slot.mutex, std::adopt_lock);
    if (!slot.connection || slot.connection->ticket != ticket || !condition(*slot.connection)) return false;
    close(slot);
    return true;
  }

  /// Ends all.
  void close_all() noexcept;

  /// Whether the client that sent the request still listens. One that has closed its side of the connection
  /// may do so in theory (RFC 9112, section 9.6); in practice it has gone, and servers have always taken it
  /// so.
  bool is_awaited(std::uint64_t ticket, std::uint64_t request);

  // The following are for whoever visits the connection.

  /// Its client has proved who it is (any text that tells it from others).
  void prove(Connection& connection, const std::string& client);

  /// How many connections the client of that one has open: whose, as far as is known.
  std::size_t held_by_its_client(const Connection& connection) const;

  /// Whose the connection is, as far as is known.
  std::string client_of(const Connection& connection) const;

 private:
  struct Slot {
    util::Mutex mutex;
    std::uint32_t generation GUARDED_BY(mutex) = 0;  ///< counts the connections on this number
    std::unique_ptr<Connection> connection GUARDED_BY(mutex);
  };

  Slot& slot_of(std::uint64_t ticket) { return slots_[static_cast<std::size_t>(ticket & 0xFFFFFFFFU)]; }
  void close(Slot& slot) noexcept REQUIRES(slot.mutex);

  template <typename Visit>
  void visit_slot(Slot& slot, Visit& visit) REQUIRES(slot.mutex) {
    Connection& connection = *slot.connection;
    try {
      visit(connection);
    } catch (const std::exception& error) {
      connection.give_up(error);
    }
    if (connection.dead) close(slot);
  }

  const HttpServerOptions& options_;
  const Poller& poller_;
  const Accounts accounts_;
  std::size_t most_ = 0;
  std::vector<Slot> slots_;  ///< by socket number
  std::atomic<std::size_t> count_{0};
  UnauthenticatedConnections unauthenticated_;
  AuthenticatedConnections authenticated_;
};

}  // namespace hostwatch::http
