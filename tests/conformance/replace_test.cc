// PutOptions::if_match: a writer that replaces only what it has read.
#include "conformance/fixture.h"

#include <atomic>
#include <thread>

namespace audiostore::conformance {
namespace {

constexpr auto other_etag = "\"00000000000000000000000000000000\"";

}  // namespace

class ReplaceFixture : public Fixture {
 protected:
  Result<PutResult> replace(const ObjectKey& target, std::string bytes, std::string etag) {
    return store.put(target, Payload::from_string(std::move(bytes)), {.if_match = std::move(etag)});
  }

  /// False where the store cannot tell; then it has to say so.
  bool can_replace() {
    if (can.conditional_replace) return true;
    CHECK(code_of(replace(key(), "new", other_etag)) == ErrorCode::unsupported);
    return false;
  }
};

TEST_CASE_METHOD(ReplaceFixture, "if_match replaces the object that it names", "[replace]") {
  if (!can_replace()) return;
  const std::string etag = put(key(), "old").etag;
  const std::string second_etag = must(replace(key(), "new", etag)).etag;
  CHECK(second_etag != etag);
  CHECK(bytes_of(key()) == "new");
  must(replace(key(), "newer", second_etag));
  CHECK(bytes_of(key()) == "newer");
}

TEST_CASE_METHOD(ReplaceFixture, "if_match takes the ETag that head tells", "[replace]") {
  if (!can_replace()) return;
  put(key(), "old");
  must(replace(key(), "new", must(store.head(key())).etag));
  CHECK(bytes_of(key()) == "new");
}

TEST_CASE_METHOD(ReplaceFixture, "if_match leaves another object alone", "[replace]") {
  put(key(), "theirs");
  if (!can_replace()) return;
  CHECK(code_of(replace(key(), "ours", other_etag)) == ErrorCode::precondition_failed);
  CHECK(bytes_of(key()) == "theirs");
}

TEST_CASE_METHOD(ReplaceFixture, "if_match makes no new object", "[replace]") {
  if (!can_replace()) return;
  CHECK(code_of(replace(key(), "ours", other_etag)) == ErrorCode::precondition_failed);
  CHECK_FALSE(exists(key()));
}

TEST_CASE_METHOD(ReplaceFixture, "an if_match that is no ETag, or contradicts create, is refused", "[replace]") {
  const std::string etag = put(key(), "old").etag;
  for (const auto* bad : {"abc", "\"abc", "abc\"", "*", "\"a\", \"b\"", "W/\"a\"", "\"a\r\nx: y\"", "\"a b\"", "\""}) {
    CAPTURE(bad);
    CHECK(code_of(replace(key(), "new", bad)) == ErrorCode::invalid_argument);
  }
  const PutOptions both{.mode = PutMode::create, .if_match = etag};
  CHECK(code_of(store.put(key(), Payload(), both)) == ErrorCode::invalid_argument);
  CHECK(bytes_of(key()) == "old");
}

TEST_CASE_METHOD(ReplaceFixture, "of many writers that have read the same, one replaces", "[replace][concurrency]") {
  if (!can_replace()) return;
  const std::string etag = put(key(), "0").etag;
  std::atomic<int> won = 0;
  std::atomic<int> lost = 0;
  const auto write = [&](ObjectStore& own, int number) {
    const auto done = own.put(key(), Payload::from_string("writer " + std::to_string(number)), {.if_match = etag});
    if (done) ++won;
    const bool refused =
        !done && (done.error().code() == ErrorCode::precondition_failed || done.error().code() == ErrorCode::conflict);
    if (refused) ++lost;
  };
  std::vector<std::thread> writers;
  for (int i = 0; i < 8; ++i) writers.emplace_back([&, i] { write(i % 2 == 0 ? store : second, i); });
  for (auto& writer : writers) writer.join();
  CHECK(won == 1);
  CHECK(lost == 7);
  CHECK(bytes_of(key()).starts_with("writer "));
}

}  // namespace audiostore::conformance
