// Conditions on reads, as far as S3 documents them: one ETag at a time, and dates in whole seconds.
#include "conformance/fixture.h"

namespace audiostore::conformance {
namespace {

constexpr auto other_etag = "\"00000000000000000000000000000000\"";

}  // namespace

class ConditionsFixture : public Fixture {
 protected:
  ConditionsFixture() {
    put(key(), "the bytes");
    const auto info = must(store.head(key()));
    etag = info.etag;
    modified = info.last_modified;
  }

  std::string bytes_if(const Conditions& conditions) { return must(get(key(), {.conditions = conditions})).bytes; }
  ErrorCode refusal(const Conditions& conditions) {
    const auto of_get = code_of(get(key(), {.conditions = conditions}));
    CHECK(code_of(store.head(key(), {.conditions = conditions})) == of_get);
    return of_get;
  }

  std::string etag;
  TimePoint modified;
};

TEST_CASE_METHOD(ConditionsFixture, "if_match reads the object that it names", "[conditions]") {
  CHECK(bytes_if({.if_match = etag}) == "the bytes");
  CHECK(must(store.head(key(), {.conditions = {.if_match = etag}})).etag == etag);
}

TEST_CASE_METHOD(ConditionsFixture, "if_match refuses another object", "[conditions]") {
  CHECK(refusal({.if_match = other_etag}) == ErrorCode::precondition_failed);
}

TEST_CASE_METHOD(ConditionsFixture, "if_match notices that the object was replaced", "[conditions]") {
  put(key(), "other bytes");
  CHECK(refusal({.if_match = etag}) == ErrorCode::precondition_failed);
}

TEST_CASE_METHOD(ConditionsFixture, "if_none_match has nothing new to tell of the object that it names",
                 "[conditions]") {
  CHECK(refusal({.if_none_match = etag}) == ErrorCode::not_modified);
}

TEST_CASE_METHOD(ConditionsFixture, "if_none_match reads another object", "[conditions]") {
  CHECK(bytes_if({.if_none_match = other_etag}) == "the bytes");
  put(key(), "other bytes");
  CHECK(bytes_if({.if_none_match = etag}) == "other bytes");
}

TEST_CASE_METHOD(ConditionsFixture, "if_modified_since reads what is newer", "[conditions]") {
  CHECK(bytes_if({.if_modified_since = modified - std::chrono::hours(1)}) == "the bytes");
}

TEST_CASE_METHOD(ConditionsFixture, "if_modified_since has nothing new of what is not newer", "[conditions]") {
  CHECK(refusal({.if_modified_since = modified}) == ErrorCode::not_modified);
}

TEST_CASE_METHOD(ConditionsFixture, "if_unmodified_since reads what is not newer", "[conditions]") {
  CHECK(bytes_if({.if_unmodified_since = modified}) == "the bytes");
}

TEST_CASE_METHOD(ConditionsFixture, "if_unmodified_since refuses what is newer", "[conditions]") {
  CHECK(refusal({.if_unmodified_since = modified - std::chrono::hours(1)}) == ErrorCode::precondition_failed);
}

TEST_CASE_METHOD(ConditionsFixture, "if_match that holds outweighs if_unmodified_since", "[conditions]") {
  const auto before = modified - std::chrono::hours(1);
  CHECK(bytes_if({.if_match = etag, .if_unmodified_since = before}) == "the bytes");
}

TEST_CASE_METHOD(ConditionsFixture, "if_none_match that fails outweighs if_modified_since", "[conditions]") {
  const auto before = modified - std::chrono::hours(1);
  CHECK(refusal({.if_none_match = etag, .if_modified_since = before}) == ErrorCode::not_modified);
}

TEST_CASE_METHOD(ConditionsFixture, "conditions go with a range", "[conditions]") {
  const GetOptions options{.range = ByteRange::between(4, 6), .conditions = {.if_match = etag}};
  CHECK(must(get(key(), options)).bytes == "byt");
  const GetOptions other{.range = ByteRange::between(4, 6), .conditions = {.if_match = other_etag}};
  CHECK(code_of(get(key(), other)) == ErrorCode::precondition_failed);
}

TEST_CASE_METHOD(ConditionsFixture, "what is not there is not found, whatever the condition", "[conditions]") {
  CHECK(code_of(get(key("none"), {.conditions = {.if_none_match = etag}})) == ErrorCode::not_found);
  CHECK(code_of(store.head(key("none"), {.conditions = {.if_none_match = etag}})) == ErrorCode::not_found);
}

TEST_CASE_METHOD(ConditionsFixture, "a condition that fails delivers no byte", "[conditions]") {
  bool called = false;
  const auto sink = [&](ByteSpan) -> Result<void> {
    called = true;
    return {};
  };
  CHECK(code_of(store.get(key(), sink, {.conditions = {.if_match = other_etag}})) == ErrorCode::precondition_failed);
  CHECK_FALSE(called);
}

}  // namespace audiostore::conformance
