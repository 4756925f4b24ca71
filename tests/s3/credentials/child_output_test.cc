#include "s3/credentials/child_output.h"

#include "support/results.h"
#include "support/temp_folder.h"

#include <catch2/catch.hpp>

#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

using namespace audiostore;
using namespace std::chrono_literals;

namespace {

const CallOptions unlimited;

Result<Secret> run(const std::string& script, const ChildLimits& limits = {}) {
  return run_for_output({"sh", "-c", script, "sh", "SECRET"}, limits, CallGuard(unlimited));
}

std::string complaint(const Result<Secret>& result, ErrorCode code) {
  CHECK(code_of(result) == code);
  CHECK(result.error().message().find("SECRET") == std::string::npos);
  return result.error().message();
}

}  // namespace

TEST_CASE("a program's output is read to its end") {
  CHECK(must(run("printf 'one\\ntwo'")).reveal() == "one\ntwo");
  CHECK(must(run("true")).reveal().empty());
  CHECK(must(run("printf %s \"$1\"")).reveal() == "SECRET");
  CHECK(must(run("exec 1>&-; exit 0")).reveal().empty());
}

TEST_CASE("a program reads nothing, and its complaints go nowhere") {
  CHECK(must(run("cat; echo SECRET >&2; echo done")).reveal() == "done\n");
}

TEST_CASE("a program runs without the signal mask of who started it") {
  sigset_t blocked;
  sigset_t before;
  sigemptyset(&blocked);
  sigaddset(&blocked, SIGTERM);
  REQUIRE(pthread_sigmask(SIG_BLOCK, &blocked, &before) == 0);
  const auto result = run("kill -TERM $$; echo still here");
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  CHECK(complaint(result, ErrorCode::unauthenticated) == "'sh' ended by signal 15; run it by hand to see why");
}

TEST_CASE("a program that fails is an error that names it, not its arguments or output") {
  CHECK(complaint(run("echo SECRET; echo SECRET >&2; exit 3"), ErrorCode::unauthenticated) ==
        "'sh' ended with status 3; run it by hand to see why");
  CHECK(complaint(run_for_output({"/no/such/program", "SECRET"}, {}, CallGuard(unlimited)), ErrorCode::not_found) ==
        "cannot run '/no/such/program': No such file or directory");
  CHECK(complaint(run_for_output({"/", "SECRET"}, {}, CallGuard(unlimited)), ErrorCode::permission_denied) ==
        "cannot run '/': Permission denied");
}

TEST_CASE("a program that prints too much is ended") {
  CHECK(must(run("printf 12345678", {.bytes = 8})).reveal() == "12345678");
  CHECK(complaint(run("printf 123456789; sleep 600", {.bytes = 8}), ErrorCode::corrupt) ==
        "'sh' printed more than 8 bytes");
  CHECK(code_of(run("yes SECRET")) == ErrorCode::corrupt);
}

TEST_CASE("a program that takes too long is ended, with what it started") {
  const TempFolder folder;
  const std::string pipe = (folder.path() / "pipe").string();
  REQUIRE(mkfifo(pipe.c_str(), 0600) == 0);
  // The grandchild keeps the pipe open for writing: reading it ends when the grandchild does.
  const int fd = open(pipe.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC);
  REQUIRE(fd >= 0);
  const ChildLimits limits{.time = 300ms};
  CHECK(complaint(run("(exec 9>'" + pipe + "'; printf x >&9; exec sleep 600) & wait", limits), ErrorCode::timed_out) ==
        "'sh' took longer than 300 ms");
  fcntl(fd, F_SETFL, 0);
  std::string text(16, '\0');
  while (read(fd, text.data(), text.size()) > 0) {
  }
  close(fd);

  CHECK(code_of(run("exec 1>&-; sleep 600", limits)) == ErrorCode::timed_out);
}

TEST_CASE("a program ends with the call that waits for it") {
  const auto run_for = [](const CallOptions& call) {
    return run_for_output({"sh", "-c", "exec sleep 60"}, {}, CallGuard(call));
  };
  CHECK(code_of(run_for({.deadline = 20ms})) == ErrorCode::timed_out);
  std::stop_source stop;
  stop.request_stop();
  CHECK(code_of(run_for({.stop = stop.get_token()})) == ErrorCode::cancelled);
}
