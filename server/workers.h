#pragma once

#include "server/api/services.h"
#include "server/http/work_pool.h"

namespace hostwatch::server {

// How many threads the pools have, what may wait for them, and what of that may be of one client: a page
// holds six connections, and several people may come from one address.
inline constexpr http::WorkPool::Limits kDecoders{
    .threads = 3, .max_waiting = 128, .max_waiting_of_one = 64, .max_running_of_one = 2};
inline constexpr http::WorkPool::Limits kQueries{
    .threads = 4, .max_waiting = 256, .max_waiting_of_one = 64, .max_running_of_one = 3};
inline constexpr http::WorkPool::Limits kOverviews{
    .threads = 1, .max_waiting = 64, .max_waiting_of_one = 16, .max_running_of_one = 1};
inline constexpr http::WorkPool::Limits kCredentials{
    .threads = 1, .max_waiting = 128, .max_waiting_of_one = 64, .max_running_of_one = 1};
inline constexpr http::WorkPool::Limits kPasswords{.threads = 1, .max_waiting = 16};

/// Owns the server's pools of threads: see api::WorkPools for what each is for.
class Workers {
 public:
  api::WorkPools pools() { return {decoders_, queries_, overviews_, credentials_, passwords_}; }

  /// Ends the decoders once they have done what waits; to be called before the ingest queue ends, to which
  /// they hand what they have decoded.
  void stop_decoders() { decoders_.stop(); }

  /// Ends all pools, one after the other, once they have done what waits.
  void stop();

 private:
  http::WorkPool decoders_{kDecoders};
  http::WorkPool queries_{kQueries};
  http::WorkPool overviews_{kOverviews};
  http::WorkPool credentials_{kCredentials};
  http::WorkPool passwords_{kPasswords};
};

}  // namespace hostwatch::server
