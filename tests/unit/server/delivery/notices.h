#pragma once

#include <string>

#include "server/delivery/message.h"

namespace hostwatch::delivery {

/// A disk that has become full.
inline AlarmNotice disk_notice() {
  AlarmNotice notice;
  notice.id = 4711;
  notice.event = "fired";
  notice.rule = "disk-full";
  notice.name = "Disk almost full";
  notice.severity = "critical";
  notice.host = "web-1";
  notice.instance = "/";
  notice.tags = {{"role", "db"}};
  notice.metric = "filesystem_used_percent";
  notice.value = 97.4;
  notice.limit = 97;
  notice.unit = "percent";
  notice.started = 1763884500;
  notice.fired = 1763884800;
  notice.help = "Free some space on /.";
  return notice;
}

/// Message of that one alarm.
inline Message disk_message(const std::string& channel) {
  Message message;
  message.id = "9f2c0123456789abcdef0123456789ab";
  message.channel = channel;
  message.created = 1763884803;
  message.due = message.created;
  message.alarms = {disk_notice()};
  return message;
}

}  // namespace hostwatch::delivery
