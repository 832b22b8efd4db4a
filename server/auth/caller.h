#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "server/auth/secret.h"

namespace hostwatch::auth {

/// What a request carries of its sender. Texts are as sent: not to be trusted, echoed or logged.
struct PresentedCredentials {
  std::string bearer;                    ///< token of the Authorization header; empty: none
  bool has_other_authorization = false;  ///< an Authorization header that is no bearer token
  std::vector<std::string> sessions;     ///< of the cookies of that name: a page elsewhere may have set one
  std::string proxy_user;                ///< of the header that a trusted proxy sets, if this came from one
};

/// Who sent a request, and what they may do.
struct Caller {
  enum class Via : std::uint8_t {
    nobody,     ///< no credential, or a wrong one
    everybody,  ///< the server asks for none
    guest,      ///< none, and looking is free
    token,
    session,
    proxy  ///< a trusted proxy has authenticated them
  };
  Via via = Via::nobody;
  bool may_read = false;
  bool may_write = false;   ///< readings
  bool may_manage = false;  ///< delete history, make tokens
  bool may_enroll = false;
  bool is_wrong = false;  ///< a credential came that is not valid
  std::string name;       ///< of the user or the token; also of a token that is over
  std::string why_over;   ///< of a token that is: "it has expired", "it has been used as often as it may"
  std::string scope;      ///< of the token
  std::string id;         ///< tells the credential from every other one; empty: there is none
  std::string only_host;  ///< readings of this host alone; empty: of any
  std::string csrf;       ///< what a change has to carry in a header; empty: nothing
  Digest session{};       ///< if via session

  /// True for a valid credential, and for everybody where the server asks for none.
  bool is_authenticated() const { return via != Via::nobody && via != Via::guest; }
};

}  // namespace hostwatch::auth
