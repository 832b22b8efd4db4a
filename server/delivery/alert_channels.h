#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "server/auth/credential_store.h"
#include "server/delivery/channel.h"
#include "util/mutex.h"

namespace hostwatch::delivery {

/// The channels that there are: those of the configuration file, and those made on the page, which the file
/// of credentials keeps. Thread-safe. `credentials` must outlive it.
class AlertChannels {
 public:
  /// `of_file`: of the configuration file; they go before those of the same name. Throws CredentialError.
  AlertChannels(auth::CredentialStore& credentials, std::vector<Channel> of_file);

  /// By name; as they were when it was asked for.
  std::shared_ptr<const std::vector<Channel>> all() const;
  std::optional<Channel> find(std::string_view name) const;

  /// What could not be read of those stored, a line each: to be logged.
  std::vector<std::string> problems() const;

  /// Makes or changes a channel by the body of a PUT: on disk when it returns. Throws ChannelError if it
  /// cannot be, or the configuration file owns it; CredentialError.
  Channel put(std::string_view name, std::string_view body);

  /// False if there is none. Throws ChannelError if the configuration file owns it; CredentialError.
  bool remove(const std::string& name);

  /// Reads what is stored again, as after another program has changed it. Throws CredentialError.
  void refresh();

 private:
  void publish() REQUIRES(mutex_);
  void load() REQUIRES(mutex_);
  void refuse_of_file(const std::string& name) const;

  auth::CredentialStore& credentials_;
  const std::vector<Channel> of_file_;
  mutable util::Mutex mutex_;
  std::map<std::string, Channel> stored_ GUARDED_BY(mutex_);
  std::vector<std::string> problems_ GUARDED_BY(mutex_);
  std::shared_ptr<const std::vector<Channel>> all_ GUARDED_BY(mutex_);
};

}  // namespace hostwatch::delivery
