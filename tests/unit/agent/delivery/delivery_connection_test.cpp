#include <atomic>
#include <memory>
#include <tuple>
#include <vector>

#include "agent/delivery/delivery.h"
#include "tests/unit/agent/delivery/delivery_fixture.h"

// What delivery makes of the connection underneath: servers that restart, freeze, or never come to an end.
namespace hostwatch::agent::test {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::seconds;
using Clock = std::chrono::steady_clock;

void always_ok(const StandInServer::Received& received, std::size_t, httplib::Response& response) {
  say_ok(received, response);
}

/// A port whose queue of connections is full: connecting to it takes until somebody gives up.
class FullListener {
 public:
  FullListener() : socket_(make_socket()) {
    auto* generic = reinterpret_cast<sockaddr*>(&address_);
    address_.sin_family = AF_INET;
    address_.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address_;
    if (::bind(socket_, generic, size) != 0 || ::listen(socket_, 0) != 0 ||
        ::getsockname(socket_, generic, &size) != 0) {
      throw std::runtime_error("no listening socket");
    }
    for (int i = 0; i < 8; ++i) {
      const int filler = make_socket();
      std::ignore = ::connect(filler, generic, size);  // the first ones fill the queue, the rest wait
      fillers_.push_back(filler);
    }
  }

  ~FullListener() {
    for (const int filler : fillers_) ::close(filler);
    ::close(socket_);
  }

  FullListener(const FullListener&) = delete;
  FullListener& operator=(const FullListener&) = delete;

  net::ServerUrl url() const { return {"127.0.0.1", ntohs(address_.sin_port), "/metrics"}; }

 private:
  static int make_socket() { return ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0); }

  int socket_;
  sockaddr_in address_{};
  std::vector<int> fillers_;
};

TEST_F(DeliveryTest, FactsAreWantedAgainByAServerThatWasRestartedBetweenTwoReadings) {
  auto first = std::make_unique<StandInServer>(always_ok);
  const int port = first->port();
  push(1);
  start(first->url());
  ASSERT_TRUE(eventually([&] { return counts().delivered == 1; }));
  EXPECT_EQ(facts_wanted, 0) << "the first reading has them";
  first.reset();
  serve(always_ok, port);
  push(1);
  EXPECT_TRUE(eventually([&] { return counts().delivered == 2 && facts_wanted == 1; }));
  EXPECT_EQ(counts().failures, 0U);
  push(1);
  EXPECT_TRUE(eventually([&] { return counts().delivered == 3; }));
  EXPECT_EQ(facts_wanted, 1) << "it is the same connection";
  delivery.reset();
}

TEST_F(DeliveryTest, FactsAreNotWantedAgainOverAConnectionThatStays) {
  StandInServer& server = serve(always_ok);
  start(server.url());
  for (unsigned i = 1; i <= 3; ++i) {
    push(1);
    ASSERT_TRUE(eventually([&] { return counts().delivered == i; }));
  }
  EXPECT_EQ(facts_wanted, 0);
}

TEST_F(DeliveryTest, AServerThatFreezesIsGivenUpAfterOneTry) {
  // Shared with the handler: that of the request that was given up may outlive this function.
  const auto thaw = std::make_shared<std::atomic<bool>>(false);
  StandInServer& server =
      serve([thaw](const auto& received, std::size_t number, httplib::Response& response) {
        if (number > 1) {
          EXPECT_TRUE(eventually([&] { return thaw->load(); }));
        }
        say_ok(received, response);
      });
  settings.timeouts.read = milliseconds(1'000);
  settings.retry.base = settings.retry.cap = hours(1);
  push(1);
  start(server.url());
  ASSERT_TRUE(emptied());
  push(1);
  EXPECT_TRUE(eventually([&] { return counts().failures == 1; }));
  EXPECT_EQ(server.requests(), 2U) << "the connection was not closed: asking again at once is in vain";
  *thaw = true;
  EXPECT_TRUE(delivery->stop(seconds(10)));
}

TEST_F(DeliveryTest, ARequestThatOutlastsItsLimitIsBrokenOff) {
  DumbListener listener(DumbListener::Manner::silent);
  settings.timeouts.read = hours(1);
  push(1);
  start(listener.url());
  EXPECT_TRUE(eventually([&] {
    delivery->cancel_overdue_request(Clock::now() + hours(1));
    return counts().failures >= 1;
  }));
  EXPECT_EQ(waiting(), 1U);
}

TEST_F(DeliveryTest, ARequestWithinItsLimitIsLeftAlone) {
  std::atomic<bool> go = false;
  StandInServer& server = serve([&](const auto& received, std::size_t, httplib::Response& response) {
    EXPECT_TRUE(eventually([&] { return go.load(); }));
    say_ok(received, response);
  });
  settings.timeouts.request = hours(1);
  push(1);
  start(server.url());
  ASSERT_TRUE(eventually([&] { return server.requests() == 1; }));
  delivery->cancel_overdue_request(Clock::now());
  go = true;
  ASSERT_TRUE(emptied());
  EXPECT_EQ(server.requests(), 1U);
  EXPECT_EQ(counts().failures, 0U);
}

TEST_F(DeliveryTest, AStopDoesNotWaitForAConnectionThatIsBeingMade) {
  FullListener listener;
  settings.timeouts.connect = hours(1);
  push(1);
  start(listener.url());
  EXPECT_TRUE(delivery->stop(seconds(2)));
  EXPECT_EQ(waiting(), 1U);
}

}  // namespace
}  // namespace hostwatch::agent::test
