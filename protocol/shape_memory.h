#pragma once

#include <array>
#include <cstddef>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "protocol/decode.h"
#include "protocol/reading_shape.h"
#include "util/mutex.h"

namespace hostwatch::protocol {

/// Remembers, for each host, the last few shapes of its readings (sources that are asked more rarely than
/// others make it take turns), and those that anybody had last. Hosts whose readings look alike share shape
/// and layout. Of one set of limits: what was learned under some holds for those alone. Thread-safe. Memory
/// is bounded: what was not met for longest is forgotten, and learned anew when it comes again.
class ShapeMemory {
 public:
  static constexpr std::size_t kShapesOfHost = 4;

  /// `most_bytes`: memory that it may take, about.
  explicit ShapeMemory(std::size_t most_bytes = 64UL * 1024 * 1024) : most_bytes_(most_bytes) {}

  /// What decode_readings() makes of the body, if all of its readings are of shapes that are remembered, and
  /// none is refused; else nothing.
  std::optional<DecodedReadings> recognise(std::string_view body, const DecodeLimits& limits);

  /// Remembers the shapes of the readings that were taken of the body, which was decoded by every rule; and
  /// gives readings the layouts that others have already.
  void learn(std::string_view body, DecodedReadings& decoded);

  /// Memory that it takes, about.
  std::size_t bytes() const;

 private:
  struct Shapes {
    std::array<SharedShape, kShapesOfHost> shapes;  ///< the one learned last first
    void add(const SharedShape& shape);
  };
  struct ByContent {
    template <typename Shared>
    bool operator()(const Shared& a, const Shared& b) const {
      return *a < *b;
    }
  };
  using Hosts = std::map<std::string, Shapes, std::less<>>;
  class Recogniser;
  static std::size_t bytes_of_host(std::string_view host);

  Shapes shapes_of(std::string_view host);
  Shapes latest() const;
  void remember(const std::string& host, const SharedShape& shape);
  void learn_shapes(std::string_view body, const DecodedReadings& decoded);
  SharedShape share(ReadingShape shape);
  SharedLayout share(const SharedLayout& layout);
  Shapes* find(std::string_view host) REQUIRES(mutex_);
  std::size_t all_bytes() const REQUIRES(mutex_);
  void make_room() REQUIRES(mutex_);
  void begin_anew() REQUIRES(mutex_);
  void drop_unused() REQUIRES(mutex_);

  const std::size_t most_bytes_;
  mutable util::Mutex mutex_;
  Shapes latest_ GUARDED_BY(mutex_);
  Hosts hosts_ GUARDED_BY(mutex_);         ///< met since it was begun anew
  Hosts hosts_before_ GUARDED_BY(mutex_);  ///< before that, and not since
  std::set<SharedShape, ByContent> all_ GUARDED_BY(mutex_);
  std::set<SharedLayout, ByContent> layouts_ GUARDED_BY(mutex_);
  std::size_t host_bytes_ GUARDED_BY(mutex_) = 0;
  std::size_t host_bytes_before_ GUARDED_BY(mutex_) = 0;
  std::size_t shape_bytes_ GUARDED_BY(mutex_) = 0;
  std::size_t layout_bytes_ GUARDED_BY(mutex_) = 0;
  std::size_t fresh_bytes_ GUARDED_BY(mutex_) = 0;  ///< that came since it was begun anew
};

}  // namespace hostwatch::protocol
