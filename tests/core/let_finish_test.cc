#include "core/let_finish.h"

#include "support/results.h"

#include <thread>

using namespace audiostore;
using namespace std::chrono_literals;

TEST_CASE("a step that nobody stops tells what it has done") {
  CHECK(must(let_finish({}, 0ms, [](const std::stop_token&) { return Result<std::string>("done"); })) == "done");
  CHECK(code_of(let_finish({}, 0ms, [](const std::stop_token&) -> Result<std::string> {
          throw std::runtime_error("from the step");
        })) == ErrorCode::internal);
}

TEST_CASE("a step that is stopped may finish all the same") {
  std::stop_source stop;
  const auto step = [&](const std::stop_token& late) -> Result<std::string> {
    stop.request_stop();
    std::this_thread::yield();
    return late.stop_requested() ? "cut off" : "done";
  };
  CHECK(must(let_finish(stop.get_token(), 1h, step)) == "done");
  CHECK(must(let_finish(stop.get_token(), 1h, step)) == "done");  // stopped before it began
}

TEST_CASE("but not for longer than its grace") {
  std::stop_source stop;
  stop.request_stop();
  CHECK(must(let_finish(stop.get_token(), 1ms, [](const std::stop_token& late) -> Result<std::string> {
          while (!late.stop_requested()) std::this_thread::yield();
          return "cut off";
        })) == "cut off");
}
