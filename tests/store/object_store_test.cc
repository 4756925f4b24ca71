// What the interface itself promises, whatever is behind it.
#include <audiostore/memory_store.h>
#include <audiostore/object_store.h>

#include "support/manual_clock.h"
#include "support/results.h"

#include <catch2/catch.hpp>

#include <limits>

namespace audiostore {
namespace {

ObjectKey key(std::string_view text) { return ObjectKey::parse(text).value(); }

/// A backend in which something goes wrong.
class ThrowingStore final : public ObjectStore {
 public:
  [[nodiscard]] Capabilities capabilities() const override { return {}; }

 private:
  Result<PutResult> do_put(const ObjectKey&, const Payload&, const PutOptions&) override { throw std::bad_alloc(); }
  Result<ObjectInfo> do_get(const ObjectKey&, const ByteSink&, const GetOptions&) override { throw 42; }
  Result<ObjectInfo> do_head(const ObjectKey&, const HeadOptions&) override { return failure(); }
  Result<void> do_remove(const ObjectKey&, const RemoveOptions&) override { return failure(); }
  Result<PutResult> do_copy(const ObjectKey&, const ObjectKey&, const CopyOptions&) override { return failure(); }
  Result<ListPage> do_list(const ListOptions&) override { return failure(); }

  static Error failure() { return Error(ErrorCode::unavailable, "out of order"); }
};

/// A payload that says it is of some size; nobody should try to read it.
class HugeSource final : public PayloadSource {
 public:
  [[nodiscard]] std::uint64_t size() const override { return std::numeric_limits<std::uint64_t>::max(); }
  [[nodiscard]] Result<void> read_at(std::uint64_t, std::span<std::byte>) const override {
    return Error(ErrorCode::corrupt, "this is not there");
  }
};

}  // namespace

TEST_CASE("nothing that a backend throws gets out", "[object_store]") {
  ThrowingStore store;
  CHECK(code_of(store.put(key("a"), Payload())) == ErrorCode::internal);
  CHECK(code_of(store.get(key("a"), [](ByteSpan) { return Result<void>(); })) == ErrorCode::internal);
}

TEST_CASE("every error says what was done to which key", "[object_store]") {
  ThrowingStore store;
  const auto head = store.head(key("users/1"));
  REQUIRE_FALSE(head);
  CHECK(head.error().operation() == "head");
  CHECK(head.error().key() == "users/1");
  const auto list = store.list({.prefix = "users/"});
  REQUIRE_FALSE(list);
  CHECK(list.error().operation() == "list");
}

TEST_CASE("remove_many tells each key's own error", "[object_store]") {
  ThrowingStore store;
  const std::vector<ObjectKey> keys{key("a"), key("b")};
  const auto report = must(store.remove_many(keys));
  REQUIRE(report.outcomes.size() == 2);
  CHECK_FALSE(report.all_removed());
  CHECK(report.outcomes[1].key == keys[1]);
  CHECK(report.outcomes[1].error->code() == ErrorCode::unavailable);
}

TEST_CASE("ranges as far as numbers go are no danger", "[object_store]") {
  constexpr auto most = std::numeric_limits<std::uint64_t>::max();
  const auto store = make_memory_store();
  must(store->put(key("a"), Payload::from_string("0123456789")));
  const auto length = [&](ByteRange range) {
    const auto info = store->get(key("a"), [](ByteSpan) { return Result<void>(); }, {.range = range});
    return info ? std::to_string(info->delivered.length) : std::string(to_string(info.error().code()));
  };
  CHECK(length(ByteRange::between(0, most)) == "10");
  CHECK(length(ByteRange::between(9, most)) == "1");
  CHECK(length(ByteRange::from(most - 1)) == "range_not_satisfiable");
  CHECK(length(ByteRange::between(10, most)) == "range_not_satisfiable");
  CHECK(length(ByteRange::last(most)) == "10");
  CHECK(length(ByteRange::between(1, 0)) == "invalid_argument");
}

TEST_CASE("an object that no memory can hold is an error", "[object_store]") {
  const auto store = make_memory_store();
  CHECK(code_of(store->put(key("a"), Payload(std::make_shared<HugeSource>()))) == ErrorCode::no_space);
  CHECK(code_of(store->head(key("a"))) == ErrorCode::not_found);
}

TEST_CASE("a memory store takes its time from the clock", "[object_store]") {
  const auto clock = std::make_shared<ManualClock>();
  const auto store = make_memory_store(clock);
  must(store->put(key("a"), Payload()));
  CHECK(must(store->head(key("a"))).last_modified == clock->now());
  const auto before = clock->now();
  clock->advance(std::chrono::hours(1));
  CHECK(must(store->head(key("a"))).last_modified == before);
  must(store->put(key("a"), Payload()));
  CHECK(must(store->head(key("a"))).last_modified == clock->now());
}

TEST_CASE("a memory store's ETag is the MD5 of the bytes", "[object_store]") {
  const auto store = make_memory_store();
  CHECK(must(store->put(key("a"), Payload())).etag == "\"d41d8cd98f00b204e9800998ecf8427e\"");
  CHECK(must(store->put(key("a"), Payload::from_string("abc"))).etag == "\"900150983cd24fb0d6963f7d28e17f72\"");
}

}  // namespace audiostore
