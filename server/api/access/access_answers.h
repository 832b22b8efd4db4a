#pragma once

#include <string>

#include "server/auth/credential_store.h"
#include "server/auth/credentials.h"
#include "util/text/json_object.h"

namespace hostwatch::api {

// What the answers about access are made of: docs/api.md. Pure.

/// For the log: printable, and no longer than a line.
std::string shown(const std::string& words);

/// A token without its secret.
util::JsonObjectWriter token_json(const auth::Token& token);

/// Who waits, is shut out or may enrol.
std::string admission_json(const auth::Admission& admission);

/// An answer that begins with that all is well.
util::JsonObjectWriter ok_json();

}  // namespace hostwatch::api
