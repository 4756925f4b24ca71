#include "question.h"

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include <poll.h>
#include <unistd.h>
#include <array>
#include <cstdio>

namespace cli {

using namespace audiostore;

Result<bool> ask(std::string_view question, const std::stop_token& stop) {
  if (isatty(STDIN_FILENO) == 0) {
    return Error(ErrorCode::invalid_argument, "nobody is there to be asked: give --yes");
  }
  std::fflush(stdout);
  fmt::print(stderr, "{} [y/N] ", question);
  pollfd input{.fd = STDIN_FILENO, .events = POLLIN, .revents = 0};
  while (poll(&input, 1, 100) == 0) {
    if (!stop.stop_requested()) continue;
    fmt::print(stderr, "\n");
    return Error(ErrorCode::cancelled, "nothing was done");
  }
  std::array<char, 64> line{};
  const ssize_t size = read(STDIN_FILENO, line.data(), line.size());
  const std::string answer = CLI::detail::to_lower({line.data(), size > 0 ? static_cast<std::size_t>(size) : 0});
  return answer == "y\n" || answer == "yes\n";
}

}  // namespace cli
