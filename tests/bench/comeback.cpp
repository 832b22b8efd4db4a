// Ten thousand agents that lost their server together come back: does it stand that, and for how long do they
// wait?
//
//   comeback PORT [AGENTS] [READINGS EACH] [FAILURES]    a server must listen on that port of 127.0.0.1
//
// Each client is an agent as the server sees it: its next try comes after what back_off() gives after so many
// failures (10: within a minute), then its newest readings go first and its backlog in arrays, with the
// agent's own verdicts, back-off, Retry-After and rests.
#include <arpa/inet.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <queue>
#include <random>
#include <string>
#include <vector>

#include "agent/delivery/retry_timing.h"
#include "agent/delivery/server_answer.h"

namespace {

using namespace hostwatch;
using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

constexpr std::size_t kFresh = 100;
constexpr std::size_t kArray = 1'000;
constexpr int kMetrics = 10;

struct Agent {
  int fd = -1;
  std::size_t number = 0;
  std::size_t fresh = 0;  ///< readings to deliver
  std::size_t backlog = 0;
  std::size_t under_way = 0;
  unsigned failures = 0;
  std::string out;
  std::size_t sent = 0;
  std::string in;
  Clock::time_point first_try;
  Clock::time_point began;
  bool ever_answered = false;
};

struct Figures {
  std::uint64_t delivered = 0;
  std::uint64_t told_to_wait = 0;  ///< 503 or 429
  std::uint64_t broken = 0;
  std::vector<double> to_first_answer;  ///< seconds
  std::vector<double> health;           ///< milliseconds
};

std::string readings(const Agent& agent, std::int64_t first, std::size_t count) {
  std::string body = "[";
  std::array<char, 160> text{};
  for (std::size_t i = 0; i < count; ++i) {
    std::snprintf(
        text.data(), text.size(),
        R"(%s{"hostname":"agent-%05zu","timestamp":%lld,"cpu":%zu.5,"ram":41.2,"disk":73,"metrics":{)",
        i == 0 ? "" : ",", agent.number, static_cast<long long>(first + static_cast<std::int64_t>(i) * 10),
        i % 90);
    body += text.data();
    for (int k = 0; k < kMetrics; ++k) {
      std::snprintf(text.data(), text.size(), R"(%s"load_of_part_%d":%zu.%zu)", k == 0 ? "" : ",", k, i % 7,
                    i % 10);
      body += text.data();
    }
    body += "}}";
  }
  return body + "]";
}

class Storm {
 public:
  Storm(int port, std::size_t agents, std::size_t each, unsigned failures)
      : epoll_(::epoll_create1(EPOLL_CLOEXEC)), agents_(agents) {
    address_.sin_family = AF_INET;
    address_.sin_port = htons(static_cast<std::uint16_t>(port));
    address_.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    now_ =
        std::chrono::duration_cast<std::chrono::seconds>(std::chrono::system_clock::now().time_since_epoch())
            .count();
    for (std::size_t i = 0; i < agents; ++i) {
      agents_[i].number = i;
      agents_[i].fresh = std::min(each, kFresh);
      agents_[i].backlog = each - agents_[i].fresh;
      later(i, agent::back_off(timing_, failures, random()));
    }
    left_ = agents;
  }

  void run() {
    const auto began = Clock::now();
    auto next_health = began;
    auto next_line = began;
    while (left_ != 0 && Clock::now() - began < std::chrono::minutes(15)) {
      std::array<epoll_event, 256> events{};
      const int count = ::epoll_wait(epoll_, events.data(), static_cast<int>(events.size()), 5);
      for (int i = 0; i < count; ++i) on_event(events[static_cast<std::size_t>(i)].data.u64);
      while (!due_.empty() && due_.top().first <= Clock::now()) {
        const std::size_t next = due_.top().second;
        due_.pop();
        begin(agents_[next]);
      }
      if (Clock::now() >= next_health) {
        ask_health();
        next_health = Clock::now() + milliseconds(200);
      }
      if (Clock::now() >= next_line) {
        std::printf("%3.0f s: %zu agents not done, %llu readings in, %llu told to wait, %llu broken\n",
                    seconds_since(began), left_, static_cast<unsigned long long>(figures.delivered),
                    static_cast<unsigned long long>(figures.told_to_wait),
                    static_cast<unsigned long long>(figures.broken));
        std::fflush(stdout);
        next_line = Clock::now() + std::chrono::seconds(5);
      }
    }
    std::printf("%zu agents, %llu readings in %.1f s, %zu not done\n", agents_.size(),
                static_cast<unsigned long long>(figures.delivered), seconds_since(began), left_);
  }

