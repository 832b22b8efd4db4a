#pragma once

#include <istream>
#include <map>
#include <string>

#include "tests/model/model.h"

namespace hostwatch::model {

/// The readings of an export, by host. Throws std::runtime_error where it is none.
std::map<std::string, Model::History> parse_export(std::istream& in);

/// The place of a series in kSeries; throws std::runtime_error if there is none of that name.
std::size_t series_number(std::string_view metric, std::string_view instance);

}  // namespace hostwatch::model
