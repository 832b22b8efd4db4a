#pragma once

#include <functional>
#include <string>
#include <vector>

namespace hostwatch::testing {

/// Two network namespaces with a cable between them, for a server and for agents; gone with the object. Needs
/// root.
class NetworkNamespaces {
 public:
  static constexpr const char* kServerAddress = "10.213.71.1";

  NetworkNamespaces();
  ~NetworkNamespaces();
  NetworkNamespaces(const NetworkNamespaces&) = delete;
  NetworkNamespaces& operator=(const NetworkNamespaces&) = delete;

  /// Why there are none; empty: there are.
  const std::string& unavailable() const { return unavailable_; }

  /// Words before a program that is to run there.
  std::vector<std::string> server_side() const { return {"ip", "netns", "exec", server_}; }
  std::vector<std::string> agent_side() const { return {"ip", "netns", "exec", agent_}; }

  /// Runs it on a thread whose new sockets are in the server's namespace.
  void on_server_side(const std::function<void()>& what) const;

  void set_cable(bool plugged) const;
  /// What the server sends disappears, and nobody is told.
  void set_answers_lost(bool lost) const;

 private:
  bool ip(std::vector<std::string> words);

  std::string server_;
  std::string agent_;
  std::string unavailable_;
};

}  // namespace hostwatch::testing
