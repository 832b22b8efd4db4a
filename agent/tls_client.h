#pragma once

#include <memory>
#include <string>

#include "agent/answer_allowance.h"
#include "agent/server_url.h"

namespace httplib {
class ClientImpl;
}

namespace hostwatch::agent {

/// Files of PEM text.
struct TlsFiles {
  std::string authority;    ///< whom to believe in the server's certificate; empty: whom this system does
  std::string certificate;  ///< of this agent; empty: none
  std::string key;          ///< of that certificate

  friend bool operator==(const TlsFiles&, const TlsFiles&) = default;
};

/// A client of cpp-httplib for the URL. Over TLS: versions 1.2 and 1.3, and the server must have a
/// certificate of the authority, in date and for the URL's host, by its subject alternative names (RFC 9525):
/// there is no way to go without. It reads no more of an answer than the allowance has left, which must
/// outlive it. Throws std::runtime_error for files that cannot be used.
std::unique_ptr<httplib::ClientImpl> make_client(const ServerUrl& url, const TlsFiles& files,
                                                 AnswerAllowance& allowance);

/// Why the server's certificate was refused, and what to do; for the last request of a client that failed
/// with SSLServerVerification.
std::string describe_refused_certificate(const httplib::ClientImpl& client);

}  // namespace hostwatch::agent
