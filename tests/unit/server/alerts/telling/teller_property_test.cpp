// Whatever happens in whatever order: who must be told is told, and nothing twice.
#include <random>

#include "tests/unit/server/alerts/telling/telling_fixture.h"

namespace hostwatch::alerts {
namespace {

class TellingProperty : public Telling, public ::testing::WithParamInterface<unsigned> {
 protected:
  std::uint32_t any(std::uint32_t below) { return static_cast<std::uint32_t>(random_() % below); }

  std::int64_t any_open() {
    std::vector<std::int64_t> open;
    for (const auto& [id, row] : alarms) {
      if (row.ended == 0) open.push_back(id);
    }
    return open.empty() ? 0 : open[any(static_cast<std::uint32_t>(open.size()))];
  }

  void step() {
    const std::string channel = any(2) == 0 ? "ops" : "mail";
    const std::int64_t id = any_open();
    switch (any(14)) {
      case 0:
      case 1:
      case 2:
        fire(++last_, any(2) == 0 ? "warning" : "critical", "web-" + std::to_string(any(3)),
             any(4) == 0 ? Hush::frozen : Hush::none);
        break;
      case 3:
      case 4:
        if (id != 0) end(id);
        break;
      case 5:
        if (id != 0) rise(id);
        break;
      case 6:
        if (id != 0) fall(id);
        break;
      case 7:
        if (id != 0) hush(id, any(2) == 0 ? Hush::none : Hush::settling);
        break;
      case 8:
        silence(1 + any(300));
        break;
      case 9:
        lines[channel] = any(2) == 0 ? delivery::Outcome::unsent : delivery::Outcome::unknown;
        break;
      case 10:
      case 11:
        lines.erase(channel);
        break;
      case 12:
        restart();
        break;
      default:
        pass(any(120));
        break;
    }
    if (any(2) == 0) pass(any(5));
  }

  std::int64_t last_ = 0;

 private:
  std::mt19937 random_{GetParam()};
};

TEST_P(TellingProperty, WhoMustBeToldIsToldAndNothingTwice) {
  set_channels({{"ops"}, {"mail", delivery::ChannelKind::webhook}});
  for (int i = 0; i < 150; i++) step();
  lines.clear();
  for (const auto& [id, row] : alarms) hush(id, Hush::none);
  pass(1000);

  for (const std::string channel : {"ops", "mail"}) {
    std::map<std::int64_t, std::vector<std::string>> told;
    std::map<std::string, std::string> bodies;
    for (const auto& message : received[channel]) {
      // A result that a kill lost: the same message comes again, with its id.
      const auto [known, is_first] = bodies.emplace(message.id, message_body(message));
      EXPECT_EQ(known->second, message_body(message));
      if (!is_first) continue;
      for (const auto& notice : message.alarms) told[notice.id].push_back(notice.event);
    }
    for (const auto& [id, row] : alarms) {
      const auto& events = told[id];
      const std::string list = ::testing::PrintToString(events) + " of " + std::to_string(id);
      EXPECT_EQ(std::set<std::string>(events.begin(), events.end()).size(), events.size())
          << "twice: " << list;
      if (row.ended == 0) {
        EXPECT_FALSE(events.empty()) << "not told: " << list;
        if (row.severity == "critical" && !events.empty()) {
          const auto ledger = store.told.at({id, channel});
          EXPECT_EQ(ledger.state, "critical") << list;
        }
        EXPECT_TRUE(events.empty() || events[0] == "fired") << list;
      } else if (!events.empty()) {
        EXPECT_EQ(events.back(), "ended") << list;
      }
    }
  }
  for (const auto& row : store.state().waiting) ADD_FAILURE() << row.id << " still waits";
}

INSTANTIATE_TEST_SUITE_P(Seeds, TellingProperty, ::testing::Range(1U, 201U));

}  // namespace
}  // namespace hostwatch::alerts
