#pragma once

#include <curl/curl.h>

#include <array>
#include <chrono>
#include <memory>
#include <set>
#include <string>

#include "server/delivery/destination_policy.h"
#include "server/delivery/rendering.h"
#include "server/delivery/retry.h"

namespace hostwatch::delivery {

struct TransferSettings {
  DestinationPolicy policy;
  bool from_file = false;  ///< the channel is of the configuration file
  std::string ca_file;
  std::chrono::milliseconds connect_timeout{5'000};
  std::chrono::milliseconds timeout{15'000};
};

/// One request under way by libcurl, on a connection of its own: where it goes is judged each time, and
/// nothing is sent twice behind our back. Not thread-safe.
class Transfer {
 public:
  /// Throws std::runtime_error if libcurl cannot.
  Transfer(Request request, TransferSettings settings);
  ~Transfer();
  Transfer(const Transfer&) = delete;
  Transfer& operator=(const Transfer&) = delete;

  CURL* handle() const { return handle_.get(); }

  /// What came of it, once libcurl says that it is over.
  AttemptEnd end(CURLcode result) const;
  /// What came of it where it was not waited for any longer.
  AttemptEnd end_by_timeout() const;

  /// Before it is taken from libcurl unfinished. Of a mail that is half written libcurl would write the end
  /// then, as if it were whole, and wait for the answer to that, and all other transfers with it.
  void abandon();

 private:
  struct Callbacks;
  void set_up();
  void set_up_http(const HttpRequest& request);
  void set_up_mail(const MailRequest& request);
  AttemptEnd http_end(CURLcode result) const;
  AttemptEnd mail_end(CURLcode result) const;
  std::string reason(CURLcode result) const;
  std::string receiver() const;
  void add_header(const std::string& line);
  bool is_last_reply(int code) const;
  void stop_reading();

  template <typename Value>
  void set(CURLoption option, Value value) {
    curl_easy_setopt(handle_.get(), option, value);
  }

  struct EasyDeleter {
    void operator()(CURL* handle) const { curl_easy_cleanup(handle); }
  };
  struct ListDeleter {
    void operator()(curl_slist* list) const { curl_slist_free_all(list); }
  };

  Request request_;
  TransferSettings settings_;
  std::string mail_url_;
  std::unique_ptr<curl_slist, ListDeleter> list_;  ///< headers, or recipients
  std::string refusal_;                            ///< why it may not go where it leads
  std::set<int> sockets_;                          ///< that are open
  std::size_t read_ = 0;                           ///< bytes of the answer
  std::size_t written_ = 0;                        ///< bytes of the mail
  bool is_signed_in_ = false;
  bool is_without_sign_in_ = false;  ///< it was to, and could not
  bool is_mail_begun_ = false;
  bool has_starttls_ = false;
  int replies_ = 0;                            ///< of a mail server, whole ones
  int refused_with_ = 0;                       ///< its last reply from 400 on
  std::unique_ptr<CURL, EasyDeleter> handle_;  ///< last: it uses the others
};

}  // namespace hostwatch::delivery
