#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>

struct bio_st;

namespace hostwatch::http {

/// What OpenSSL reads a connection from: a non-blocking socket, never beyond the end of a TLS record (RFC
/// 8446, section 5.1), and so many records at a time. Whatever OpenSSL does inside one call, it gets no more
/// to do than that; what is left is in the socket, not in a buffer. Not thread-safe.
class RecordSource {
 public:
  /// The socket must outlive it.
  explicit RecordSource(int socket) : socket_(socket) {}
  RecordSource(const RecordSource&) = delete;
  RecordSource& operator=(const RecordSource&) = delete;

  /// Reads from here, which must outlive it. The caller's to free. Throws std::bad_alloc.
  std::unique_ptr<bio_st, void (*)(bio_st*)> make_bio();

  /// So many records may begin from now on.
  void allow(int records);

  /// Of those that were allowed.
  int begun() const { return begun_; }
  /// One more was asked for.
  bool is_used_up() const { return is_used_up_; }
  bool is_at_end() const { return is_at_end_; }

  /// As recv(2), with errno; EAGAIN also where no further record may begin.
  std::ptrdiff_t read(char* data, std::size_t size);

 private:
  static constexpr std::size_t kHeadBytes = 5;

  void follow(std::string_view bytes);

  int socket_;
  int allowed_ = 0;
  int begun_ = 0;
  bool is_used_up_ = false;
  bool is_at_end_ = false;
  // Of the record at hand.
  std::size_t head_left_ = kHeadBytes;
  std::size_t body_left_ = 0;
  std::uint16_t length_ = 0;  ///< the last two bytes of its head that have come: in the end, of its body
};

}  // namespace hostwatch::http
