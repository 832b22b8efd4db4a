#include "server/api/prometheus_text.h"

#include <gmock/gmock.h>
#include <prometheus/metric_family.h>
#include <prometheus/text_serializer.h>
#include <sys/wait.h>

#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <limits>
#include <map>
#include <sstream>

#include "protocol/catalogue.h"
#include "server/query/host_status.h"
#include "tests/unit/server/api/answer_fixture.h"

namespace hostwatch::api::prometheus_text_test {
namespace {

using testing::HasSubstr;
using testing::Not;

std::string prometheus_text(const std::vector<storage::HostState>& hosts, const ServerFigures& figures) {
  return test::text_of(
      [&](AnswerText& text) { test::write_exposition(test::values_of(hosts), figures, text); });
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

/// The same text made plainly, by the library alone: every value with all of its labels, metric by metric.
class PlainText {
 public:
  std::string of(const std::vector<storage::HostState>& hosts, const ServerFigures& figures) {
    for (const storage::HostState& host : hosts) add_host(host, figures.now);
    std::map<std::string, std::string> texts = server_families(figures);
    for (const auto& [name, family] : families_) {
      std::ostringstream out;
      prometheus::TextSerializer().Serialize(out, {family});
      texts[name] = out.str();
    }
    std::string all;
    for (const auto& [name, text] : texts) all += text;
    return all;
  }

 private:
  void add_host(const storage::HostState& host, std::int64_t now) {
    const bool is_up = query::is_up(host, now);
    add("hostwatch_host_up", "1 while the host's readings arrive, else 0.", {{"hostname", host.name}},
        is_up ? 1 : 0);
    if (!is_up || !host.latest) return;
    add_sample(host.name, {"cpu", "", host.latest->cpu});
    add_sample(host.name, {"ram", "", host.latest->ram});
    add_sample(host.name, {"disk", "", host.latest->disk});
    for (const protocol::Sample& sample : host.latest->samples) add_sample(host.name, sample);
  }
  void add_sample(const std::string& hostname, const protocol::Sample& sample) {
    if (!std::isfinite(sample.value)) return;
    std::vector<prometheus::ClientMetric::Label> labels{{"hostname", hostname}};
    const protocol::MetricDefinition* known = protocol::find_metric(sample.metric);
    if (known == nullptr) {
      if (!sample.instance.empty()) labels.push_back({"instance_name", sample.instance});
      add("hostwatch_custom_" + sample.metric, "A value of its own that a host reports.", labels,
          sample.value);
      return;
    }
    if (!sample.instance.empty()) labels.push_back({std::string(known->instance_label), sample.instance});
    const char* unit = protocol::is_basic_metric(sample.metric) ? "_percent" : "";
    add("hostwatch_" + sample.metric + unit, std::string(known->help), labels, sample.value);
  }
  void add(const std::string& name, const std::string& help,
           const std::vector<prometheus::ClientMetric::Label>& labels, double value) {
    prometheus::MetricFamily& family = families_[name];
    family.name = name;
    family.help = help;
    family.type = prometheus::MetricType::Gauge;
    prometheus::ClientMetric& metric = family.metric.emplace_back();
    metric.label = labels;
    metric.gauge.value = value;
  }

  std::map<std::string, prometheus::MetricFamily> families_;
};

/// Hosts of a few layouts in turn, some of a layout of their own, with numbers of every kind.
std::vector<storage::HostState> various_hosts() {
  constexpr double kSmallest = std::numeric_limits<double>::denorm_min();
  constexpr double kGreatest = std::numeric_limits<double>::max();
  const std::vector<double> numbers{0,         -0.0,     1,
                                    -1,        0.1,      0.1 + 0.2,
                                    9.95,      1.0 / 3,  999999999999999.0,
                                    1e15,      1e16,     123456789012345680.0,
                                    1e17,      1e-4,     0.0000123,
                                    kSmallest, 12.5,     kGreatest,
                                    -1e300,    HUGE_VAL, std::nan("")};
  std::vector<storage::HostState> hosts;
  for (std::size_t i = 0; i < 2000; ++i) {
    storage::HostState& one = hosts.emplace_back(host("host \"" + std::to_string(i) + "\"\\\n"));
    if (i % 17 == 0) one.last_heard = 1;
    if (i % 19 == 0) one.latest.reset();
    if (!one.latest) continue;
    std::size_t next = i;
    const auto number = [&] { return numbers[next++ % numbers.size()]; };
    for (std::size_t core = 0; core < 2 + i % 3; ++core) {
      one.latest->samples.push_back({"cpu_core_percent", std::to_string(core), number()});
      if (i % 2 == 0) one.latest->samples.push_back({"jobs", "queue " + std::to_string(core), number()});
    }
    one.latest->samples.push_back({"load1", "", number()});
    if (i % 5 == 0) one.latest->samples.push_back({"jobs", "", number()});
    if (i % 23 == 0) one.latest->samples.push_back({"own_" + std::to_string(i), "\\\"\n", number()});
  }
  return hosts;
}

TEST(PrometheusText, IsByteForByteWhatTheLibraryWrites) {
  const std::vector<storage::HostState> hosts = various_hosts();
  const std::string text = prometheus_text(hosts, figures());
  EXPECT_GT(text.size(), 256UL * 1024) << "several pieces";
  EXPECT_TRUE(text == PlainText().of(hosts, figures()));
}

/// One whose names are gone is damaged: the host is told of without it, and the others are told of.
TEST(PrometheusText, AReadingWhoseNamesAreGoneIsLeftOut) {
  storage::HostState damaged = host("damaged");
  damaged.latest->samples = {{"jobs", "", 7}};
  LatestValues values = test::values_of({damaged, host("sound")});
  values.name_of = [name_of = values.name_of](std::uint32_t series) {
    if (series > storage::kDiskSeries) throw storage::StoreError("no such series");
    return name_of(series);
  };
  const std::string text =
      test::text_of([&](AnswerText& answer) { test::write_exposition(values, figures(), answer); });
  EXPECT_THAT(text, HasSubstr("hostwatch_host_up{hostname=\"damaged\"} 1\n"));
  EXPECT_THAT(text, Not(HasSubstr("hostwatch_cpu_percent{hostname=\"damaged\"}")));
  EXPECT_THAT(text, HasSubstr("hostwatch_cpu_percent{hostname=\"sound\"} 12.5\n"));
}

/// As large as a server's: names stand once for all hosts that have the same series.
TEST(PrometheusText, WhatIsGatheredTakesLittleMoreThanTheNumbers) {
  std::vector<storage::HostState> hosts;
  for (int i = 0; i < 2000; ++i) {
    storage::HostState& one = hosts.emplace_back(host("host-" + std::to_string(i)));
    for (int series = 0; series < 61; ++series) {
      one.latest->samples.push_back({"metric_" + std::to_string(series % 20), std::to_string(series), 0.5});
    }
  }
  query::AnswerBudget budget({});
  const PrometheusText text(test::values_of(hosts), figures(), budget);
  EXPECT_LT(text.memory(), 2000UL * 64 * sizeof(double) * 3 / 2);
  EXPECT_LT(budget.gathered(), 2000UL * 64 * sizeof(double) * 3 / 2);
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

TEST(PrometheusText, OfCustomNamesPromtoolOnlyHasAdvice) {
  ASSERT_EQ(std::system("promtool --version >/dev/null 2>&1"), 0)
      << "promtool is missing (package prometheus); scripts/test installs it";
  constexpr int kAdvice = 3;
  for (const char* name : {"jobs_total", "jobs_sum", "jobs_count", "jobs_bucket", "queueLength"}) {
    storage::HostState one = host("web-1");
    one.latest->samples = {{name, "", 1}};
    const std::string text = prometheus_text({one}, figures());
    EXPECT_THAT(text, HasSubstr("hostwatch_custom_" + std::string(name) + "{hostname=\"web-1\"} 1\n"));
    EXPECT_EQ(promtool(text), kAdvice) << name;
  }
}

}  // namespace
}  // namespace hostwatch::api::prometheus_text_test
