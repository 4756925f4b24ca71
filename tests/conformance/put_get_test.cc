#include "conformance/fixture.h"

#include <algorithm>
#include <functional>
#include <numeric>
#include <utility>

namespace audiostore::conformance {
namespace {

/// A payload that says it is longer than what can be read of it.
class FailingSource final : public PayloadSource {
 public:
  FailingSource(std::uint64_t size, std::uint64_t good, ErrorCode code) : size_(size), good_(good), code_(code) {}
  [[nodiscard]] std::uint64_t size() const override { return size_; }
  [[nodiscard]] Result<void> read_at(std::uint64_t offset, std::span<std::byte> out) const override {
    if (offset + out.size() > good_) return Error(code_, "the source has failed, as it should");
    std::ranges::fill(out, std::byte{'x'});
    return {};
  }

 private:
  std::uint64_t size_;
  std::uint64_t good_;
  ErrorCode code_;
};

/// A payload during whose reading something else happens, once.
class EventfulSource final : public PayloadSource {
 public:
  explicit EventfulSource(std::function<void()> event) : event_(std::move(event)) {}
  [[nodiscard]] std::uint64_t size() const override { return 3; }
  [[nodiscard]] Result<void> read_at(std::uint64_t, std::span<std::byte> out) const override {
    if (event_) std::exchange(event_, nullptr)();
    std::ranges::fill(out, std::byte{'x'});
    return {};
  }

