#pragma once

#include <memory>
#include <string>

namespace hostwatch::test {

/// An authority made for a test, and certificates of it (ECDSA P-256), as PEM files in a folder.
class Authority {
 public:
  /// `folder` must exist; `name` tells the files of several authorities apart.
  explicit Authority(std::string folder, const std::string& name = "authority");
  ~Authority();
  Authority(const Authority&) = delete;
  Authority& operator=(const Authority&) = delete;

  /// Its own certificate.
  const std::string& file() const { return file_; }

  struct Issued {
    std::string certificate;
    std::string key;
  };
  /// What a certificate says.
  struct Wanted {
    std::string alternative_names = "IP:127.0.0.1,DNS:localhost";  ///< as OpenSSL writes them
    std::string common_name = "a test";
    long from = -3600;  ///< seconds from now
    long to = 3600;
    bool has_rsa_key = false;
  };
  Issued issue(const std::string& name, const Wanted& wanted) const;
  Issued issue(const std::string& name) const { return issue(name, Wanted{}); }

 private:
  struct Pair;
  std::string folder_;
  std::string file_;
  std::unique_ptr<Pair> own_;
};

}  // namespace hostwatch::test
