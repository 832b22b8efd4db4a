#include "server/delivery/alert_channels.h"

#include <algorithm>
#include <utility>

#include "server/delivery/channel_json.h"

namespace hostwatch::delivery {

AlertChannels::AlertChannels(auth::CredentialStore& credentials, std::vector<Channel> of_file)
    : credentials_(credentials), of_file_(std::move(of_file)) {
  const util::MutexLock lock(mutex_);
  load();
}

std::shared_ptr<const std::vector<Channel>> AlertChannels::all() const {
  const util::MutexLock lock(mutex_);
  return all_;
}

std::optional<Channel> AlertChannels::find(std::string_view name) const {
  for (const Channel& one : *all()) {
    if (one.name == name) return one;
  }
  return std::nullopt;
}

std::vector<std::string> AlertChannels::problems() const {
  const util::MutexLock lock(mutex_);
  return problems_;
}

void AlertChannels::load() {
  stored_.clear();
  problems_.clear();
  for (const auth::ChannelRow& row : credentials_.channels()) {
    try {
      stored_.emplace(row.name, channel_from_row(row.name, row.kind, row.definition, row.secrets));
    } catch (const ChannelError& error) {
      problems_.push_back("channel '" + row.name + "' cannot be used: " + error.what());
    }
  }
  publish();
}

void AlertChannels::publish() {
  std::map<std::string, Channel> all = stored_;
  for (const Channel& one : of_file_) all.insert_or_assign(one.name, one);
  auto sorted = std::make_shared<std::vector<Channel>>();
  for (auto& [name, channel] : all) sorted->push_back(std::move(channel));
  all_ = std::move(sorted);
}

void AlertChannels::refuse_of_file(const std::string& name) const {
  const bool is_of_file = std::any_of(of_file_.begin(), of_file_.end(),
                                      [&name](const Channel& channel) { return channel.name == name; });
  if (is_of_file) throw ChannelError("name: the configuration file owns this channel");
}

Channel AlertChannels::put(std::string_view name, std::string_view body) {
  refuse_of_file(std::string(name));
  const util::MutexLock lock(mutex_);
  const auto kept = stored_.find(std::string(name));
  Channel channel = channel_from_json(name, body, kept == stored_.end() ? nullptr : &kept->second);
  credentials_.put_channel({channel.name, std::string(to_string(channel.kind)), channel_definition(channel),
                            channel_secrets(channel)});
  stored_.insert_or_assign(channel.name, channel);
  publish();
  return channel;
}

bool AlertChannels::remove(const std::string& name) {
  refuse_of_file(name);
  const util::MutexLock lock(mutex_);
  const bool was_there = credentials_.remove_channel(name);
  stored_.erase(name);
  publish();
  return was_there;
}

void AlertChannels::refresh() {
  const util::MutexLock lock(mutex_);
  load();
}

}  // namespace hostwatch::delivery
