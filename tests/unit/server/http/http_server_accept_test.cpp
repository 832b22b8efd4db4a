// Connections that the system does not give: the listening socket lives on.
#include <gmock/gmock.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <vector>

#include "tests/unit/server/http/server_fixture.h"

namespace {

/// What the next accept4() of this program fails with; 0: it does not.
std::atomic<int> next_accept_error{0};

}  // namespace

/// In place of the C library's.
extern "C" int accept4(int socket, sockaddr* address, socklen_t* length, int flags) {
  if (const int error = next_accept_error.exchange(0); error != 0) {
    errno = error;
    return -1;
  }
  return static_cast<int>(::syscall(SYS_accept4, socket, address, length, flags));
}

namespace hostwatch::http::test {
namespace {

using testing::StartsWith;

class HttpServerAccept : public ServerTest {
 protected:
  std::string answer_now() const {
    RawClient client(server_->port());
    client.send(get("/"));
    return client.answer();
  }
};

TEST_F(HttpServerAccept, AnErrorOfOneConnectionConcernsThatOneAlone) {
  start();
  for (const int error : {ECONNABORTED, EPERM, EPROTO, EINTR, EHOSTUNREACH}) {
    next_accept_error = error;
    EXPECT_THAT(answer_now(), StartsWith("HTTP/1.1 200 ")) << error;
  }
}

TEST_F(HttpServerAccept, WithoutMemoryOrDescriptorsItIsTriedAgainWithinTwoSeconds) {
  start();
  for (const int error : {ENOMEM, ENOBUFS, ENFILE, EMFILE}) {
    next_accept_error = error;
    const auto began = std::chrono::steady_clock::now();
    EXPECT_THAT(answer_now(), StartsWith("HTTP/1.1 200 ")) << error;
    EXPECT_LT(std::chrono::steady_clock::now() - began, std::chrono::seconds(2));
  }
}

TEST_F(HttpServerAccept, WhenDescriptorsRunOutOpenConnectionsGoOnAndNewOnesComeLater) {
  start();
  RawClient open(server_->port());
  open.send(get("/"));
  EXPECT_THAT(open.answer(), StartsWith("HTTP/1.1 200 "));
  RawClient late(server_->port());
  rlimit before{};
  ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &before), 0);
  // The client's own descriptor is the last that fits.
  RawClient last(server_->port());
  const rlimit low{static_cast<rlim_t>(last.socket()), before.rlim_max};
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &low), 0);
  for (int i = 0; i < 20; ++i) {
    open.send(get("/"));
    EXPECT_THAT(open.answer(), StartsWith("HTTP/1.1 200 "));
  }
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &before), 0);
  const auto began = std::chrono::steady_clock::now();
  late.send(get("/"));
  last.send(get("/"));
  EXPECT_THAT(late.answer(), StartsWith("HTTP/1.1 200 "));
  EXPECT_THAT(last.answer(), StartsWith("HTTP/1.1 200 "));
  EXPECT_LT(std::chrono::steady_clock::now() - began, std::chrono::seconds(2));
}

}  // namespace
}  // namespace hostwatch::http::test
