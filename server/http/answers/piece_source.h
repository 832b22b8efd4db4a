#pragma once

#include <cstddef>
#include <string>

namespace hostwatch::http {

/// The body of an answer that is made while it is sent: as its client takes it, piece by piece. Used by one
/// thread at a time, not always by the same one; it goes with the answer, sent or not.
class PieceSource {
 public:
  PieceSource() = default;
  virtual ~PieceSource() = default;
  PieceSource(const PieceSource&) = delete;
  PieceSource& operator=(const PieceSource&) = delete;

  /// Appends the next piece to `out`, which is empty: about 64 KiB, less, or nothing. False if it is the last
  /// one. It must not wait for anything, nor take long: a thread that serves others is held. What it throws
  /// ends the connection, so that the client does not take what it has for all.
  virtual bool next(std::string& out) = 0;

  /// About how many bytes of memory it holds, until it is gone.
  virtual std::size_t memory() const = 0;
};

}  // namespace hostwatch::http
