#include "server/workers.h"

namespace hostwatch::server {

void Workers::stop() {
  decoders_.stop();
  queries_.stop();
  overviews_.stop();
  credentials_.stop();
  passwords_.stop();
}

}  // namespace hostwatch::server
