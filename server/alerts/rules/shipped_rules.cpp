#include "server/alerts/rules/shipped_rules.h"

#include <stdexcept>

#include "server/alerts/rules/rule_files.h"

namespace hostwatch::alerts {
namespace {

// A rule is here only if whoever is told can do something about it: there is none on processors, load,
// network or busy disks. Each says what to do. Where the numbers come from: docs/alerts.md, "Shipped rules".
constexpr std::string_view kShippedRules = R"json({"rules": [
  {"id": "host-down", "name": "Host is down",
   "help": "No reading has come from {host}. Is the machine up, does it reach this server, does the agent run? On the host: systemctl status hostwatch-agent, then journalctl -u hostwatch-agent.",
   "when": [{"metric": "host_silent", "severity": "critical"}],
   "for": "2m", "clear_for": 0},

  // Instead of a message for each of them.
  {"id": "many-silent", "name": "Many hosts are silent at once",
   "help": "Look at what they have in common first: the network between them and this server, a switch, a name server, a certificate that has run out, and this server itself.",
   "when": [{"metric": "server_hosts_silent", "severity": "critical"}],
   "for": 0, "clear_for": 0},

  {"id": "server-store", "name": "The server cannot write its database",
   "help": "Readings are refused and wait at the agents. See the server's log for the reason: a full or broken disk, or missing permission. Make room or mend it; the server goes on by itself.",
   "when": [{"metric": "server_store_failing", "severity": "critical"}],
   "for": "10s", "clear_for": "1m"},

  // Both: 5 % of a large disk is plenty, and a small one never has 5 GiB.
  {"id": "server-database-full", "name": "The server's disk is almost full",
   "help": "Once the disk of the database is full no reading is stored. Make room on it, set --max-database-size, or shorten --retention.",
   "when": [{"metric": "server_database_free_percent", "below": {"warning": {"fire": 10, "clear": 12}, "critical": {"fire": 5, "clear": 6}}},
            {"metric": "server_database_free_bytes", "below": {"warning": {"fire": "20GiB", "clear": "22GiB"}, "critical": {"fire": "5GiB", "clear": "6GiB"}}}],
   "for": "1m", "clear_for": "5m"},

  {"id": "dead-letters", "name": "Messages could not be delivered",
   "help": "A channel refuses messages, or has not taken any for a day. The page of channels says what it answers; mend the address, the token or the receiver and send them again from there.",
   "when": [{"metric": "server_dead_letters", "above": {"critical": {"fire": 0.5, "clear": 0}}}],
   "for": 0, "clear_for": 0},

  // Both: 10 % of a large disk is plenty.
  {"id": "disk-full", "name": "Disk almost full",
   "help": "Find what grows on {instance}: du -xh --max-depth=1 {instance} | sort -h | tail. Deleted files that are still open: lsof +L1. Often: old logs (journalctl --vacuum-size=500M), packages (apt clean), images (docker system df).",
   "when": [{"metric": "filesystem_used_percent", "above": {"warning": {"fire": 90, "clear": 87}, "critical": {"fire": 97, "clear": 95}}},
            {"metric": "filesystem_free_bytes", "below": {"warning": {"fire": "20GiB", "clear": "22GiB"}, "critical": {"fire": "5GiB", "clear": "6GiB"}}}],
   "for": "5m", "clear_for": "5m"},

  // The trend of six hours and that of its last quarter both: a large file that was copied is no trend.
  {"id": "disk-filling", "name": "Disk will be full soon",
   "help": "{instance} fills steadily. Find what grows before it is full: du -xh --max-depth=2 {instance} | sort -h | tail, now and again in ten minutes.",
   "when": [{"metric": "filesystem_free_bytes", "value": {"time_until": 0, "over": "6h"}, "below": {"warning": {"fire": "24h", "clear": "36h"}, "critical": {"fire": "4h", "clear": "6h"}}},
            {"metric": "filesystem_used_percent", "above": {"warning": {"fire": 60, "clear": 58}, "critical": {"fire": 80, "clear": 78}}}],
   "for": "30m", "clear_for": "30m"},