 private:
  mutable std::function<void()> event_;
};

Payload failing_half_way(ErrorCode code) { return Payload(std::make_shared<FailingSource>(1 << 20, 1 << 19, code)); }

}  // namespace

TEST_CASE_METHOD(Fixture, "an object comes back as it was put", "[put_get]") {
  put(key(), "the bytes");
  const auto got = must(get(key()));
  CHECK(got.bytes == "the bytes");
  CHECK(got.info.key == key().str());
  CHECK(got.info.size == 9);
  CHECK(got.info.delivered.offset == 0);
  CHECK(got.info.delivered.length == 9);
}

TEST_CASE_METHOD(Fixture, "head tells what get tells", "[put_get]") {
  put(key(), "the bytes");
  const auto head = must(store.head(key()));
  const auto got = must(get(key()));
  CHECK(head.key == got.info.key);
  CHECK(head.size == got.info.size);
  CHECK(head.etag == got.info.etag);
  CHECK(head.last_modified == got.info.last_modified);
  CHECK(head.attributes == got.info.attributes);
}

TEST_CASE_METHOD(Fixture, "an empty object is an object", "[put_get]") {
  put(key(), "");
  const auto got = must(get(key()));
  CHECK(got.bytes.empty());
  CHECK(got.info.size == 0);
  CHECK(must(store.head(key())).size == 0);
}

TEST_CASE_METHOD(Fixture, "every byte value survives", "[put_get]") {
  std::string bytes(256, '\0');
  std::iota(bytes.begin(), bytes.end(), '\0');
  put(key(), bytes + bytes);
  CHECK(bytes_of(key()) == bytes + bytes);
}

TEST_CASE_METHOD(Fixture, "sizes around the buffers' survive", "[put_get]") {
  for (const std::size_t size : {1U, 4095U, 4096U, 65535U, 65536U, 65537U, 3U * 65536U}) {
    CAPTURE(size);
    put(key(), pattern(size));
    CHECK(bytes_of(key()) == pattern(size));
  }
}

TEST_CASE_METHOD(Fixture, "an object of some mebibytes survives", "[put_get]") {
  const std::string bytes = pattern(5'000'001);
  put(key(), bytes);
  CHECK(bytes_of(key()) == bytes);
}

TEST_CASE_METHOD(Fixture, "a put replaces the object that was there", "[put_get]") {
  put(key(), "the first, which is longer");
  put(key(), "the second");
  const auto got = must(get(key()));
  CHECK(got.bytes == "the second");
  CHECK(got.info.size == 10);
}

TEST_CASE_METHOD(Fixture, "what was never put is not found", "[put_get]") {
  CHECK(code_of(get(key())) == ErrorCode::not_found);
  CHECK(code_of(store.head(key())) == ErrorCode::not_found);
}

TEST_CASE_METHOD(Fixture, "an error names the operation and the key", "[put_get]") {
  const auto missing = store.head(key());
  REQUIRE_FALSE(missing);
  CHECK(missing.error().operation() == "head");
  CHECK(missing.error().key() == key().str());
  CHECK_FALSE(missing.error().retryable());
}

TEST_CASE_METHOD(Fixture, "a directory of keys is not an object", "[put_get]") {
  put(key("folder/take.wav"));
  CHECK(code_of(store.head(key("folder"))) == ErrorCode::not_found);
  CHECK(code_of(store.head(key("folder/take.wav/more"))) == ErrorCode::not_found);
}

TEST_CASE_METHOD(Fixture, "put tells the ETag that head, get and list tell", "[put_get]") {
  const auto etag = put(key()).etag;
  CHECK(etag.size() > 2);
  CHECK(etag.front() == '"');
  CHECK(etag.back() == '"');
  CHECK(must(store.head(key())).etag == etag);
  CHECK(must(get(key())).info.etag == etag);
  CHECK(must(store.list({.prefix = prefix()})).objects.at(0).etag == etag);
}

TEST_CASE_METHOD(Fixture, "other bytes have another ETag", "[put_get]") {
  const auto etag = put(key(), "bytes").etag;
  CHECK(put(key(), "other").etag != etag);
  CHECK(must(store.head(key())).etag != etag);
}

TEST_CASE_METHOD(Fixture, "another handle on the data sees the object at once", "[put_get]") {
  put(key(), "shared");
  CHECK(must(read_to_string(second, key())) == "shared");
  must(second.remove(key()));
  CHECK_FALSE(exists(key()));
}

TEST_CASE_METHOD(Fixture, "head and list tell the same time, to the second", "[put_get]") {
  put(key());
  const auto head = std::chrono::floor<std::chrono::seconds>(must(store.head(key())).last_modified);
  const auto listed = must(store.list({.prefix = prefix()})).objects.at(0).last_modified;
  CHECK(head == std::chrono::floor<std::chrono::seconds>(listed));
  CHECK(head.time_since_epoch().count() > 0);
}

TEST_CASE_METHOD(Fixture, "what the sink returns ends the get", "[put_get]") {
  put(key(), pattern(1'000'000));
  int calls = 0;
  const auto refuse = [&](ByteSpan) -> Result<void> {
    ++calls;
    return Error(ErrorCode::no_space, "the sink is full");
  };
  CHECK(code_of(store.get(key(), refuse)) == ErrorCode::no_space);
  CHECK(calls == 1);
}

TEST_CASE_METHOD(Fixture, "a sink that throws ends the get with internal", "[put_get]") {
  put(key());
  const auto got = store.get(key(), [](ByteSpan) -> Result<void> { throw std::runtime_error("from the sink"); });
  CHECK(code_of(got) == ErrorCode::internal);
}

TEST_CASE_METHOD(Fixture, "a get without a sink is refused", "[put_get]") {
  put(key());
  CHECK(code_of(store.get(key(), ByteSink())) == ErrorCode::invalid_argument);
}

TEST_CASE_METHOD(Fixture, "read_to_string keeps to its limit", "[put_get]") {
  put(key(), "12345");
  CHECK(must(read_to_string(store, key(), 5)) == "12345");
  CHECK(code_of(read_to_string(store, key(), 4)) == ErrorCode::too_large);
}

TEST_CASE_METHOD(Fixture, "a payload that fails half way stores nothing", "[put_get]") {
  CHECK(code_of(store.put(key(), failing_half_way(ErrorCode::corrupt))) == ErrorCode::corrupt);
  CHECK_FALSE(exists(key()));
}

TEST_CASE_METHOD(Fixture, "a payload that fails half way leaves the old object", "[put_get]") {
  const auto etag = put(key(), "the old object", {.attributes = {.content_type = "audio/wav"}}).etag;
  CHECK(code_of(store.put(key(), failing_half_way(ErrorCode::corrupt))) == ErrorCode::corrupt);
  const auto got = must(get(key()));
  CHECK(got.bytes == "the old object");
  CHECK(got.info.etag == etag);
  CHECK(got.info.attributes.content_type == "audio/wav");
}

TEST_CASE_METHOD(Fixture, "create puts where nothing is", "[put_get]") {
  const auto created = store.put(key(), Payload::from_string("new"), {.mode = PutMode::create});
  if (!can.conditional_put) {
    CHECK(code_of(created) == ErrorCode::unsupported);
    return;
  }
  CHECK(must(created).etag == must(store.head(key())).etag);
  CHECK(bytes_of(key()) == "new");
}

TEST_CASE_METHOD(Fixture, "create leaves alone what is there", "[put_get]") {
  const auto etag = put(key(), "old", {.attributes = {.content_type = "audio/wav"}}).etag;
  const auto created = store.put(key(), Payload::from_string("new"), {.mode = PutMode::create});
  CHECK(code_of(created) == (can.conditional_put ? ErrorCode::already_exists : ErrorCode::unsupported));
  const auto got = must(get(key()));
  CHECK(got.bytes == "old");
  CHECK(got.info.etag == etag);
  CHECK(got.info.attributes.content_type == "audio/wav");
}

TEST_CASE_METHOD(Fixture, "create leaves alone what was put while its payload was read", "[put_get]") {
  if (!can.conditional_put) return;  // that it says so is a case of its own
  const Payload late(
      std::make_shared<EventfulSource>([this] { must(second.put(key(), Payload::from_string("first"))); }));
  CHECK(code_of(store.put(key(), late, {.mode = PutMode::create})) == ErrorCode::already_exists);
  CHECK(bytes_of(key()) == "first");
}

TEST_CASE_METHOD(Fixture, "create puts again after a remove", "[put_get]") {
  put(key(), "old");
  must(store.remove(key()));
  const auto created = store.put(key(), Payload::from_string("new"), {.mode = PutMode::create});
  if (!can.conditional_put) {
    CHECK(code_of(created) == ErrorCode::unsupported);
    return;
  }
  CHECK(bytes_of(key()) == "new");
}

TEST_CASE_METHOD(Fixture, "a put in the middle of a get does not mix the two objects", "[put_get]") {
  constexpr std::size_t size = 2'000'000;
  put(key(), std::string(size, 'a'));
  std::string bytes;
  const auto sink = [&](ByteSpan piece) -> Result<void> {
    if (bytes.empty()) must(second.put(key(), Payload::from_string(std::string(size, 'b'))));
    bytes.append(reinterpret_cast<const char*>(piece.data()), piece.size());
    return {};
  };
  must(store.get(key(), sink));
  CHECK(bytes.size() == size);
  CHECK(bytes.find_first_not_of('a') == bytes.npos);
  CHECK(must(read_to_string(second, key())) == std::string(size, 'b'));
}

}  // namespace audiostore::conformance
