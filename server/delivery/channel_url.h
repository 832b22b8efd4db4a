#pragma once

#include <string>
#include <string_view>

namespace hostwatch::delivery {

/// Why it is no address of a mail server ("smtp://mail.example:587", "smtps://mail.example"), which has no
/// path (the name for EHLO, to libcurl), user or password; empty: it is one. Pure.
std::string why_no_mail_server(std::string_view url);

/// Scheme, host and port, the scheme's own where none is given: "https://hooks.example:443"; of what is none
/// the text "?". Pure.
std::string origin_of(std::string_view url);

}  // namespace hostwatch::delivery