  Figures figures;

 private:
  using Due = std::pair<Clock::time_point, std::size_t>;

  static double seconds_since(Clock::time_point then) {
    return std::chrono::duration<double>(Clock::now() - then).count();
  }
  double random() { return zero_to_one_(generator_); }
  void later(std::size_t number, milliseconds wait) { due_.emplace(Clock::now() + wait, number); }

  void watch(Agent& agent, std::uint32_t events, int operation) {
    epoll_event event{};
    event.events = events;
    event.data.u64 = agent.number;
    ::epoll_ctl(epoll_, operation, agent.fd, &event);
  }

  void begin(Agent& agent) {
    if (!agent.ever_answered && agent.first_try == Clock::time_point()) agent.first_try = Clock::now();
    agent.began = Clock::now();
    agent.under_way = agent.fresh != 0 ? agent.fresh : std::min(agent.backlog, kArray);
    const std::size_t after = agent.fresh != 0 ? agent.fresh : agent.backlog + kFresh;
    const std::string body = readings(agent, now_ - static_cast<std::int64_t>(after) * 10, agent.under_way);
    agent.out =
        "POST /metrics HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: " +
        std::to_string(body.size()) + "\r\n\r\n" + body;
    agent.sent = 0;
    agent.in.clear();
    if (agent.fd >= 0) {
      watch(agent, EPOLLOUT | EPOLLIN, EPOLL_CTL_MOD);
      return;
    }
    agent.fd = ::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (agent.fd < 0) return fail(agent);
    ::connect(agent.fd, reinterpret_cast<const sockaddr*>(&address_), sizeof address_);
    watch(agent, EPOLLOUT | EPOLLIN, EPOLL_CTL_ADD);
  }

  void on_event(std::size_t number) {
    Agent& agent = agents_[number];
    if (agent.fd < 0) return;
    if (agent.sent < agent.out.size()) {
      const ssize_t written =
          ::send(agent.fd, agent.out.data() + agent.sent, agent.out.size() - agent.sent, MSG_NOSIGNAL);
      if (written < 0 && errno != EAGAIN) return fail(agent);
      if (written > 0) agent.sent += static_cast<std::size_t>(written);
      if (agent.sent == agent.out.size()) watch(agent, EPOLLIN, EPOLL_CTL_MOD);
    }
    std::array<char, 4096> buffer{};
    const ssize_t got = ::recv(agent.fd, buffer.data(), buffer.size(), 0);
    if (got == 0 || (got < 0 && errno != EAGAIN)) return fail(agent);
    if (got > 0) agent.in.append(buffer.data(), static_cast<std::size_t>(got));
    take_answer(agent);
  }

  static std::string header(const std::string& head, const std::string& name) {
    const std::size_t at = head.find("\r\n" + name + ": ");
    if (at == std::string::npos) return {};
    const std::size_t begin = at + name.size() + 4;
    return head.substr(begin, head.find("\r\n", begin) - begin);
  }

  void take_answer(Agent& agent) {
    const std::size_t end = agent.in.find("\r\n\r\n");
    if (end == std::string::npos) return;
    const std::string head = agent.in.substr(0, end + 2);
    const std::size_t length = std::strtoul(header(head, "Content-Length").c_str(), nullptr, 10);
    if (agent.in.size() < end + 4 + length) return;
    agent::HttpAnswer answer;
    answer.status = std::atoi(head.c_str() + 9);
    answer.body = agent.in.substr(end + 4);
    answer.retry_after = header(head, "Retry-After");
    const bool closes = header(head, "Connection") == "close" || agent.sent < agent.out.size();
    if (!agent.ever_answered) figures.to_first_answer.push_back(seconds_since(agent.first_try));
    agent.ever_answered = true;
    if (closes) close(agent);
    agent.out.clear();
    agent.out.shrink_to_fit();
    settle(agent, answer);
  }

