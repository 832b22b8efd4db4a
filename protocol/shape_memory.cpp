#include "protocol/shape_memory.h"

#include <algorithm>
#include <cstdint>
#include <utility>

namespace hostwatch::protocol {
namespace {

void skip_space(std::string_view& text) {
  const std::size_t end = text.find_first_not_of(" \t\n\r");
  text.remove_prefix(end == std::string_view::npos ? text.size() : end);
}

bool skip(std::string_view& text, char c) {
  skip_space(text);
  if (!text.starts_with(c)) return false;
  text.remove_prefix(1);
  return true;
}

/// The name of a reading's host where it is the first thing that is said, as by most senders; else empty.
std::string_view leading_hostname(std::string_view text) {
  constexpr std::string_view kKey = "\"hostname\"";
  if (!skip(text, '{')) return {};
  skip_space(text);
  if (!text.starts_with(kKey)) return {};
  text.remove_prefix(kKey.size());
  if (!skip(text, ':') || !skip(text, '"')) return {};
  const std::size_t end = text.find('"');
  return end == std::string_view::npos ? std::string_view() : text.substr(0, end);
}

/// Where the string ends whose quote stands at `at`: behind its other quote; npos if it has none.
std::size_t end_of_string(std::string_view text, std::size_t at) {
  for (++at; at < text.size() && text[at] != '"'; ++at) at += text[at] == '\\' ? 1U : 0U;
  return at < text.size() ? at + 1 : std::string_view::npos;
}

/// The text of the next object of an array that is good JSON; takes it, and the comma behind it, off `text`.
std::string_view take_object(std::string_view& text) {
  skip_space(text);
  std::size_t open = 0;
  std::size_t at = 0;
  do {
    at = text.find_first_of("{}\"", at);
    if (at == std::string_view::npos) return {};
    if (text[at] == '"') {
      at = end_of_string(text, at);
      if (at == std::string_view::npos) return {};
    } else {
      open += text[at++] == '{' ? 1U : SIZE_MAX;  // one less
    }
  } while (open != 0);
  const std::string_view object = text.substr(0, at);
  text.remove_prefix(at);
  skip(text, ',');
  return object;
}

/// Each is in a tree.
constexpr std::size_t kNode = 64;

std::size_t bytes_of(const ReadingShape& shape) {
  return kNode + shape.bytes();
}
std::size_t bytes_of(const Layout& layout) {
  return kNode + layout.bytes();
}

}  // namespace

std::size_t ShapeMemory::bytes_of_host(std::string_view host) {
  return kNode + sizeof(std::pair<std::string, Shapes>) + host.size();
}

void ShapeMemory::Shapes::add(const SharedShape& shape) {
  if (std::find(shapes.begin(), shapes.end(), shape) != shapes.end()) return;
  std::move_backward(shapes.begin(), shapes.end() - 1, shapes.end());
  shapes.front() = shape;
}

/// Reads one body by what is remembered.
class ShapeMemory::Recogniser {
 public:
  Recogniser(ShapeMemory& memory, const DecodeLimits& limits) : memory_(memory), limits_(limits) {}

  bool take(std::string_view& text, ReceivedReading& reading) {
    if (!take_known(text, reading)) return false;
    if (limits_.refuses && limits_.refuses(reading.hostname, reading.timestamp) != nullptr) return false;
    if (std::exchange(is_new_to_host_, false)) memory_.remember(reading.hostname, shape_);
    return true;
  }

 private:
  bool take_known(std::string_view& text, ReceivedReading& reading) {
    if (try_shape(shape_, text, reading)) return true;
    const std::string_view host = leading_hostname(text);
    if (!host.empty() && try_all(memory_.shapes_of(host), text, reading)) return true;
    is_new_to_host_ = try_all(memory_.latest(), text, reading);
    return is_new_to_host_;
  }
  bool try_shape(const SharedShape& shape, std::string_view& text, ReceivedReading& reading) const {
    std::string_view rest = text;
    if (shape == nullptr || !shape->take(rest, limits_, reading)) return false;
    text = rest;
    return true;
  }
  bool try_all(const Shapes& shapes, std::string_view& text, ReceivedReading& reading) {
    for (const SharedShape& shape : shapes.shapes) {
      if (!try_shape(shape, text, reading)) continue;
      shape_ = shape;
      return true;
    }
    return false;
  }

