#include "store/tags.h"

#include "support/results.h"

#include <catch2/catch.hpp>

namespace audiostore {
namespace {

std::string repeated(std::string_view text, std::size_t count) {
  std::string all;
  for (std::size_t i = 0; i < count; ++i) all += text;
  return all;
}

}  // namespace

TEST_CASE("tags are as long as UTF-16 says", "[tags]") {
  CHECK(check_tags({{repeated("\u00e9", 128), repeated("\u6f22", 256)}}));
  CHECK(check_tags({{repeated("\U0001f399", 64), repeated("\U0001f399", 128)}}));
  CHECK(code_of(check_tags({{repeated("\u00e9", 129), ""}})) == ErrorCode::invalid_argument);
  CHECK(code_of(check_tags({{repeated("\U0001f399", 64) + "x", ""}})) == ErrorCode::invalid_argument);
  CHECK(code_of(check_tags({{"a", repeated("\U0001f399", 128) + "x"}})) == ErrorCode::invalid_argument);
}

TEST_CASE("of ASCII, tags hold what S3 documents and nothing else", "[tags]") {
  const std::string_view symbols = " +-=._:/@";
  for (int c = 0; c < 128; ++c) {
    const auto character = static_cast<char>(c);
    const bool is_letter_or_digit = (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
    const bool allowed = is_letter_or_digit || symbols.find(character) != std::string_view::npos;
    CAPTURE(c);
    const std::string text{'a', character, 'b'};
    CHECK(check_tags({{text, ""}}).has_value() == allowed);
    CHECK(check_tags({{"a", text}}).has_value() == allowed);
  }
}

TEST_CASE("S9: a refused tag is named without its control characters", "[tags]") {
  const auto refused = check_tags({{"a\x1b[31m", "1"}});
  REQUIRE_FALSE(refused);
  CHECK(refused.error().message().find('\x1b') == std::string::npos);
}

}  // namespace audiostore
