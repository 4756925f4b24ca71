#include "s3/credentials/child_output.h"

#include "core/crypto.h"
#include "core/system_error.h"

#include <fmt/format.h>

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <optional>

extern char** environ;  // NOLINT: POSIX has it declared by who uses it

namespace audiostore {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() { close_now(); }
  void close_now() {
    if (fd_ >= 0) ::close(fd_);
    fd_ = -1;
  }
  [[nodiscard]] int get() const noexcept { return fd_; }

 private:
  int fd_;
};

/// How a child starts: a process group of its own, no signal blocked, nothing to read, one pipe to write into.
class SpawnSettings {
 public:
  explicit SpawnSettings(int output) {
    posix_spawn_file_actions_init(&actions_);
    posix_spawn_file_actions_addopen(&actions_, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_adddup2(&actions_, output, STDOUT_FILENO);
    posix_spawn_file_actions_addopen(&actions_, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
    posix_spawnattr_init(&attributes_);
    sigset_t signals;
    sigemptyset(&signals);
    posix_spawnattr_setsigmask(&attributes_, &signals);
    sigaddset(&signals, SIGPIPE);  // that a program ignores it is no business of its children
    posix_spawnattr_setsigdefault(&attributes_, &signals);
    posix_spawnattr_setpgroup(&attributes_, 0);
    posix_spawnattr_setflags(&attributes_, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
  }
  SpawnSettings(const SpawnSettings&) = delete;
  SpawnSettings& operator=(const SpawnSettings&) = delete;
  ~SpawnSettings() {
    posix_spawnattr_destroy(&attributes_);
    posix_spawn_file_actions_destroy(&actions_);
  }

  /// 0, or an errno value.
  int spawn(pid_t& pid, const std::vector<std::string>& argv) const {
    std::vector<char*> arguments;
    arguments.reserve(argv.size() + 1);
    for (const std::string& argument : argv) arguments.push_back(const_cast<char*>(argument.c_str()));
    arguments.push_back(nullptr);
    return posix_spawnp(&pid, arguments.front(), &actions_, &attributes_, arguments.data(), environ);
  }

 private:
  posix_spawn_file_actions_t actions_;
  posix_spawnattr_t attributes_;
};

/// A child that is killed, with its group, unless it was waited for.
class Child {
 public:
  explicit Child(pid_t pid) : pid_(pid) {}
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;
  ~Child() {
    if (pid_ <= 0) return;
    ::kill(-pid_, SIGKILL);
    while (::waitpid(pid_, nullptr, 0) < 0 && errno == EINTR) {
    }
  }

  /// Its wait status once it has ended; -1 where somebody else took it.
  std::optional<int> status() {
    int status = 0;
    const pid_t ended = ::waitpid(pid_, &status, WNOHANG);
    if (ended == 0 || (ended < 0 && errno == EINTR)) return std::nullopt;
    pid_ = 0;
    return ended < 0 ? -1 : status;
  }

 private:
  pid_t pid_;
};

constexpr milliseconds look_around(200);  // for a stop; and a clock's rounding cannot make a wait endless

/// Ends a wait, for the program's own time or for the call that waits for it.
class Deadline {
 public:
  Deadline(milliseconds time, const CallGuard& call) : call_(call), end_(steady_clock::now() + time) {}

  /// Errors: timed_out, in the words of `limits` where it is theirs; cancelled.
  [[nodiscard]] Result<void> check(std::string_view program, const ChildLimits& limits) const {
    if (steady_clock::now() < end_) return call_.check();
    return Error(ErrorCode::timed_out, fmt::format("'{}' took longer than {} ms", program, limits.time.count()));
  }
  [[nodiscard]] int poll_time(milliseconds most) const {
    const auto end = std::min(end_, call_.end().value_or(end_));
    const auto left = std::chrono::ceil<milliseconds>(end - steady_clock::now());
    return static_cast<int>(std::clamp(left, milliseconds(0), most).count());
  }

 private:
  const CallGuard& call_;
  steady_clock::time_point end_;
};

/// All that comes out of the pipe until its end.
Result<Secret> read_all(int pipe, std::string_view program, const ChildLimits& limits, const Deadline& deadline) {
  std::string text(limits.bytes + 1, '\0');
  std::size_t size = 0;
  std::optional<Error> failed;
  for (bool ended = false; !ended && !failed;) {
    pollfd readable{pipe, POLLIN, 0};
    const int ready = ::poll(&readable, 1, deadline.poll_time(look_around));
    const ssize_t count = ready > 0 ? ::read(pipe, text.data() + size, text.size() - size) : 0;
    if (ready > 0 && count > 0) size += static_cast<std::size_t>(count);
    if (size > limits.bytes) {
      failed = Error(ErrorCode::corrupt, fmt::format("'{}' printed more than {} bytes", program, limits.bytes));
    } else if (auto go_on = deadline.check(program, limits); !go_on) {
      failed = std::move(go_on).error();
    }
    ended = ready > 0 && count == 0;
  }
  Secret output(std::string_view(text).substr(0, size));
  wipe(text);
  if (failed) return *std::move(failed);
  return output;
}

Result<void> wait_for_success(Child& child, std::string_view program, const ChildLimits& limits,
                              const Deadline& deadline) {
  auto status = child.status();
  for (; !status; status = child.status()) {
    if (auto go_on = deadline.check(program, limits); !go_on) return go_on;
    ::poll(nullptr, 0, deadline.poll_time(milliseconds(10)));
  }
  if (*status == 0) return {};
  const std::string how = *status < 0          ? "and how it ended cannot be known"
                          : WIFEXITED(*status) ? fmt::format("with status {}", WEXITSTATUS(*status))
                                               : fmt::format("by signal {}", WTERMSIG(*status));
  return Error(ErrorCode::unauthenticated, fmt::format("'{}' ended {}; run it by hand to see why", program, how));
}

}  // namespace

Result<Secret> run_for_output(const std::vector<std::string>& argv, const ChildLimits& limits, const CallGuard& call) {
  const std::string& program = argv.front();
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) return system_error(errno, "no pipe for a credential process");
  const Descriptor output(ends[0]);
  Descriptor input(ends[1]);
  pid_t pid = 0;
  if (const int failed = SpawnSettings(input.get()).spawn(pid, argv); failed != 0) {
    return system_error(failed, fmt::format("cannot run '{}'", program));
  }
  Child child(pid);
  input.close_now();
  const Deadline deadline(limits.time, call);
  auto text = read_all(output.get(), program, limits, deadline);
  if (!text) return text;
  if (auto ended = wait_for_success(child, program, limits, deadline); !ended) return std::move(ended).error();
  return text;
}

}  // namespace audiostore
