// A proxy on loopback that harms what passes through it, at the byte that a test names.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <list>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

namespace audiostore {

/// Passes bytes between its clients and one server on loopback. One thread carries all connections, and looks for
/// clients that have gone before it passes anything on: what a client sent before it gave up never overtakes what it
/// sends afterwards over another connection.
///
/// Harm that was planned and not done when the proxy goes fails the test: a fault that was not hit proves nothing.
class FaultProxy {
 public:
  enum class Way { up, down };  ///< to the server, to the client
  enum class Harm {
    end,    ///< the connection ends with FIN instead of this byte
    reset,  ///< the connection ends with RST instead of this byte
    flip,   ///< one bit of this byte is turned
    stall,  ///< this byte waits, and all behind it on its connection, until release()
  };
  /// Bytes are counted from 0 over all connections, each way for itself.
  struct Fault {
    Way way;
    std::uint64_t at;
    Harm harm;
    unsigned bit = 0;  ///< of flip: 0 to 7
  };

  explicit FaultProxy(std::uint16_t server_port);
  FaultProxy(const FaultProxy&) = delete;
  FaultProxy& operator=(const FaultProxy&) = delete;
  ~FaultProxy();

  [[nodiscard]] std::uint16_t port() const noexcept { return port_; }
  /// "http://127.0.0.1:PORT"
  [[nodiscard]] std::string url() const;

  void plan(const Fault& fault);
  /// From now on bytes leave in segments of at most `bytes`, and each waits between `least` and `most` before it does.
  void slow_down(std::size_t bytes, std::chrono::microseconds least, std::chrono::microseconds most);
  /// From now on new connections are reset, or no longer.
  void refuse(bool refusing);
  /// From now on bytes are taken and go nowhere, both ways, or no longer: the peer has vanished without a word.
  void swallow(bool swallowing);
  /// Ends every stall, also those to come.
  void release();

  /// Bytes that came this way so far.
  [[nodiscard]] std::uint64_t seen(Way way) const;
  /// What was planned and has not happened yet, for a person to read; empty when all was done.
  [[nodiscard]] std::string left_over() const;

 private:
  struct Lane;
  struct Link;
  struct Pace;

  void run();
  [[nodiscard]] std::optional<std::chrono::microseconds> time_to_wait(std::chrono::steady_clock::time_point now) const;
  void accept_one();
  void carry_all();
  void carry(Link& link);
  void take_in(Link& link, Lane& lane);
  void do_harm(Lane& lane, std::string& bytes);
  void pass_on(Link& link, Lane& lane);
  void conclude(Link& link);
  void wake() const;

  std::uint16_t server_port_;
  int listener_;
  std::uint16_t port_ = 0;
  int wake_[2];
  mutable std::mutex mutex_;  // for what follows
  bool ending_ = false;
  bool refusing_ = false;
  bool swallowing_ = false;
  bool released_ = false;
  std::unique_ptr<Pace> pace_;
  std::map<Way, std::map<std::uint64_t, Fault>> planned_;
  std::map<Way, std::uint64_t> seen_;
  std::list<Link> links_;
  std::thread thread_;
};

}  // namespace audiostore
