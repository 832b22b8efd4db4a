#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "tests/model/comparison.h"
#include "tests/model/model.h"
#include "tests/model/subject.h"

namespace hostwatch::model {

/// Random choices, the same for the same seed and build.
class Dice {
 public:
  explicit Dice(std::uint64_t seed) : generator_(seed) {}
  std::int64_t from(std::int64_t least, std::int64_t most);
  bool one_in(std::int64_t times) { return from(1, times) == 1; }
  double share() { return static_cast<double>(from(0, 1'000'000)) / 1e6; }
  template <typename Values>
  auto of(const Values& values) {
    return *(std::begin(values) + from(0, static_cast<std::int64_t>(std::size(values)) - 1));
  }

 private:
  std::mt19937_64 generator_;
};

/// How a run is made.
struct Size {
  int steps = 100;                ///< things that happen
  std::int64_t readings = 20000;  ///< accepted in all, about
  int questions = 12;             ///< each time that the answers are looked at
  bool has_size_limit = false;
};

/// What a world has counted.
struct Tally {
  std::uint64_t readings = 0;
  std::uint64_t questions = 0;
  std::uint64_t looks = 0;
  std::uint64_t restarts = 0;
  std::uint64_t too_large = 0;  ///< questions that were refused for what they would cost
  Tally& operator+=(const Tally& other);
};

/// Options that the server takes: retentions from an hour, levels equal or nearly so, or the default.
Options made_up_options(Dice& dice, bool has_size_limit);

/// A random history: hosts of all intervals that send in order, in bursts, late, shuffled and twice, that are
/// deleted and come back, while the clock moves by seconds to weeks, the server is stopped and killed and its
/// options change; and now and then all answers are held against the model.
class World {
 public:
  using Start = std::function<std::unique_ptr<Subject>(std::int64_t now, const Options& options, Dice& dice)>;

  /// `tell`: gets a line for each thing that happens.
  World(std::uint64_t seed, const Size& size, const Start& start,
        std::function<void(const std::string&)> tell);

  /// Throws Difference.
  void run();

  const Tally& tally() const { return tally_; }
  std::string options() const;

 private:
  struct Host {
    std::string name;
    std::int64_t interval = 60;
    std::vector<std::size_t> series;  ///< that its readings have mostly
    std::int64_t next = 0;            ///< when its next reading is due
  };
  void make_hosts();
  void step();
  void change_series(Host& host);
  void send_due(Host& host);
  void send_late(const Host& host);
  void send_again(const Host& host);
  void send(const Host& host, const std::vector<std::int64_t>& times, bool with_other_values = false);
  void take(const protocol::Reading& reading, Sent& expected);
  protocol::Reading known_reading_at(const Host& host, std::int64_t time);
  protocol::Reading reading_at(const Host& host, std::int64_t time);
  double value_of(std::size_t series, std::int64_t time);
  void expect_refusals(const std::vector<protocol::Reading>& readings,
                       const std::vector<std::size_t>& refused) const;
  void advance();
  void pass(std::int64_t seconds);
  void set_clock_wrong();
  void restart();
  void forget(const Host& host);
  void look();
  void look_once();
  void ask();
  query::Selection made_up_range();
  void note_time();
  Allowed allowed() const;

  Dice dice_;
  Size size_;
  std::function<void(const std::string&)> tell_;
  Options options_;
  std::unique_ptr<Subject> subject_;
  Model model_;
  std::unique_ptr<Comparison> comparison_;  ///< of the last look
  std::vector<Host> hosts_;
  Allowed due_;  ///< what was ever due to go by age
  std::int64_t first_ = 0;
  std::int64_t latest_ = 0;
  bool had_limit_ = false;
  Tally tally_;
};

}  // namespace hostwatch::model
