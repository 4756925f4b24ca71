// stored_payload(): an object read in ranges, pinned to what head() said of it.
#include "conformance/fixture.h"

#include <audiostore/stored_payload.h>

#include <memory>

namespace audiostore::conformance {

class StoredPayloadFixture : public Fixture {
 protected:
  /// The payload of the object under key(), as head() tells it now.
  Payload payload() {
    // The harness keeps the store longer than any case.
    const std::shared_ptr<ObjectStore> shared(std::shared_ptr<ObjectStore>(), &store);
    return stored_payload(shared, key(), must(store.head(key())));
  }
  static Result<std::string> read(const Payload& payload, std::uint64_t offset, std::size_t count) {
    std::string bytes(count, '\0');
    return payload.read_at(offset, std::as_writable_bytes(std::span(bytes.data(), count))).transform([&] {
      return bytes;
    });
  }
};

TEST_CASE_METHOD(StoredPayloadFixture, "a stored payload has the object's bytes", "[stored_payload]") {
  const std::string bytes = pattern(200'000);
  put(key(), bytes);
  const Payload whole = payload();
  CHECK(whole.size() == bytes.size());
  CHECK(must(read(whole, 0, 4)) == bytes.substr(0, 4));
  CHECK(must(read(whole, 199'990, 10)) == bytes.substr(199'990));
  CHECK(must(read(whole, 0, bytes.size())) == bytes);
}

TEST_CASE_METHOD(StoredPayloadFixture, "an object of three parts is read as one", "[stored_payload]") {
  const std::string bytes = pattern(harness.three_parts() + 1);
  put(key(), bytes);
  CHECK(must(read(payload(), 0, bytes.size())) == bytes);
}

TEST_CASE_METHOD(StoredPayloadFixture, "a stored payload does not become another object's", "[stored_payload]") {
  put(key(), pattern(200'000));
  const Payload old = payload();
  put(key(), std::string(200'000, 'x'));
  CHECK(code_of(read(old, 0, 4)) == ErrorCode::corrupt);
  must(store.remove(key()));
  CHECK(code_of(read(old, 0, 4)) == ErrorCode::corrupt);
}

TEST_CASE_METHOD(StoredPayloadFixture, "a stored payload can be put under another key", "[stored_payload]") {
  const std::string bytes = pattern(200'000);
  put(key(), bytes);
  must(store.put(key("copy.wav"), payload()));
  CHECK(bytes_of(key("copy.wav")) == bytes);
}

}  // namespace audiostore::conformance
