#include "store/attributes.h"

#include "support/results.h"

#include <catch2/catch.hpp>

namespace audiostore {
namespace {

using namespace std::string_literals;

bool accepted(const ObjectAttributes& attributes) { return check_attributes(attributes).has_value(); }
bool accepted(const Header& header) { return check_headers({header}).has_value(); }

const std::vector<std::string> injections{
    "a\r\nx-amz-acl: public-read"s, "a\nb"s, "a\rb"s, "a\0b"s, "a\tb"s, "a\x1b"s, "a\x7f"s, "a\u0085"s, "\r\n"s};

}  // namespace

TEST_CASE("ordinary attributes are accepted", "[attributes]") {
  CHECK(accepted(ObjectAttributes{}));
  CHECK(accepted(ObjectAttributes{.content_type = "audio/webm;codecs=opus",
                                  .content_disposition = "attachment; filename=\"a.webm\"; filename*=UTF-8''a.webm",
                                  .cache_control = "private, max-age=0",
                                  .metadata = {{"take-1", "a b"}, {"0", ""}}}));
}

TEST_CASE("no attribute can inject a header field", "[attributes]") {
  for (const auto& text : injections) {
    CAPTURE(text);
    CHECK_FALSE(accepted(ObjectAttributes{.content_type = text}));
    CHECK_FALSE(accepted(ObjectAttributes{.content_disposition = text}));
    CHECK_FALSE(accepted(ObjectAttributes{.cache_control = text}));
    CHECK_FALSE(accepted(ObjectAttributes{.metadata = {{"name", text}}}));
    CHECK_FALSE(accepted(ObjectAttributes{.metadata = {{text, "value"}}}));
  }
}

TEST_CASE("metadata names are lower-case letters, digits and hyphens", "[attributes]") {
  for (const std::string name : {"Upper", "under_score", "dot.ted", "sp ace", "col:on", "", "\u00e9", "a/b", "a=b"}) {
    CAPTURE(name);
    CHECK_FALSE(accepted(ObjectAttributes{.metadata = {{name, "value"}}}));
  }
}

TEST_CASE("metadata is limited to 2,048 bytes, names included", "[attributes]") {
  CHECK(accepted(ObjectAttributes{.metadata = {{"abcd", std::string(2044, 'x')}}}));
  CHECK_FALSE(accepted(ObjectAttributes{.metadata = {{"abcd", std::string(2045, 'x')}}}));
  CHECK_FALSE(accepted(ObjectAttributes{.metadata = {{"a", std::string(1024, 'x')}, {"b", std::string(1024, 'x')}}}));
}

TEST_CASE("the other attributes are limited to 1,024 bytes", "[attributes]") {
  CHECK(accepted(ObjectAttributes{.content_disposition = std::string(1024, 'x')}));
  CHECK_FALSE(accepted(ObjectAttributes{.content_disposition = std::string(1025, 'x')}));
}

TEST_CASE("an error about an attribute does not repeat its value", "[attributes]") {
  const auto refused = check_attributes({.metadata = {{"name", "secret\r\n"}}});
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code() == ErrorCode::invalid_argument);
  CHECK(refused.error().to_string().find("secret") == std::string::npos);
}

TEST_CASE("header fields have token names and plain values", "[attributes]") {
  CHECK(accepted(Header{"Content-Type", "audio/wav"}));
  CHECK(accepted(Header{"x-amz-meta-a", ""}));
  CHECK_FALSE(accepted(Header{"", "a"}));
  CHECK_FALSE(accepted(Header{"a b", "c"}));
  CHECK_FALSE(accepted(Header{"a:", "c"}));
  CHECK_FALSE(accepted(Header{"a", " c"}));
  for (const auto& text : injections) {
    CAPTURE(text);
    CHECK_FALSE(accepted(Header{"name", text}));
    CHECK_FALSE(accepted(Header{text, "value"}));
  }
}

}  // namespace audiostore
