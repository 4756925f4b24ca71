// Name look-ups without a name server: what the names of this program resolve to, and when.
#pragma once

#include <condition_variable>
#include <mutex>

namespace audiostore {

/// Where threads wait until it is opened.
class Gate {
 public:
  /// Waits, for at most 20 seconds.
  void pass();
  void wait_for_arrival();
  /// Returns when all who waited have passed.
  void open();
  void close();

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  bool open_ = false;
  int waiting_ = 0;
};

/// Look-ups of "hangs.invalid" wait here, and then find nothing.
///
/// "link-local.invalid" resolves to 169.254.169.254, "link-local-or-loopback.invalid" to that and 127.0.0.1. All other
/// names go to the C library.
Gate& look_up_gate();

}  // namespace audiostore
