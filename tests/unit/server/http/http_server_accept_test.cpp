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
  // The smallest number that was free: with it all are in use up to the limit.
  const util::FileDescriptor late(::socket(AF_INET, SOCK_STREAM, 0));
  rlimit before{};
  ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &before), 0);
  const rlimit low{static_cast<rlim_t>(late.get()) + 1, before.rlim_max};
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &low), 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(server_->port()));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  EXPECT_EQ(::connect(late.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address), 0);
  const std::string request = get("/late");
  EXPECT_EQ(::send(late.get(), request.data(), request.size(), 0), static_cast<ssize_t>(request.size()));
  for (int i = 0; i < 20; ++i) {
    open.send(get("/"));
    EXPECT_THAT(open.answer(), StartsWith("HTTP/1.1 200 "));
  }
  EXPECT_EQ(server_->connections(), 1U);
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &before), 0);
  pollfd answered{late.get(), POLLIN, 0};
  EXPECT_EQ(::poll(&answered, 1, 2000), 1) << "within two seconds";
  EXPECT_EQ(server_->connections(), 2U);
}

}  // namespace
}  // namespace hostwatch::http::test
