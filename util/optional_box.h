#pragma once

#include <memory>
#include <optional>
#include <utility>

namespace hostwatch::util {

/// A std::optional whose value lies on the heap: for a large member that most objects of a kind do without.
/// An empty one takes a pointer's room and nothing to move. Values are copied and compared as with
/// std::optional. Not thread-safe, as std::optional is not.
template <typename Value>
class OptionalBox {
 public:
  OptionalBox() = default;
  OptionalBox(std::nullopt_t) {}  // NOLINT(google-explicit-constructor): as std::optional's
  OptionalBox(Value value)        // NOLINT(google-explicit-constructor): as std::optional's
      : value_(std::make_unique<Value>(std::move(value))) {}
  OptionalBox(std::optional<Value> value) {  // NOLINT(google-explicit-constructor): nothing is lost by it
    if (value) value_ = std::make_unique<Value>(std::move(*value));
  }
  OptionalBox(const OptionalBox& other)
      : value_(other.value_ ? std::make_unique<Value>(*other.value_) : nullptr) {}
  OptionalBox(OptionalBox&&) noexcept = default;  ///< what was moved from is empty
  OptionalBox& operator=(const OptionalBox& other) {
    if (this != &other) *this = OptionalBox(other);
    return *this;
  }
  OptionalBox& operator=(OptionalBox&&) noexcept = default;
  ~OptionalBox() = default;

  [[nodiscard]] bool has_value() const { return value_ != nullptr; }
  explicit operator bool() const { return has_value(); }

  /// The value; there has to be one.
  Value& operator*() { return *value_; }
  const Value& operator*() const { return *value_; }
  Value* operator->() { return value_.get(); }
  const Value* operator->() const { return value_.get(); }

  /// Makes a new value in the place of the one that is there.
  template <typename... Arguments>
  Value& emplace(Arguments&&... arguments) {
    value_ = std::make_unique<Value>(std::forward<Arguments>(arguments)...);
    return *value_;
  }
  void reset() { value_.reset(); }

  friend bool operator==(const OptionalBox& a, const OptionalBox& b) {
    return a.has_value() == b.has_value() && (!a.has_value() || *a == *b);
  }
  friend bool operator==(const OptionalBox& a, std::nullopt_t) { return !a.has_value(); }

 private:
  std::unique_ptr<Value> value_;
};

}  // namespace hostwatch::util
