// HTTP/1.1 on one connection: request heads in, responses out, one after the other.
#pragma once

#include "local/http_limits.h"
#include "local/http_message.h"

#include <audiostore/bytes.h>

#include <cstddef>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>

namespace audiostore::local {

/// The bytes of a connection whose request is being answered. An interface so that the protocol can be tested without
/// sockets.
class ByteStream {
 public:
  virtual ~ByteStream() = default;
  /// Waits for some bytes; 0 when the peer has ended its side. Errors: unavailable, timed_out.
  virtual Result<std::size_t> read(std::span<std::byte> out) = 0;
  /// Writes all bytes. Errors: unavailable, timed_out.
  virtual Result<void> write(ByteSpan bytes) = 0;
  /// Ends our side; the peer can still send.
  virtual void finish() = 0;
};

/// What a connection waits for.
enum class Phase {
  idle,      ///< the first byte of a request
  head,      ///< the rest of a request's head
  answer,    ///< our answer: call answer()
  farewell,  ///< the peer's end: our last response is under way, and who still sends must get to read it
  over,      ///< nothing; it is to be closed
};

/// The protocol of one connection. Only answer() waits for the peer: whoever owns the connection reads heads for it, so
/// that a connection needs no thread until there is something to answer. Not thread-safe; may move between threads.
///
/// Written here rather than left to the HTTP library because a signature covers the head byte for byte: cpp-httplib
/// 0.11 percent-decodes header values, drops fields without a value, cuts the target at '#', applies Range to whatever
/// is answered, and inflates bodies by their Content-Encoding.
class HttpConnection {
 public:
  HttpConnection(ByteStream& stream, HttpService& service, std::stop_token stop, HttpLimits limits = {})
      : stream_(stream), service_(service), stop_(std::move(stop)), limits_(limits) {}

  [[nodiscard]] Phase phase() const noexcept { return phase_; }

  /// Takes what the peer has sent. Not to be called in the phase `answer`.
  void receive(ByteSpan bytes);
  /// The peer has ended its side, or is lost.
  void hang_up() noexcept { phase_ = Phase::over; }
  /// The phase has lasted for as long as it may.
  void expire();
  /// Serves the request, or refuses what is none. REQUIRES: the phase is `answer`.
  void answer();
  /// Answers with `reason`, whatever the request is. REQUIRES: the phase is `answer`.
  void turn_away(const Error& reason);

 private:
  class Reply;
  /// Where a chunked body stands: before its first chunk, or in a later one; none behind the last, and where it is not
  /// chunked.
  enum class Chunks { none, first, next };
  Phase seek_head(std::size_t searched);
  [[nodiscard]] std::size_t bytes_to_await(std::size_t head_bytes) const;
  std::string take_head();
  Phase serve_request();
  Phase refuse(const Error& reason, std::string_view head);
  Phase conclude(Reply& reply);
  Result<std::size_t> read_body(std::span<std::byte> out);
  Result<void> begin_chunk();
  Result<std::string> take_line();

  ByteStream& stream_;
  HttpService& service_;
  std::stop_token stop_;
  HttpLimits limits_;
  Phase phase_ = Phase::idle;
  std::string buffer_;           // received, not yet consumed
  std::size_t head_bytes_ = 0;   // of the head at the front of buffer_, without its end; 0 until it is whole
  std::size_t awaited_ = 0;      // how many bytes must be in buffer_ before that request is served
  std::optional<Error> fault_;   // why what is in buffer_ will never be a head
  std::uint64_t body_left_ = 0;  // of the request being served, or of the chunk of it that is being read
  Chunks chunks_ = Chunks::none;
  bool continue_expected_ = false;  // the client waits for a "100 Continue" before it sends the body
};

}  // namespace audiostore::local
