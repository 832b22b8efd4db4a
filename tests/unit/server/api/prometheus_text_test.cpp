#include "server/api/prometheus_text.h"

#include <gmock/gmock.h>
#include <sys/wait.h>

#include <cmath>
#include <cstdio>
#include <cstdlib>

#include "protocol/catalogue.h"
#include "tests/unit/server/api/answer_fixture.h"

namespace hostwatch::api::prometheus_text_test {
namespace {

using testing::HasSubstr;
using testing::Not;

std::string prometheus_text(const std::vector<storage::HostState>& hosts, const ServerFigures& figures) {
  return test::text_of([&](AnswerText& text) { format_exposition(test::each_of(hosts), figures, text); });
}

storage::HostState host(const std::string& name) {
  storage::HostState state;
  state.name = name;
  state.last_heard = 1000;
  state.latest = protocol::Reading{name, 990, 12.5, 41, 73.2, {}, std::nullopt};
  return state;
}

ServerFigures figures() {
  ServerFigures figures;
  figures.now = 1010;
  figures.uptime_seconds = 5;
  figures.connections = 2;
  figures.requests = 3;
  figures.ingest.accepted = 4;
  figures.store.hosts = 6;
  return figures;
}

TEST(PrometheusText, TheLatestReadingOfEachHost) {
  storage::HostState web = host("web-1");
  web.latest->samples = {{"load1", "", 0.5},
                         {"network_receive_bytes_per_second", "eth0", 1834},
                         {"jobs", "", 7},
                         {"jobs_by_kind", "mail", 8}};
  const std::string text = prometheus_text({web}, figures());
  for (const char* line :
       {"# TYPE hostwatch_host_up gauge\n", "hostwatch_host_up{hostname=\"web-1\"} 1\n",
        "# HELP hostwatch_cpu_percent Share of time that the processors were busy.\n",
        "hostwatch_cpu_percent{hostname=\"web-1\"} 12.5\n", "hostwatch_ram_percent{hostname=\"web-1\"} 41\n",
        "hostwatch_load1{hostname=\"web-1\"} 0.5\n",
        "hostwatch_network_receive_bytes_per_second{hostname=\"web-1\",interface=\"eth0\"} 1834\n",
        "hostwatch_custom_jobs{hostname=\"web-1\"} 7\n",
        "hostwatch_custom_jobs_by_kind{hostname=\"web-1\",instance_name=\"mail\"} 8\n",
        "# TYPE hostwatch_server_requests_total counter\n", "hostwatch_server_requests_total 3\n",
        "hostwatch_server_readings_accepted_total 4\n", "hostwatch_server_hosts 6\n"}) {
    EXPECT_THAT(text, HasSubstr(line));
  }
}

TEST(PrometheusText, WhatOneKindOfStoreAloneHas) {
  ServerFigures of_sqlite = figures();
  of_sqlite.store.details = {{"uncompacted_readings", "Readings filed and not yet in chunks.", 7}};
  EXPECT_THAT(prometheus_text({}, of_sqlite),
              HasSubstr("# HELP hostwatch_server_uncompacted_readings Readings filed and not yet in chunks.\n"
                        "# TYPE hostwatch_server_uncompacted_readings gauge\n"
                        "hostwatch_server_uncompacted_readings 7\n"));
}

TEST(PrometheusText, WhatIsNotFiniteIsLeftOut) {
  storage::HostState web = host("web-1");
  web.latest->samples = {{"jobs", "a", HUGE_VAL}, {"jobs", "b", std::nan("")}, {"jobs", "c", 1e300}};
  const std::string text = prometheus_text({web}, figures());
  EXPECT_THAT(text, HasSubstr("hostwatch_custom_jobs{hostname=\"web-1\",instance_name=\"c\"} 1e+300\n"));
  EXPECT_THAT(text, Not(HasSubstr("instance_name=\"a\"")));
  EXPECT_THAT(text, Not(HasSubstr("instance_name=\"b\"")));
}

TEST(PrometheusText, AHostThatIsDownHasNoValues) {
  storage::HostState gone = host("gone");
  gone.last_heard = 900;
  const std::string text = prometheus_text({gone}, figures());
  EXPECT_THAT(text, HasSubstr("hostwatch_host_up{hostname=\"gone\"} 0\n"));
  EXPECT_THAT(text, Not(HasSubstr("hostwatch_cpu_percent")));
}

TEST(PrometheusText, WhatIsKnownOfTheAgents) {
  ServerFigures known = figures();
  known.agents["web-1"] = {{}, "", -3};
  known.agents["web-2"] = {{}, "two agents report as 'web-2'", std::nullopt};
  const std::string text = prometheus_text({host("web-1"), host("web-2"), host("web-3")}, known);
  EXPECT_THAT(text, HasSubstr("hostwatch_host_clock_skew_seconds{hostname=\"web-1\"} -3\n"));
  EXPECT_THAT(text, HasSubstr("hostwatch_host_name_conflict{hostname=\"web-2\"} 1\n"));
  EXPECT_THAT(text, Not(HasSubstr("hostwatch_host_clock_skew_seconds{hostname=\"web-2\"}")));
  EXPECT_THAT(text, Not(HasSubstr("hostwatch_host_name_conflict{hostname=\"web-1\"}")));
}

TEST(PrometheusText, AHostWhoseHistoryWasCleanedHasNoValues) {
  storage::HostState cleaned = host("cleaned");
  cleaned.latest.reset();
  EXPECT_THAT(prometheus_text({cleaned}, figures()), Not(HasSubstr("hostwatch_cpu_percent")));
}

TEST(PrometheusText, LabelsAreEscaped) {
  storage::HostState odd = host("a\\b\"c\n} 1");
  odd.latest->samples = {{"filesystem_free_bytes", "/a\\040\"b", 1}};
  const std::string text = prometheus_text({odd}, figures());
  EXPECT_THAT(text, HasSubstr("hostwatch_host_up{hostname=\"a\\\\b\\\"c\\n} 1\"} 1\n"));
  EXPECT_THAT(text, HasSubstr("mountpoint=\"/a\\\\040\\\"b\"} 1\n"));
}

TEST(PrometheusText, CustomNamesNeverMeetOurs) {
  storage::HostState sly = host("sly");
  sly.latest->samples = {{"host_up", "", 5}, {"server_hosts", "", 5}, {"cpu_percent", "", 5}};
  const std::string text = prometheus_text({sly}, figures());
  EXPECT_THAT(text, HasSubstr("hostwatch_host_up{hostname=\"sly\"} 1\n"));
  EXPECT_THAT(text, Not(HasSubstr("hostwatch_host_up{hostname=\"sly\"} 5\n")));
  EXPECT_THAT(text, HasSubstr("hostwatch_custom_host_up{hostname=\"sly\"} 5\n"));
  EXPECT_THAT(text, HasSubstr("hostwatch_custom_server_hosts{hostname=\"sly\"} 5\n"));
  EXPECT_THAT(text, HasSubstr("hostwatch_cpu_percent{hostname=\"sly\"} 12.5\n"));
}

/// The exit status of `promtool check metrics` given the text; what it says goes to the test's output.
int promtool(const std::string& text) {
  FILE* pipe = ::popen("promtool check metrics 2>&1", "w");
  if (pipe == nullptr) return -1;
  std::fwrite(text.data(), 1, text.size(), pipe);
  const int status = ::pclose(pipe);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

TEST(PrometheusText, PassesPromtool) {
  ASSERT_EQ(std::system("promtool --version >/dev/null 2>&1"), 0)
      << "promtool is missing (package prometheus); scripts/test installs it";
  storage::HostState odd = host("\"\\\n<b>");
  for (const protocol::MetricDefinition& metric : protocol::catalogue().subspan(3)) {
    odd.latest->samples.push_back({std::string(metric.name), "", metric.minimum});
    if (!metric.instance_label.empty()) {
      odd.latest->samples.back().instance = "one";
      odd.latest->samples.push_back({std::string(metric.name), "t\"w\\o", metric.maximum});
    }
  }
  odd.latest->samples.push_back({"queue_length", "", -1.5e300});
  ServerFigures with_agents = figures();
  with_agents.agents[odd.name] = {{}, "two agents report", -42};
  with_agents.agents["web-1"] = {{}, "", 0};
  EXPECT_EQ(promtool(prometheus_text({host("web-1"), odd}, with_agents)), 0);
  EXPECT_EQ(promtool(prometheus_text({}, figures())), 0) << "without any host";
  EXPECT_NE(promtool("hostwatch_x{ 1\n"), 0) << "the tool refuses what is wrong";
}

}  // namespace
}  // namespace hostwatch::api::prometheus_text_test
