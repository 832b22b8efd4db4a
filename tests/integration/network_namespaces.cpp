#include "tests/integration/network_namespaces.h"

#include <fcntl.h>
#include <sched.h>
#include <unistd.h>

#include <gtest/gtest.h>

#include <thread>

#include "tests/integration/process.h"

namespace hostwatch::testing {
namespace {

bool runs(std::vector<std::string> command, std::string* said = nullptr) {
  const Finished finished = run_to_end(std::move(command));
  if (said != nullptr) *said = finished.output;
  return finished.status == 0;
}

}  // namespace

NetworkNamespaces::NetworkNamespaces()
    : server_("hwt-server-" + std::to_string(::getpid())), agent_("hwt-agent-" + std::to_string(::getpid())) {
  if (::geteuid() != 0) {
    unavailable_ = "network namespaces of our own need root";
    return;
  }
  const std::string cable = "hwt0";
  const bool made =
      ip({"netns", "add", server_}) && ip({"netns", "add", agent_}) &&
      ip({"-n", server_, "link", "add", cable, "type", "veth", "peer", "name", cable, "netns", agent_}) &&
      ip({"-n", server_, "addr", "add", std::string(kServerAddress) + "/24", "dev", cable}) &&
      ip({"-n", agent_, "addr", "add", "10.213.71.2/24", "dev", cable}) &&
      ip({"-n", server_, "link", "set", "lo", "up"}) && ip({"-n", agent_, "link", "set", "lo", "up"}) &&
      ip({"-n", server_, "link", "set", cable, "up"}) && ip({"-n", agent_, "link", "set", cable, "up"});
  if (made) unavailable_.clear();
}

NetworkNamespaces::~NetworkNamespaces() {
  if (::geteuid() != 0) return;
  runs({"ip", "netns", "del", server_});
  runs({"ip", "netns", "del", agent_});
}

bool NetworkNamespaces::ip(std::vector<std::string> words) {
  words.insert(words.begin(), "ip");
  return runs(std::move(words), &unavailable_);
}

void NetworkNamespaces::on_server_side(const std::function<void()>& what) const {
  std::thread([&] {
    const int space = ::open(("/run/netns/" + server_).c_str(), O_RDONLY | O_CLOEXEC);
    const bool entered = space >= 0 && ::setns(space, CLONE_NEWNET) == 0;
    if (space >= 0) ::close(space);
    ASSERT_TRUE(entered);
    what();
  }).join();
}

void NetworkNamespaces::set_cable(bool plugged) const {
  ASSERT_TRUE(runs({"ip", "-n", server_, "link", "set", "hwt0", plugged ? "up" : "down"}));
}

void NetworkNamespaces::set_answers_lost(bool lost) const {
  ASSERT_TRUE(runs({"ip", "-n", server_, "route", lost ? "add" : "del", "blackhole", "10.213.71.2/32"}));
}

}  // namespace hostwatch::testing