  ShapeMemory& memory_;
  const DecodeLimits& limits_;
  SharedShape shape_;  ///< of the last reading
  bool is_new_to_host_ = false;
};

std::optional<DecodedReadings> ShapeMemory::recognise(std::string_view body, const DecodeLimits& limits) {
  DecodedReadings result;
  result.is_array = skip(body, '[');
  Recogniser recogniser(*this, limits);
  do {
    skip_space(body);
    if (result.is_array && result.readings.size() >= limits.max_readings) return std::nullopt;
    ReceivedReading& reading = result.readings.emplace_back();
    if (!recogniser.take(body, reading)) return std::nullopt;
  } while (result.is_array && skip(body, ','));
  if (result.is_array && !skip(body, ']')) return std::nullopt;
  skip_space(body);
  if (!body.empty()) return std::nullopt;
  return result;
}

void ShapeMemory::learn(std::string_view body, DecodedReadings& decoded) {
  SharedLayout layout;  // as it was decoded, and as it is shared
  SharedLayout shared;
  for (ReceivedReading& reading : decoded.readings) {
    if (reading.layout != layout) {
      layout = reading.layout;
      shared = share(layout);
    }
    reading.layout = shared;
  }
  // Where some are missing it is not known which texts the others have.
  if (decoded.rejected_count == 0 && decoded.surplus_count == 0) learn_shapes(body, decoded);
}

void ShapeMemory::learn_shapes(std::string_view body, const DecodedReadings& decoded) {
  skip_space(body);
  if (decoded.is_array) skip(body, '[');
  SharedShape shape;
  const DecodeLimits any;
  for (const ReceivedReading& reading : decoded.readings) {
    const std::string_view text = take_object(body);
    std::string_view rest = text;
    ReceivedReading again;
    const bool is_as_before = shape != nullptr && shape->take(rest, any, again) && rest.empty();
    if (!is_as_before) {
      auto made = ReadingShape::of(text, reading);
      if (!made) continue;
      shape = share(std::move(*made));
    }
    remember(reading.hostname, shape);
  }
}

std::size_t ShapeMemory::bytes() const {
  const util::MutexLock lock(mutex_);
  return all_bytes();
}

std::size_t ShapeMemory::all_bytes() const {
  return host_bytes_ + host_bytes_before_ + shape_bytes_ + layout_bytes_;
}

ShapeMemory::Shapes ShapeMemory::shapes_of(std::string_view host) {
  const util::MutexLock lock(mutex_);
  const Shapes* const found = find(host);
  return found == nullptr ? Shapes{} : *found;
}

ShapeMemory::Shapes ShapeMemory::latest() const {
  const util::MutexLock lock(mutex_);
  return latest_;
}

void ShapeMemory::remember(const std::string& host, const SharedShape& shape) {
  const util::MutexLock lock(mutex_);
  latest_.add(shape);
  Shapes* known = find(host);
  if (known == nullptr) {
    known = &hosts_.try_emplace(host).first->second;
    host_bytes_ += bytes_of_host(host);
    fresh_bytes_ += bytes_of_host(host);
  }
  known->add(shape);
  make_room();
}

SharedShape ShapeMemory::share(ReadingShape shape) {
  auto made = std::make_shared<const ReadingShape>(std::move(shape));
  const util::MutexLock lock(mutex_);
  const auto [place, is_new] = all_.insert(std::move(made));
  if (is_new) {
    shape_bytes_ += bytes_of(**place);
    fresh_bytes_ += bytes_of(**place);
  }
  return *place;
}

SharedLayout ShapeMemory::share(const SharedLayout& layout) {
  const util::MutexLock lock(mutex_);
  const auto [place, is_new] = layouts_.insert(layout);
  const SharedLayout shared = *place;
  if (is_new) {
    layout_bytes_ += bytes_of(*shared);
    fresh_bytes_ += bytes_of(*shared);
    make_room();
  }
  return shared;
}

/// What is known of the host, which is among those met of late from now on.
ShapeMemory::Shapes* ShapeMemory::find(std::string_view host) {
  if (const auto found = hosts_.find(host); found != hosts_.end()) return &found->second;
  const auto before = hosts_before_.find(host);
  if (before == hosts_before_.end()) return nullptr;
  host_bytes_before_ -= bytes_of_host(before->first);
  host_bytes_ += bytes_of_host(before->first);
  return &hosts_.insert(hosts_before_.extract(before)).position->second;
}

/// Half of the room is for what came of late, so that one generation of hosts after the other is forgotten.
/// Where those of late hold more than all of it together, all begins anew.
void ShapeMemory::make_room() {
  if (fresh_bytes_ > most_bytes_ / 2) begin_anew();
  if (all_bytes() > most_bytes_) begin_anew();
  if (all_bytes() > most_bytes_) begin_anew();
  if (all_bytes() <= most_bytes_) return;
  // Others have them: readings that wait to be stored, and the store itself.
  layouts_.clear();
  layout_bytes_ = 0;
}

void ShapeMemory::begin_anew() {
  hosts_before_ = std::exchange(hosts_, {});
  host_bytes_before_ = std::exchange(host_bytes_, 0);
  fresh_bytes_ = 0;
  drop_unused();
}

void ShapeMemory::drop_unused() {
  std::erase_if(all_, [this](const SharedShape& shape) REQUIRES(mutex_) {
    if (shape.use_count() != 1) return false;
    shape_bytes_ -= bytes_of(*shape);
    return true;
  });
  std::erase_if(layouts_, [this](const SharedLayout& layout) REQUIRES(mutex_) {
    if (layout.use_count() != 1) return false;
    layout_bytes_ -= bytes_of(*layout);
    return true;
  });
}

}  // namespace hostwatch::protocol
