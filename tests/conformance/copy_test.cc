#include "conformance/fixture.h"

namespace audiostore::conformance {

class CopyFixture : public Fixture {
 protected:
  CopyFixture() { etag = put(from, "the bytes", {.attributes = attributes}).etag; }

  const ObjectAttributes attributes{.content_type = "audio/wav", .metadata = {{"take", "1"}}};
  const ObjectKey from = key("from.wav");
  const ObjectKey to = key("to/copy.wav");
  std::string etag;
};

TEST_CASE_METHOD(CopyFixture, "a copy has the bytes and the attributes", "[copy]") {
  const auto copied = must(store.copy(from, to));
  const auto got = must(get(to));
  CHECK(got.bytes == "the bytes");
  CHECK(got.info.attributes == attributes);
  CHECK(got.info.etag == copied.etag);
  CHECK(bytes_of(from) == "the bytes");
}

TEST_CASE_METHOD(CopyFixture, "a copy may have attributes of its own", "[copy]") {
  const ObjectAttributes other{.content_type = "audio/mpeg", .metadata = {{"b", "2"}}};
  must(store.copy(from, to, {.attributes = other}));
  CHECK(must(store.head(to)).attributes == other);
  CHECK(must(store.head(from)).attributes == attributes);
}

TEST_CASE_METHOD(CopyFixture, "a copy onto itself changes the attributes", "[copy]") {
  const ObjectAttributes other{.content_type = "audio/mpeg", .metadata = {{"b", "2"}}};
  must(store.copy(from, from, {.attributes = other}));
  CHECK(must(store.head(from)).attributes == other);
  CHECK(bytes_of(from) == "the bytes");
}

TEST_CASE_METHOD(CopyFixture, "a copy onto itself that changes nothing is a mistake", "[copy]") {
  CHECK(code_of(store.copy(from, from)) == ErrorCode::invalid_argument);
}

TEST_CASE_METHOD(CopyFixture, "a copy of what is not there is not found", "[copy]") {
  put(to, "old");
  CHECK(code_of(store.copy(key("none"), to)) == ErrorCode::not_found);
  CHECK(bytes_of(to) == "old");
}

TEST_CASE_METHOD(CopyFixture, "a copy replaces what is there", "[copy]") {
  put(to, "something much longer than the source", {.attributes = {.metadata = {{"old", "yes"}}}});
  must(store.copy(from, to));
  CHECK(bytes_of(to) == "the bytes");
  CHECK(must(store.head(to)).attributes == attributes);
}

TEST_CASE_METHOD(CopyFixture, "a copy lives on without its source", "[copy]") {
  must(store.copy(from, to));
  must(store.remove(from));
  CHECK(bytes_of(to) == "the bytes");
  put(from, "other");
  CHECK(bytes_of(to) == "the bytes");
}

TEST_CASE_METHOD(CopyFixture, "a copy of a larger and of an empty object is whole", "[copy]") {
  const std::string large = pattern(300'001);
  put(from, large);
  must(store.copy(from, to));
  CHECK(bytes_of(to) == large);
  put(from, "");
  must(store.copy(from, to));
  CHECK(bytes_of(to).empty());
}

TEST_CASE_METHOD(CopyFixture, "a copy is made of the source that was meant", "[copy]") {
  const auto copied = store.copy(from, to, {.source_if_match = etag});
  if (!can.conditional_copy) {
    CHECK(code_of(copied) == ErrorCode::unsupported);
    return;
  }
  must(copied);
  CHECK(bytes_of(to) == "the bytes");
}

TEST_CASE_METHOD(CopyFixture, "a copy of another source than the one that was meant is refused", "[copy]") {
  put(from, "other bytes");
  const auto copied = store.copy(from, to, {.source_if_match = etag});
  CHECK(code_of(copied) == (can.conditional_copy ? ErrorCode::precondition_failed : ErrorCode::unsupported));
  CHECK_FALSE(exists(to));
}

TEST_CASE_METHOD(CopyFixture, "a copy with attributes that cannot be stored is refused", "[copy]") {
  const ObjectAttributes bad{.content_type = "audio/wav\r\nx: y"};
  CHECK(code_of(store.copy(from, to, {.attributes = bad})) == ErrorCode::invalid_argument);
  CHECK_FALSE(exists(to));
}

}  // namespace audiostore::conformance
