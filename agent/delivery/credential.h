#pragma once

#include <string>
#include <string_view>

namespace hostwatch::agent {

/// Where an agent's token comes from, and where its own is kept.
struct CredentialSettings {
  std::string token;       ///< as given; empty: none
  std::string token_file;  ///< that holds it; empty: none
  std::string kept_file;   ///< for the host's own token; empty: it is kept in memory alone
  std::string server;      ///< the URL that tokens are for
  std::string hostname;    ///< likewise
};

/// What the agent proves itself with. It is given a token of its host, which is sent as it is; or an
/// enrolment token (it begins with "hwe_"), which the server exchanges for one of this host's own: that one
/// is kept in a file of mode 0600, for this server and host name alone, and goes before the enrolment token
/// from then on. Not thread-safe.
class Credential {
 public:
  explicit Credential(CredentialSettings settings);

  enum class State {
    none,     ///< no token was asked for: requests go without
    missing,  ///< the token's file is not there yet, or empty
    enroll,   ///< token() is good for enrolling alone
    ready     ///< token() is this host's
  };

  /// What to do next; looks for the token's file if there was none.
  State state();

  /// The host name that it is for.
  const std::string& hostname() const { return settings_.hostname; }

  /// To be sent now; empty if there is none. Never to be logged.
  const std::string& token() const { return token_; }

  /// The server has exchanged the enrolment token for this one. False if it cannot be kept, which is logged:
  /// it serves until the agent ends.
  bool keep(const std::string& token);

  /// The server does not take token() (any more): a kept one is forgotten, the token's file is read again.
  void refused();

  /// Why a token that was given may not do, in words: the kept one is for another host name, as of a host
  /// that was renamed. Empty if that is not so.
  std::string hint_of_other_name() const;

  /// Reads the token's file again: it may hold another one by now.
  void read_again();

 private:
  void choose();
  std::string given() const;
  std::string kept();

  CredentialSettings settings_;
  std::string token_;
  std::string other_name_;  ///< that the kept token of this server is for, if it is not this host's
  std::string own_;         ///< from the exchange
};

/// True for a token that is good for enrolling alone.
bool is_enrollment_token(std::string_view token);

/// True if it can go into a header: printable ASCII without blanks.
bool is_plain_token(std::string_view token);

}  // namespace hostwatch::agent