  {"id": "inodes", "name": "Inodes almost used up",
   "help": "No file can be made on {instance} once its inodes are used up, however much space is free. Find the folder with very many files: du -x --inodes {instance} | sort -n | tail.",
   "when": [{"metric": "filesystem_inodes_used_percent", "above": {"warning": {"fire": 90, "clear": 87}, "critical": {"fire": 97, "clear": 95}}}],
   "for": "15m", "clear_for": "15m"},

  {"id": "filesystem-read-only", "name": "File system became read-only",
   "help": "The kernel stopped writing to {instance}, mostly after an error of the disk. See dmesg, save what matters, look at the disk (smartctl -a), then check the file system while it is not mounted (fsck).",
   "when": [{"metric": "filesystem_read_only", "above": {"critical": {"fire": 0.5, "clear": 0}}}],
   "for": "1m", "clear_for": "1m"},

  // Full memory alone is well used memory: all programs wait for it, too.
  {"id": "memory-pressure", "name": "Memory is short",
   "help": "Programs wait for memory, {value} of the time. See what uses it: ps aux --sort=-rss | head. Stop or limit that, or add memory; otherwise the kernel will end a program (dmesg | grep -i oom).",
   "when": [{"metric": "pressure_full_percent", "instance": "memory", "value": {"mean": "5m"}, "above": {"warning": {"fire": 10, "clear": 5}, "critical": {"fire": 40, "clear": 20}}},
            {"metric": "ram", "above": {"warning": {"fire": 90, "clear": 87}}}],
   "for": "2m", "clear_for": "5m"},

  // Three, for any of the three.
  {"id": "agent-dropped", "name": "Agent lost readings",
   "help": "The spool of the agent on {host} was full while the server could not be reached, and the oldest readings were dropped. Give it more room (--spool-max of hostwatch-agent), and see why the server was away so long.",
   "when": [{"metric": "agent_dropped_readings", "value": {"increase": "10m"}, "above": {"warning": {"fire": 0.5, "clear": 0}}}],
   "for": 0, "clear_for": 0},

  {"id": "agent-refused", "name": "The server refuses readings",
   "help": "Readings of {host} were refused for good and are not stored. The page and GET /refusals say why: mostly a wrong clock, or a metric of your own that is out of bounds.",
   "when": [{"metric": "agent_refused_readings", "value": {"increase": "10m"}, "above": {"warning": {"fire": 0.5, "clear": 0}}}],
   "for": 0, "clear_for": 0},

  {"id": "agent-damaged", "name": "Agent found damaged readings",
   "help": "Files of the spool on {host} could not be read: after a power cut once is no surprise; otherwise look at its disk (dmesg, smartctl -a).",
   "when": [{"metric": "agent_damaged_records", "value": {"increase": "10m"}, "above": {"warning": {"fire": 0.5, "clear": 0}}}],
   "for": 0, "clear_for": 0},

  {"id": "clock", "name": "Clock is wrong",
   "help": "The clock of {host} differs from this server's by {value}. Is its time service running? timedatectl; chronyc tracking, or timedatectl timesync-status. If it is so for many hosts, it is the server's.",
   "when": [{"metric": "host_clock_skew", "above": {"warning": {"fire": "5s", "clear": "3s"}}}],
   "for": "5m", "clear_for": "5m"},

  {"id": "name-conflict", "name": "Two machines report under one name",
   "help": "More than one agent sends readings as {host}: their histories mix. Mostly a cloned machine: give one of them another name (--hostname of hostwatch-agent, or hostnamectl).",
   "when": [{"metric": "host_name_conflict", "severity": "warning"}],
   "for": "5m", "clear_for": "10m"},

  // Nobody is told: it marks charts and history.
  {"id": "rebooted", "name": "Rebooted",
   "help": "{host} started anew. If nobody meant it to: journalctl -b -1 -e shows the end of the log before.",
   "when": [{"metric": "host_rebooted", "severity": "info"}],
   "for": 0, "clear_for": 0}
]}
)json";

}  // namespace

std::string_view shipped_rules_text() {
  return kShippedRules;
}

std::vector<Rule> shipped_rules() {
  RuleFiles rules;
  std::vector<FileFault> faults;
  read_rule_file_text(kShippedRules, "shipped rules", rules, faults);
  if (!faults.empty()) throw std::logic_error(faults.front().line());
  std::vector<Rule> result;
  for (FileRule& one : rules.rules) result.push_back(std::move(one.rule));
  return result;
}

}  // namespace hostwatch::alerts
