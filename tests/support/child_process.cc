#include "support/child_process.h"

#include <fmt/format.h>

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <stdexcept>

extern char** environ;  // NOLINT: POSIX has it declared by who uses it

namespace audiostore {

ChildProcess::ChildProcess(std::vector<std::string> argv) {
  std::array<int, 2> output{};
  if (pipe2(output.data(), O_CLOEXEC) != 0) throw std::runtime_error("no pipe for a child process");
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_adddup2(&actions, output[1], STDOUT_FILENO);
  posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
  std::vector<char*> arguments;
  arguments.reserve(argv.size() + 1);
  for (std::string& argument : argv) arguments.push_back(argument.data());
  arguments.push_back(nullptr);
  const int failed = posix_spawnp(&pid_, arguments[0], &actions, nullptr, arguments.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  close(output[1]);
  output_ = output[0];
  if (failed != 0) {
    close(output_);
    throw std::runtime_error(fmt::format("cannot run {}", argv[0]));
  }
}

ChildProcess::~ChildProcess() {
  if (pid_ > 0) {
    kill(pid_, SIGKILL);
    wait();
  }
  close(output_);
}

bool ChildProcess::read_more() {
  pollfd readable{output_, POLLIN, 0};
  constexpr int patience_ms = 20'000;
  if (poll(&readable, 1, patience_ms) <= 0) return false;
  std::array<char, 4096> buffer;
  const ssize_t count = read(output_, buffer.data(), buffer.size());
  if (count <= 0) return false;
  text_.append(buffer.data(), static_cast<std::size_t>(count));
  return true;
}

std::string ChildProcess::wait_for_line(std::string_view prefix) {
  for (;;) {
    for (auto end = text_.find('\n'); end != std::string::npos; end = text_.find('\n')) {
      const std::string line = text_.substr(0, end);
      text_.erase(0, end + 1);
      if (line.starts_with(prefix)) return line.substr(prefix.size());
    }
    if (!read_more()) throw std::runtime_error(fmt::format("the child process never wrote '{}'", prefix));
  }
}

int ChildProcess::wait() {
  int status = 0;
  waitpid(pid_, &status, 0);
  pid_ = -1;
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

void run_program(std::vector<std::string> argv) {
  const std::string name = argv.at(0);
  ChildProcess program(std::move(argv));
  if (program.wait() != 0) throw std::runtime_error(name + " failed");
}

}  // namespace audiostore
