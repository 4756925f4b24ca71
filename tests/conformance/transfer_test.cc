// Stopping, time limits and progress. Nothing here waits for time to pass: the calls are stopped from inside.
#include "conformance/fixture.h"

#include <mutex>
#include <thread>

namespace audiostore::conformance {
namespace {

constexpr std::size_t large = 8 << 20;  // more than the buffers on the way to a server

/// Lets a call's deadline pass, counted from its own first use: that is behind the call's beginning.
class Delay {
 public:
  explicit Delay(std::chrono::milliseconds deadline) : deadline_(deadline) {}
  void wait() {
    std::call_once(first_, [this] { due_ = std::chrono::steady_clock::now() + deadline_; });
    while (std::chrono::steady_clock::now() < due_) std::this_thread::yield();
  }

 private:
  std::chrono::milliseconds deadline_;
  std::once_flag first_;
  std::chrono::steady_clock::time_point due_;
};

/// Bytes that only come when the call's deadline is over.
class LateSource final : public PayloadSource {
 public:
  explicit LateSource(std::chrono::milliseconds deadline) : delay_(deadline) {}
  [[nodiscard]] std::uint64_t size() const override { return large; }
  [[nodiscard]] Result<void> read_at(std::uint64_t, std::span<std::byte> out) const override {
    delay_.wait();
    std::ranges::fill(out, std::byte{'x'});
    return {};
  }

 private:
  mutable Delay delay_;
};

struct Seen {
  std::vector<Progress> calls;
  ProgressCallback callback() {
    return [this](const Progress& progress) { calls.push_back(progress); };
  }
  void check_ends_at(std::uint64_t total) const {
    REQUIRE_FALSE(calls.empty());
    CHECK(calls.back().done == total);
    CHECK(calls.back().total == total);
    for (std::size_t i = 1; i < calls.size(); ++i) CHECK(calls[i - 1].done <= calls[i].done);
  }
};

}  // namespace

class TransferFixture : public Fixture {
 protected:
  CallOptions stopped() {
    stop.request_stop();
    return {.stop = stop.get_token()};
  }
  /// Asks to stop as soon as the first bytes have moved.
  CallOptions stopping() {
    return {.stop = stop.get_token(), .on_progress = [this](const Progress& progress) {
              if (progress.done > 0) stop.request_stop();
            }};
  }

