// A program started by a test and ended with it.
#pragma once

#include <sys/types.h>

#include <string>
#include <string_view>
#include <vector>

namespace audiostore {

/// Runs argv[0], found by PATH, without input; its output can be read line by line, its errors go nowhere. The
/// destructor ends it, by its process id.
class ChildProcess {
 public:
  explicit ChildProcess(std::vector<std::string> argv);
  ChildProcess(const ChildProcess&) = delete;
  ChildProcess& operator=(const ChildProcess&) = delete;
  ~ChildProcess();

  /// The rest of the first line of output that begins with `prefix`. Waits for it for at most 20 seconds; throws
  /// std::runtime_error when it does not come.
  std::string wait_for_line(std::string_view prefix);

  /// Waits for the program to end by itself; its exit status, -1 when a signal ended it.
  int wait();

 private:
  bool read_more();

  pid_t pid_ = -1;
  int output_ = -1;
  std::string text_;
};

/// Runs a program to its end. Throws std::runtime_error unless it succeeds.
void run_program(std::vector<std::string> argv);

}  // namespace audiostore
