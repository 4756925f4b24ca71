#include "core/let_finish.h"

#include "core/call_guard.h"

#include <condition_variable>
#include <mutex>
#include <optional>
#include <system_error>
#include <thread>

namespace audiostore {

Result<std::string> let_finish(const std::stop_token& stop, std::chrono::milliseconds grace,
                               const std::function<Result<std::string>(const std::stop_token&)>& step) {
  std::mutex mutex;
  std::condition_variable_any ended;
  std::optional<Result<std::string>> result;
  std::stop_source late;
  std::thread thread;
  try {
    thread = std::thread([&] {
      auto done = call_guarded("a step of the upload", [&] { return step(late.get_token()); });
      const std::scoped_lock lock(mutex);
      result = std::move(done);
      ended.notify_all();
    });
  } catch (const std::system_error&) {
    return step(stop);  // no thread can be had: it is stopped at once
  }
  {
    const auto is_over = [&] { return result.has_value(); };
    std::unique_lock lock(mutex);
    if (!ended.wait(lock, stop, is_over)) ended.wait_for(lock, grace, is_over);
  }
  late.request_stop();
  thread.join();
  return *std::move(result);
}

}  // namespace audiostore
