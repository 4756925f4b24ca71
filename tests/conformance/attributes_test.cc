// Content type and metadata, within what S3 gives back as it was sent.
#include "conformance/fixture.h"

namespace audiostore::conformance {

using namespace std::string_literals;  // for text with a NUL in it

class AttributesFixture : public Fixture {
 protected:
  ObjectAttributes stored(const ObjectAttributes& attributes) {
    put(key(), "bytes", {.attributes = attributes});
    return must(store.head(key())).attributes;
  }
  ErrorCode refusal(const ObjectAttributes& attributes) {
    const auto code = code_of(store.put(key("refused"), Payload::from_string("x"), {.attributes = attributes}));
    CHECK_FALSE(exists(key("refused")));
    return code;
  }
};

TEST_CASE_METHOD(AttributesFixture, "the content type comes back", "[attributes]") {
  CHECK(stored({.content_type = "audio/wav"}).content_type == "audio/wav");
  CHECK(stored({.content_type = "audio/webm;codecs=opus"}).content_type == "audio/webm;codecs=opus");
}

TEST_CASE_METHOD(AttributesFixture, "disposition and cache control come back", "[attributes]") {
  const ObjectAttributes attributes{.content_type = "audio/mpeg",
                                    .content_disposition = "attachment; filename=\"take 1.mp3\"",
                                    .cache_control = "private, max-age=60"};
  CHECK(stored(attributes) == attributes);
}

TEST_CASE_METHOD(AttributesFixture, "metadata comes back", "[attributes]") {
  const Metadata metadata{{"session", "42"}, {"take-number", "3"}, {"a", "b"}};
  CHECK(stored({.metadata = metadata}).metadata == metadata);
}

TEST_CASE_METHOD(AttributesFixture, "metadata of every printable character comes back", "[attributes]") {
  std::string value = "x";
  for (char c = 0x21; c < 0x7f; ++c) value += c;
  const Metadata metadata{{"symbols", value}, {"words", "one two three"}};
  CHECK(stored({.metadata = metadata}).metadata == metadata);
}

TEST_CASE_METHOD(AttributesFixture, "metadata may bear the names of header fields", "[attributes]") {
  const Metadata metadata{{"host", "a"}, {"authorization", "b"}, {"content-type", "c"}, {"x-amz-acl", "d"}};
  const auto attributes = stored({.content_type = "audio/wav", .metadata = metadata});
  CHECK(attributes.metadata == metadata);
  CHECK(attributes.content_type == "audio/wav");
}

TEST_CASE_METHOD(AttributesFixture, "get tells the attributes too", "[attributes]") {
  const ObjectAttributes attributes{.content_type = "audio/flac", .metadata = {{"a", "1"}}};
  put(key(), "bytes", {.attributes = attributes});
  CHECK(must(get(key())).info.attributes == attributes);
  CHECK(must(get(key(), {.range = ByteRange::from(2)})).info.attributes == attributes);
}

TEST_CASE_METHOD(AttributesFixture, "a put replaces all attributes", "[attributes]") {
  stored({.content_type = "audio/wav", .cache_control = "no-store", .metadata = {{"a", "1"}}});
  const auto attributes = stored({.content_type = "audio/mpeg", .metadata = {{"b", "2"}}});
  CHECK(attributes.content_type == "audio/mpeg");
  CHECK(attributes.cache_control.empty());
  CHECK(attributes.metadata == Metadata{{"b", "2"}});
}

TEST_CASE_METHOD(AttributesFixture, "metadata may have 2048 bytes and no more", "[attributes]") {
  const Metadata most{{"a", std::string(1000, 'x')}, {"b", std::string(1046, 'y')}};
  CHECK(stored({.metadata = most}).metadata == most);
  CHECK(refusal({.metadata = {{"a", std::string(1000, 'x')}, {"b", std::string(1047, 'y')}}}) ==
        ErrorCode::invalid_argument);
}

TEST_CASE_METHOD(AttributesFixture, "line breaks and other controls are refused in every attribute", "[attributes]") {
  for (const std::string& bad : {"a\r\nx: y"s, "a\nb"s, "a\rb"s, "a\0b"s, "a\x1b"s, "a\x7f"s, "a\tb"s}) {
    CAPTURE(bad);
    CHECK(refusal({.content_type = bad}) == ErrorCode::invalid_argument);
    CHECK(refusal({.content_disposition = bad}) == ErrorCode::invalid_argument);
    CHECK(refusal({.cache_control = bad}) == ErrorCode::invalid_argument);
    CHECK(refusal({.metadata = {{"name", bad}}}) == ErrorCode::invalid_argument);
    CHECK(refusal({.metadata = {{bad, "value"}}}) == ErrorCode::invalid_argument);
  }
}

TEST_CASE_METHOD(AttributesFixture, "metadata that would not come back as it was is refused", "[attributes]") {
  CHECK(refusal({.metadata = {{"Upper", "value"}}}) == ErrorCode::invalid_argument);
  CHECK(refusal({.metadata = {{"under_score", "value"}}}) == ErrorCode::invalid_argument);
  CHECK(refusal({.metadata = {{"", "value"}}}) == ErrorCode::invalid_argument);
  CHECK(refusal({.metadata = {{"name", " blank"}}}) == ErrorCode::invalid_argument);
  CHECK(refusal({.metadata = {{"name", "blank "}}}) == ErrorCode::invalid_argument);
  CHECK(refusal({.metadata = {{"name", "\u00e9t\u00e9"}}}) == ErrorCode::invalid_argument);
}

}  // namespace audiostore::conformance