  void settle(Agent& agent, const agent::HttpAnswer& answer) {
    if (agent::judge(answer).verdict != agent::Verdict::delivered) {
      ++figures.told_to_wait;
      const auto asked = agent::parse_retry_after(answer.retry_after, now_);
      ++agent.failures;
      return later(agent.number, asked ? agent::obey_retry_after(timing_, *asked, agent.failures, random())
                                       : agent::back_off(timing_, agent.failures, random()));
    }
    agent.failures = 0;
    figures.delivered += agent.under_way;
    (agent.fresh != 0 ? agent.fresh : agent.backlog) -= agent.under_way;
    if (agent.fresh + agent.backlog == 0) {
      --left_;  // its connection stays, as an agent's does
      return;
    }
    const auto took = std::chrono::duration_cast<milliseconds>(Clock::now() - agent.began);
    later(agent.number, std::clamp(took, milliseconds(20), milliseconds(2'000)));
  }

  void fail(Agent& agent) {
    close(agent);
    ++figures.broken;
    ++agent.failures;
    later(agent.number, agent::back_off(timing_, agent.failures, random()));
  }

  void close(Agent& agent) {
    if (agent.fd >= 0) ::close(agent.fd);
    agent.fd = -1;
  }

  /// On a connection of its own, waiting for the answer: what a supervisor sees.
  void ask_health() {
    const auto began = Clock::now();
    const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    constexpr std::string_view kRequest =
        "GET /health HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n";
    std::array<char, 1024> buffer{};
    if (::connect(fd, reinterpret_cast<const sockaddr*>(&address_), sizeof address_) == 0 &&
        ::send(fd, kRequest.data(), kRequest.size(), MSG_NOSIGNAL) > 0 &&
        ::recv(fd, buffer.data(), buffer.size(), 0) > 0) {
      figures.health.push_back(seconds_since(began) * 1'000);
    }
    ::close(fd);
  }

  int epoll_;
  sockaddr_in address_{};
  std::int64_t now_ = 0;
  agent::RetryTiming timing_;
  std::minstd_rand generator_{12345};
  std::uniform_real_distribution<double> zero_to_one_{0.0, 1.0};
  std::vector<Agent> agents_;
  std::size_t left_ = 0;
  std::priority_queue<Due, std::vector<Due>, std::greater<>> due_;
};

void print(const char* what, std::vector<double> values) {
  if (values.empty()) return;
  std::sort(values.begin(), values.end());
  const auto at = [&](double part) {
    return values[static_cast<std::size_t>(static_cast<double>(values.size() - 1) * part)];
  };
  std::printf("%s: median %.2f, 99%% %.2f, worst %.2f\n", what, at(0.5), at(0.99), values.back());
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) {
    std::fprintf(stderr, "comeback PORT [AGENTS] [READINGS EACH] [FAILURES]\n");
    return 2;
  }
  rlimit files{};
  ::getrlimit(RLIMIT_NOFILE, &files);
  files.rlim_cur = files.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &files);
  Storm storm(std::atoi(argv[1]), argc > 2 ? std::strtoul(argv[2], nullptr, 10) : 10'000,
              argc > 3 ? std::strtoul(argv[3], nullptr, 10) : 360,
              argc > 4 ? static_cast<unsigned>(std::strtoul(argv[4], nullptr, 10)) : 10);
  storm.run();
  std::printf("told to wait %llu times, %llu connections broken\n",
              static_cast<unsigned long long>(storm.figures.told_to_wait),
              static_cast<unsigned long long>(storm.figures.broken));
  print("seconds from the first try to the first answer", storm.figures.to_first_answer);
  print("milliseconds for /health", storm.figures.health);
  return 0;
}
