#pragma once

#include <algorithm>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace hostwatch::api {

/// What stands in an address where its pattern has parameters: of "/hosts/{name}/clean" the name, decoded.
class PathParameters {
 public:
  /// `name` is referred to: a pattern's, which stays.
  void add(std::string_view name, std::string value) { values_.emplace_back(name, std::move(value)); }

  /// Throws std::out_of_range for a name that the route's pattern does not have.
  const std::string& at(std::string_view name) const {
    const auto found =
        std::find_if(values_.begin(), values_.end(), [name](const auto& one) { return one.first == name; });
    if (found == values_.end()) throw std::out_of_range("no parameter of that name: " + std::string(name));
    return found->second;
  }

 private:
  std::vector<std::pair<std::string_view, std::string>> values_;
};

}  // namespace hostwatch::api
