#pragma once

#include <memory>
#include <string>

#include "tests/integration/programs.h"
#include "tests/model/subject.h"

namespace hostwatch::model {

/// The server's program, asked over HTTP in every format; its clocks are shifted by a library that is loaded
/// before it. It goes on by itself, so a run is nearly the same each time, and not quite.
class ServerSubject final : public Subject {
 public:
  /// A database is made in `folder`.
  ServerSubject(const std::string& folder, std::int64_t now, const Options& options);
  ~ServerSubject() override;

  std::int64_t now() const override;
  void advance(std::int64_t seconds) override { shift(seconds, seconds); }
  void set_clock_ahead(std::int64_t seconds) override { shift(seconds, 0); }
  std::int64_t leeway() const override { return 30; }
  std::int64_t earliest() const override { return now() - retention_hours_ + 5; }
  bool goes_on_by_itself() const override { return true; }
  Sent send(const std::vector<protocol::Reading>& readings) override;
  bool forget(const std::string& host) override;
  bool clean(const std::string& host) override;
  void maintain(int pieces) override;
  void restart(const Options& options, bool killed) override;
  std::vector<std::string> formats() const override { return {"columns", "rows", "csv", "long"}; }
  query::History history(const query::HistoryRequest& request, const std::string& format) override;
  query::Fleet fleet(const query::FleetRequest& request) override;
  std::map<std::string, Listed> hosts() override;
  std::vector<std::string> check() override;
  std::map<std::string, Model::History> exported() override;
  std::uint64_t used_bytes() override;

 private:
  void start(const Options& options);
  void shift(std::int64_t wall, std::int64_t steady);
  std::string get(const std::string& address);
  testing::Finished run(std::vector<std::string> command);
  std::vector<std::string> with_shifted_clock() const;

  std::string folder_;
  std::int64_t retention_hours_ = 0;
  std::int64_t* shifts_;  ///< mapped: of the time of day, of the steady clock
  std::unique_ptr<testing::Server> server_;
  std::unique_ptr<httplib::Client> client_;
  int exports_ = 0;
};

}  // namespace hostwatch::model
