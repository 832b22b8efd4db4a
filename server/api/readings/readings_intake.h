#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <set>
#include <string>

#include "protocol/decode.h"
#include "protocol/shape_memory.h"
#include "server/api/readings/post_refusals.h"
#include "server/api/reply.h"
#include "server/auth/credential_store.h"
#include "server/http/http_server.h"
#include "server/http/work_pool.h"
#include "server/ingest/agent_registry.h"
#include "server/ingest/ingest_queue.h"
#include "server/storage/store.h"
#include "util/queue_shares.h"

namespace hostwatch::api {

struct IntakeLimits {
  std::size_t max_inflated_bytes = 16UL * 1024 * 1024;  ///< of one body; beyond: 413
  /// A body up to this size, inflated, is decoded on the HTTP server's own thread: that takes less than a
  /// millisecond. A larger one waits for a decoder, so that it holds up nobody's /health.
  std::size_t inline_bytes = 64UL * 1024;
  /// Bodies that wait for a decoder or are being decoded, inflated, together. What is beyond, or beyond the
  /// client's part (see ingest::QueueShares): 503.
  std::size_t max_decoding_bytes = 32UL * 1024 * 1024;
};

/// What the intake stands on. All must outlive it, and `decoders` be stopped before `ingest`.
struct IntakeParts {
  storage::Store& store;
  ingest::IngestQueue& ingest;
  ingest::AgentRegistry& agents;
  auth::CredentialStore& credentials;  ///< remembers which agent was heard as a host
  PostRefusals& refusals;
  http::WorkPool& decoders;
  std::function<std::int64_t()> clock;  ///< Unix seconds
  IntakeLimits limits;
};

/// Who sends readings.
struct Sender {
  std::string only_host;  ///< the one that they may write readings of; empty: any
  std::string address;    ///< of the client at the far end, behind any proxy that is trusted
  /// Tells it from every other one; 0: a proxy's, which may be several clients' in turn.
  std::uint64_t connection = 0;
  std::string client;  ///< tells who shares a place in the queues: see pool_client()
  storage::HostComes new_hosts = storage::HostComes::authenticated;
};

/// POST /metrics: from the body to the answer that its readings are on disk. When more arrives than can be
/// stored it answers 503 with a Retry-After of one to three seconds, in turns so that those who were turned
/// away together do not come back together; and it does so before anything is inflated or decoded. Those who
/// fill the room are turned away first.
/// Thread-safe.
class ReadingsIntake {
 public:
  explicit ReadingsIntake(IntakeParts parts)
      : parts_(std::move(parts)), decoding_(parts_.limits.max_decoding_bytes) {}

  /// An answer at once, or later through the responder.
  Reply take(const http::Request& request, const http::Responder& responder, const Sender& sender);

  /// From now on readings are turned away, also those that wait to be decoded: the server ends.
  void stop() { stopped_ = true; }

  /// Bodies that wait for a decoder or are being decoded, inflated.
  std::size_t decoding_bytes() const {
    const std::lock_guard lock(decoding_mutex_);
    return decoding_bytes_;
  }

  /// Requests turned away because too much waited to be decoded; the queue counts its own.
  std::uint64_t undecoded() const { return undecoded_.load(std::memory_order_relaxed); }

 private:
  class Decoding;

  Reply decode_later(const http::Request& request, const http::Responder& responder, std::size_t size,
                     const Sender& sender);
  Reply decode(const http::Request& request, const http::Responder& responder, std::int64_t now,
               const Sender& sender);
  Reply decode_and_note(const http::Request& request, const http::Responder& responder, std::int64_t now,
                        const Sender& sender);
  std::optional<util::QueueShares::Place> begin_decoding(const std::string& client, std::size_t bytes);
  void end_decoding(const util::QueueShares::Place& place) noexcept;
  http::Response turn_away();
  void log_dropped_series(const protocol::DecodedReadings& decoded);

  IntakeParts parts_;
  protocol::ShapeMemory shapes_;
  mutable std::mutex decoding_mutex_;
  std::size_t decoding_bytes_ = 0;
  util::QueueShares decoding_;  ///< whose they are
  std::atomic<std::uint64_t> undecoded_{0};
  std::atomic<bool> stopped_{false};
  std::atomic<unsigned> turned_away_{0};
  std::mutex told_mutex_;
  std::set<std::string> told_;  ///< hosts whose surplus series were logged
};

}  // namespace hostwatch::api