  std::stop_source stop;
};

TEST_CASE_METHOD(TransferFixture, "nothing is begun after a stop", "[transfer]") {
  put(key(), "old");
  const auto call = stopped();
  CHECK(code_of(store.put(key(), Payload::from_string("new"), {.call = call})) == ErrorCode::cancelled);
  CHECK(code_of(get(key(), {.call = call})) == ErrorCode::cancelled);
  CHECK(code_of(store.head(key(), {.call = call})) == ErrorCode::cancelled);
  CHECK(code_of(store.remove(key(), {.call = call})) == ErrorCode::cancelled);
  CHECK(code_of(store.copy(key(), key("copy"), {.call = call})) == ErrorCode::cancelled);
  CHECK(code_of(store.list({.prefix = prefix(), .call = call})) == ErrorCode::cancelled);
  CHECK(bytes_of(key()) == "old");
  CHECK_FALSE(exists(key("copy")));
}

TEST_CASE_METHOD(TransferFixture, "remove_many begins nothing after a stop", "[transfer]") {
  put(key());
  const std::vector<ObjectKey> keys{key()};
  CHECK(code_of(store.remove_many(keys, {.call = stopped()})) == ErrorCode::cancelled);
  CHECK(exists(key()));
}

TEST_CASE_METHOD(TransferFixture, "a stop during a put stores nothing", "[transfer]") {
  const auto stored = store.put(key(), Payload::from_string(pattern(large)), {.call = stopping()});
  CHECK(code_of(stored) == ErrorCode::cancelled);
  CHECK_FALSE(exists(key()));
}

TEST_CASE_METHOD(TransferFixture, "a stop during a put leaves the old object", "[transfer]") {
  put(key(), "old");
  const auto stored = store.put(key(), Payload::from_string(pattern(large)), {.call = stopping()});
  CHECK(code_of(stored) == ErrorCode::cancelled);
  CHECK(bytes_of(key()) == "old");
}

TEST_CASE_METHOD(TransferFixture, "a stop during a get ends it", "[transfer]") {
  put(key(), pattern(large));
  std::size_t taken = 0;
  const auto sink = [&](ByteSpan piece) -> Result<void> {
    taken += piece.size();
    stop.request_stop();
    return {};
  };
  CHECK(code_of(store.get(key(), sink, {.call = {.stop = stop.get_token()}})) == ErrorCode::cancelled);
  CHECK(taken < large);
}

TEST_CASE_METHOD(TransferFixture, "a put ends when its time is up", "[transfer]") {
  put(key(), "old");
  const std::chrono::milliseconds deadline(50);
  const Payload late(std::make_shared<LateSource>(deadline));
  CHECK(code_of(store.put(key(), late, {.call = {.deadline = deadline}})) == ErrorCode::timed_out);
  CHECK(bytes_of(key()) == "old");
}

TEST_CASE_METHOD(TransferFixture, "a get ends when its time is up", "[transfer]") {
  put(key(), pattern(large));
  const std::chrono::milliseconds deadline(200);
  Delay delay(deadline);
  const auto slow = [&](ByteSpan) -> Result<void> {
    delay.wait();
    return {};
  };
  CHECK(code_of(store.get(key(), slow, {.call = {.deadline = deadline}})) == ErrorCode::timed_out);
}

TEST_CASE_METHOD(TransferFixture, "a deadline that is far away changes nothing", "[transfer]") {
  const CallOptions call{.deadline = std::chrono::hours(1)};
  must(store.put(key(), Payload::from_string("bytes"), {.call = call}));
  CHECK(must(get(key(), {.call = call})).bytes == "bytes");
}

TEST_CASE_METHOD(TransferFixture, "a put tells how far it is", "[transfer]") {
  Seen seen;
  must(store.put(key(), Payload::from_string(pattern(300'000)), {.call = {.on_progress = seen.callback()}}));
  seen.check_ends_at(300'000);
}

TEST_CASE_METHOD(TransferFixture, "a get tells how far it is", "[transfer]") {
  put(key(), pattern(300'000));
  Seen seen;
  must(get(key(), {.call = {.on_progress = seen.callback()}}));
  seen.check_ends_at(300'000);
}

TEST_CASE_METHOD(TransferFixture, "the progress of a range is that of the range", "[transfer]") {
  put(key(), pattern(300'000));
  Seen seen;
  must(get(key(), {.range = ByteRange::last(100'000), .call = {.on_progress = seen.callback()}}));
  seen.check_ends_at(100'000);
}

TEST_CASE_METHOD(TransferFixture, "progress is told on the thread that called", "[transfer]") {
  const auto self = std::this_thread::get_id();
  bool elsewhere = false;
  const auto callback = [&](const Progress&) { elsewhere |= std::this_thread::get_id() != self; };
  must(store.put(key(), Payload::from_string(pattern(300'000)), {.call = {.on_progress = callback}}));
  must(get(key(), {.call = {.on_progress = callback}}));
  CHECK_FALSE(elsewhere);
}

TEST_CASE_METHOD(TransferFixture, "a progress callback that throws ends the call with internal", "[transfer]") {
  const CallOptions call{.on_progress = [](const Progress&) { throw std::runtime_error("from the callback"); }};
  put(key("old"), pattern(large));
  CHECK(code_of(store.put(key(), Payload::from_string(pattern(large)), {.call = call})) == ErrorCode::internal);
  CHECK(code_of(get(key("old"), {.call = call})) == ErrorCode::internal);
  CHECK_FALSE(exists(key()));
}

}  // namespace audiostore::conformance
