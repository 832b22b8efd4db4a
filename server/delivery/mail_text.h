#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace hostwatch::delivery {

// Mail as it is written (RFC 5322, 2045, 2047). Pure functions; ends of lines are CRLF in all that they give:
// a bare LF reaches servers as it is and takes the escaping of points from the lines behind it.

/// A header of free text, folded, with its end of line: ASCII as it is, all else in encoded words of whole
/// characters. Ends of lines in the text are blanks.
std::string mail_header(const std::string& name, std::string_view text);

/// A header of words that stand between blanks (addresses, ids), folded between them.
std::string mail_header_of_words(const std::string& name, const std::vector<std::string>& words,
                                 const std::string& separator);

/// The text as quoted-printable lines of at most 76 characters, whatever ends its lines; no line begins with
/// a point or with "From ".
std::string quoted_printable(std::string_view text);

/// True for "anna@example.org" and nothing around it; ASCII alone.
bool is_mail_address(std::string_view text);

/// "a@b.example, c@d.example" one by one, without blanks; what stands between commas may be anything.
std::vector<std::string> split_addresses(std::string_view text);

}  // namespace hostwatch::delivery
