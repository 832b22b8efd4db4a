#include "server/api/prometheus_text.h"

#include "server/query/host_status.h"

namespace hostwatch::api {
namespace {

constexpr std::size_t kPieceBytes = 64UL * 1024;

}  // namespace

PrometheusText::PrometheusText(const LatestValues& hosts, const ServerFigures& figures,
                               query::AnswerBudget& budget) {
  gather(hosts, figures, budget);
  of_server_ = server_families(figures);
  next_of_server_ = of_server_.begin();
  next_of_hosts_ = hosts_.families().begin();
  budget.check();
}

void PrometheusText::gather(const LatestValues& hosts, const ServerFigures& figures,
                            query::AnswerBudget& budget) {
  hosts.visit([&](const storage::HostValues& host) {
    budget.check();
    const std::size_t before = hosts_.memory();
    const auto known = figures.agents.find(host.name);
    hosts_.add(host, query::is_up(host, figures.now),
               known != figures.agents.end() ? &known->second : nullptr, hosts.name_of);
    budget.take_bytes(hosts_.memory() - before);
    return true;
  });
}

bool PrometheusText::next(std::string& out) {
  while (true) {
    if (is_in_family_) is_in_family_ = writer_.write(out, kPieceBytes);
    if (is_in_family_ || out.size() >= kPieceBytes) return true;
    const bool has_server = next_of_server_ != of_server_.end();
    const bool has_hosts = next_of_hosts_ != hosts_.families().end();
    if (!has_server && !has_hosts) return false;
    if (has_hosts && (!has_server || next_of_hosts_->first < next_of_server_->first)) {
      writer_.begin((next_of_hosts_++)->second);
      is_in_family_ = true;
    } else {
      out += (next_of_server_++)->second;
    }
  }
}

std::size_t PrometheusText::memory() const {
  std::size_t memory = sizeof *this + hosts_.memory();
  for (const auto& [name, text] : of_server_) memory += text.capacity();
  return memory;
}

}  // namespace hostwatch::api
