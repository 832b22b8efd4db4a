#include "protocol/decode.h"

#include <nlohmann/json.hpp>

#include "protocol/reading_handler.h"
#include "protocol/shape_memory.h"

namespace hostwatch::protocol {
namespace {

/// By every rule.
std::variant<DecodedReadings, DecodeError> decode_anew(std::string_view body, const DecodeLimits& limits) {
  // nlohmann's parser takes a NUL for the end of the text, whatever follows it.
  if (body.find('\0') != std::string_view::npos) {
    return DecodeError{"the body is not valid JSON: it holds a NUL byte"};
  }
  // A number beyond a double's range is good JSON, but stops nlohmann's parser; one such number must not
  // poison the rest of an array, and its field is to be named. It is replaced by a null, which refuses its
  // own reading, and the body is read again.
  constexpr int kMaxOverflows = 16;
  std::string patched;
  for (int attempt = 0;; ++attempt) {
    ReadingHandler handler(limits, attempt != 0);
    if (nlohmann::json::sax_parse(body, &handler)) return std::move(handler.result());
    const auto overflow = handler.overflow();
    const bool can_patch =
        overflow && overflow->second >= 4 && overflow->first + overflow->second <= body.size();
    if (!can_patch || attempt == kMaxOverflows) {
      return handler.error().value_or(DecodeError{"the body is not valid JSON"});
    }
    if (patched.empty()) patched = body;
    patched.replace(overflow->first, overflow->second, "null" + std::string(overflow->second - 4, ' '));
    body = patched;
  }
}

}  // namespace

std::variant<DecodedReadings, DecodeError> decode_readings(std::string_view body, const DecodeLimits& limits,
                                                           ShapeMemory* shapes) {
  if (shapes != nullptr) {
    if (auto recognised = shapes->recognise(body, limits)) return std::move(*recognised);
  }
  auto decoded = decode_anew(body, limits);
  if (auto* good = std::get_if<DecodedReadings>(&decoded); shapes != nullptr && good != nullptr) {
    shapes->learn(body, *good);
  }
  return decoded;
}

}  // namespace hostwatch::protocol
