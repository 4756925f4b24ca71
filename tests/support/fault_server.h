// A server before a LocalEndpoint that does to each request, or to its reply, what a test's script says.
#pragma once

#include "local/request_verifier.h"
#include "support/tcp_server.h"

#include <audiostore/local_endpoint.h>

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace audiostore {

/// What happens to one request. Made by the functions of `reaction`.
struct Reaction {
  enum class Kind {
    pass,
    answer,
    refuse,
    cut_request,
    flip_request,
    stall,
    lose_reply,
    cut_reply,
    stall_reply,
    flip_reply,
    slice_reply,
  };
  enum class End { fin, rst };

  Kind kind = Kind::pass;
  std::uint64_t at = 0;
  End end = End::rst;
  std::string bytes = {};
};

/// For a person to read, in the message of a test that fails.
std::string to_string(const Reaction& reaction);

namespace reaction {

/// As if there were no FaultServer.
Reaction pass();
/// These bytes instead of a reply of the endpoint's, which gets no request; then the connection ends.
Reaction answer(std::string response);
/// A refusal with S3's error document instead; `fields` are whole lines.
Reaction refuse(int status, std::string_view service_code, std::string_view fields = {});
/// The connection is reset when `at` bytes of the request's body have come; the endpoint gets nothing.
Reaction cut_request(std::uint64_t at);
/// The endpoint gets the body with one bit turned: bit `at` % 8 of byte `at` / 8, from the start again if it is
/// shorter.
Reaction flip_request(std::uint64_t at);
/// Nothing happens until the client goes or FaultServer::release() is called; the endpoint gets nothing.
Reaction stall();
/// The endpoint has done what was asked; the client is not told.
Reaction lose_reply(Reaction::End end = Reaction::End::rst);
/// The reply ends when `at` bytes of its body are out.
Reaction cut_reply(std::uint64_t at, Reaction::End end = Reaction::End::rst);
/// The reply stops when `at` bytes of its body are out, until the client goes or FaultServer::release() is called.
Reaction stall_reply(std::uint64_t at);
/// One bit of the reply's body is turned, counted as in flip_request().
Reaction flip_reply(std::uint64_t at);
/// The reply comes in segments of one byte.
Reaction slice_reply();

}  // namespace reaction

/// Speaks HTTP on loopback. Every request that comes whole is verified, its signature and the hash of its body, by the
/// endpoint's code, which shares none with the signer. Requests reach the endpoint one at a time, and not at all when
/// their client has gone before: what was given up never takes effect behind what was sent after it.
///
/// A script that is not used up when the server goes fails the test, and so does a request with a wrong signature.
class FaultServer {
 public:
  /// One request, as it came.
  struct Seen {
    std::string operation;  ///< S3's name, e.g. "PutObject"
    std::string head;
    std::size_t body_bytes = 0;
    int status = 0;  ///< of the reply that the endpoint gave; 0 where it was not asked
  };

  /// Before `endpoint`, which must outlive it.
  explicit FaultServer(const LocalEndpoint& endpoint);
  FaultServer(const FaultServer&) = delete;
  FaultServer& operator=(const FaultServer&) = delete;
  ~FaultServer();

  [[nodiscard]] std::uint16_t port() const noexcept { return server_.port(); }
  /// Options for make_s3_store() that reach the endpoint through here.
  [[nodiscard]] S3Options s3_options() const;

  /// For the next request of this operation, by S3's name for it; these come before those of any().
  void on(const std::string& operation, Reaction reaction);
  /// For the next request, whatever it is.
  void any(Reaction reaction);
  /// For every request that the script says nothing of. pass() at first.
  void otherwise(Reaction reaction);
  /// Connections end without a word after so many replies; 0 for never.
  void set_replies_per_connection(std::size_t count);
  /// Ends every stall, also those to come.
  void release() { server_.release(); }

  /// Every request whose head came, in the order of their heads.
  [[nodiscard]] std::vector<Seen> seen() const;
  /// How many requests of an operation came.
  [[nodiscard]] std::size_t count(std::string_view operation) const;
  /// Reactions that were not used; empty when all were.
  [[nodiscard]] std::string left_over() const;
  /// What was wrong with signatures; empty when nothing was. Asking for it takes it.
  std::string complaints();

 private:
  struct Task;

  void serve(TcpConnection& connection);
  Task begin(std::string head);
  Reaction take_reaction(const std::string& operation);
  bool react(TcpConnection& connection, Task& task);
  void verify(const Task& task);
  bool forward(TcpConnection& connection, Task& task);

  const LocalEndpoint& endpoint_;
  local::RequestVerifier verifier_;
  std::mutex endpoint_mutex_;  // held from the look whether a client is still there to the end of the reply
  mutable std::mutex mutex_;   // for what follows
  std::deque<Reaction> any_;
  std::map<std::string, std::deque<Reaction>, std::less<>> by_operation_;
  Reaction otherwise_;
  std::size_t replies_per_connection_ = 0;
  std::vector<Seen> seen_;
  std::string complaints_;
  TcpServer server_;  // last: its threads use all the others
};

}  // namespace audiostore
