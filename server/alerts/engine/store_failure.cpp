#include "server/alerts/engine/store_failure.h"

#include <limits>
#include <utility>

#include "server/alerts/engine/notice_text.h"

namespace hostwatch::alerts {

std::vector<delivery::Message> StoreFailure::note_failing(const Audience& audience, std::int64_t now,
                                                          std::int64_t steady,
                                                          const std::function<std::string()>& new_id) {
  if (!failing_since_) {
    failing_since_ = steady;
    alarm_ = {};
    alarm_.started = now;
  }
  if (has_fired_ || audience.rule == nullptr || steady - *failing_since_ < audience.rule->hold) return {};
  has_fired_ = true;
  alarm_.rule = audience.rule->id;
  alarm_.severity = alarm_.highest = std::string(to_string(audience.rule->severities().back()));
  alarm_.fired = now;
  alarm_.value_fired = alarm_.value_worst = 1;
  alarm_.limit = std::numeric_limits<double>::quiet_NaN();
  told_ = targets(alarm_, audience.rule, {}, audience.routes, audience.channels, 0);
  return tell(*audience.rule, Tell::fired, now, new_id);
}

StoreFailure::Over StoreFailure::note_working(const Audience& audience, std::int64_t now,
                                              const std::function<std::string()>& new_id) {
  failing_since_.reset();
  if (!std::exchange(has_fired_, false)) return {};
  alarm_.ended = now;
  alarm_.end_reason = "cleared";
  alarm_.value_ended = 0;
  Over over;
  if (audience.rule != nullptr) over.messages = tell(*audience.rule, Tell::ended, now, new_id);
  over.alarm = std::move(alarm_);
  over.told = std::exchange(told_, {});
  return over;
}

std::vector<delivery::Message> StoreFailure::tell(const Rule& rule, Tell what, std::int64_t now,
                                                  const std::function<std::string()>& new_id) const {
  delivery::AlarmNotice notice = make_notice(alarm_, &rule, {}, what, std::nullopt);
  describe_notice(rule, notice);
  std::vector<delivery::Message> messages;
  for (const std::string& channel : told_) {
    delivery::Message message;
    message.id = new_id();
    message.channel = channel;
    message.created = message.due = now;
    message.alarms = {notice};
    messages.push_back(std::move(message));
  }
  return messages;
}

}  // namespace hostwatch::alerts
