// Random histories, and a plain model of what every answer has to be: see docs/testing.md.
#include <gtest/gtest.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <iostream>

#include <spdlog/spdlog.h>

#include "tests/model/server_subject.h"
#include "tests/model/store_subject.h"
#include "tests/model/world.h"

namespace hostwatch::model {
namespace {

/// From the environment: a number, or else the default.
std::int64_t number_of(const char* variable, std::int64_t otherwise) {
  const char* text = std::getenv(variable);
  return text == nullptr || *text == '\0' ? otherwise : std::atoll(text);
}

class Folder {
 public:
  Folder() {
    std::string pattern = (std::filesystem::temp_directory_path() / "hostwatch-model-XXXXXX").string();
    if (::mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("no temporary folder");
    path_ = pattern;
  }
  ~Folder() { std::filesystem::remove_all(path_); }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

World::Start in_this_process(const std::string& folder) {
  return [folder](std::int64_t now, const Options& options, Dice& dice) {
    storage::sqlite::SqliteOptions tuning;
    if (dice.one_in(2)) {  // more of everything that happens between readings
      tuning.file_after_readings = static_cast<std::size_t>(dice.from(1, 500));
      tuning.file_at_once = static_cast<std::size_t>(dice.from(50, 2000));
      tuning.compact_after_readings = dice.from(2, 256);
      tuning.most_uncompacted = dice.from(256, 8192);
      if (dice.one_in(3)) tuning.names.layouts = 3;
    }
    return std::make_unique<StoreSubject>(folder, now, options, tuning);
  };
}

World::Start of_the_program(const std::string& folder) {
  return [folder](std::int64_t now, const Options& options, Dice&) {
    return std::make_unique<ServerSubject>(folder, now, options);
  };
}

/// How many worlds, and which: from the environment, or else what CTest runs.
struct Amount {
  explicit Amount(std::int64_t usual_worlds) : worlds(number_of("HOSTWATCH_MODEL_WORLDS", usual_worlds)) {}
  std::int64_t first_seed = number_of("HOSTWATCH_MODEL_SEED", 1);
  std::int64_t seeds = number_of("HOSTWATCH_MODEL_SEEDS", 1);
  std::int64_t seconds = number_of("HOSTWATCH_MODEL_SECONDS", 0);  ///< for all seeds; 0: so many worlds
  std::int64_t worlds;                                             ///< a seed
  std::int64_t only = number_of("HOSTWATCH_MODEL_WORLD", -1);      ///< this one alone, and it tells each step
};

/// One world; false if an answer was not the model's.
bool run_world(std::int64_t seed, std::int64_t number, const Size& size, bool tells, Tally& sum,
               const std::function<World::Start(const std::string&)>& start_in) {
  const Folder folder;
  std::unique_ptr<World> world;
  std::string what;
  try {
    world = std::make_unique<World>(static_cast<std::uint64_t>(seed * 1'000'000 + number), size,
                                    start_in(folder.path()), [tells](const std::string& line) {
                                      if (tells) std::cout << "  " << line << std::endl;
                                    });
    world->run();
  } catch (const std::exception& error) {
    what = error.what();
  }
  if (world) sum += world->tally();
  if (what.empty()) return true;
  ADD_FAILURE() << "HOSTWATCH_MODEL_SEED=" << seed << " HOSTWATCH_MODEL_WORLD=" << number << " ("
                << (world ? world->options() : "") << "): " << what;
  return false;
}

void run_worlds(const Amount& run, Size (*size_of)(std::int64_t number),
                const std::function<World::Start(const std::string&)>& start_in) {
  spdlog::set_level(spdlog::level::warn);
  Tally sum;
  std::int64_t worlds = 0;
  std::int64_t differences = 0;
  for (std::int64_t seed = run.first_seed; seed < run.first_seed + run.seeds; ++seed) {
    const auto end = std::chrono::steady_clock::now() + std::chrono::seconds(run.seconds) / run.seeds;
    const auto goes_on = [&](std::int64_t number) {
      if (run.only >= 0) return number == run.only;
      return run.seconds > 0 ? std::chrono::steady_clock::now() < end : number < run.worlds;
    };
    for (std::int64_t number = std::max<std::int64_t>(run.only, 0); goes_on(number); ++number, ++worlds) {
      if (!run_world(seed, number, size_of(number), run.only >= 0, sum, start_in)) ++differences;
    }
  }
  std::cout << worlds << " worlds: " << sum.readings << " readings, " << sum.restarts << " restarts, "
            << sum.looks << " looks, " << sum.questions << " questions (" << sum.too_large << " too large); "
            << differences << " differences\n";
}

TEST(Model, TheStoreAnswersAsItDoes) {
  run_worlds(
      Amount(100),
      [](std::int64_t number) {
        Size size;
        size.has_size_limit = number % 4 == 3;
        if (number % 4 == 2) size.steps = 250;
        if (size.has_size_limit) size.readings = 60000;
        return size;
      },
      in_this_process);
}

TEST(Model, TheServerAnswersAsItDoes) {
  if (testing::kSanitized) GTEST_SKIP() << "the sanitizers must be loaded before every other library";
  run_worlds(
      Amount(4),
      [](std::int64_t number) {
        Size size;
        size.steps = 60;
        size.readings = 8000;
        size.has_size_limit = number % 4 == 3;
        return size;
      },
      of_the_program);
}

}  // namespace
}  // namespace hostwatch::model
