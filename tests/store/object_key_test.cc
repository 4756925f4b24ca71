#include <audiostore/object_key.h>

#include "support/results.h"

#include <catch2/catch.hpp>

namespace audiostore {
namespace {

using namespace std::string_literals;

ErrorCode refusal(const std::string& text) {
  INFO(text);
  return code_of(ObjectKey::parse(text));
}

}  // namespace

TEST_CASE("a key is kept byte by byte", "[object_key]") {
  for (const std::string text : {"a",
                                 "take.wav",
                                 "users/1/take.wav",
                                 "projet/\u00e9t\u00e9.wav",
                                 "..a",
                                 "a..b",
                                 "...",
                                 "a b",
                                 "%2e%2e%2f",
                                 "%252e",
                                 "..%00",
                                 "..\\x",
                                 "~",
                                 "C:",
                                 "\uff0f",
                                 "\u2024\u2024",
                                 " ",
                                 "a.",
                                 "a ",
                                 "\u202eabc",
                                 "\u200b",
                                 "a/.b/c"}) {
    CHECK(must(ObjectKey::parse(text)).str() == text);
  }
}

TEST_CASE("a key has 1 to 1,024 bytes", "[object_key]") {
  CHECK(refusal("") == ErrorCode::invalid_argument);
  CHECK(must(ObjectKey::parse(std::string(1024, 'x'))).str().size() == 1024);
  CHECK(refusal(std::string(1025, 'x')) == ErrorCode::invalid_argument);
  std::string umlauts;
  for (int i = 0; i < 512; ++i) umlauts += "\u00fc";
  CHECK(must(ObjectKey::parse(umlauts)).str().size() == 1024);
  CHECK(refusal(umlauts + "x") == ErrorCode::invalid_argument);
  CHECK(must(ObjectKey::parse(std::string(300, 's') + "/x")).str().size() == 302);
}

TEST_CASE("a key has no segment that a path would fold", "[object_key]") {
  for (const std::string text : {".", "..", "./a", "../a", "a/.", "a/..", "a/./b", "a/../b", "../x", "/", "/a", "a/",
                                 "a//b", "//", "a/b/", "/.."}) {
    CHECK(refusal(text) == ErrorCode::invalid_argument);
  }
}

TEST_CASE("a key has no control character", "[object_key]") {
  for (const std::string& text :
       {"a\0b"s, "a\nb"s, "a\rb"s, "\ta"s, "a\x1b"s, "a\x7f"s, "a\u0080"s, "a\u0085"s, "a\u009f"s, "\0"s}) {
    CHECK(refusal(text) == ErrorCode::invalid_argument);
  }
}

TEST_CASE("a key is well-formed UTF-8", "[object_key]") {
  for (const std::string text : {"\xff", "\xc0\xaf", "\xc0\x80", "\xe0\x80\xaf", "\xed\xa0\x80", "\xf4\x90\x80\x80",
                                 "a\xc3", "\x80", "\xf0\x9f\x8e"}) {
    CHECK(refusal(text) == ErrorCode::invalid_argument);
  }
}

TEST_CASE("an error about a key says which rule it breaks", "[object_key]") {
  CHECK(ObjectKey::parse("a//b").error().message().find("'/'") != std::string::npos);
  CHECK(ObjectKey::parse("a/../b").error().message().find("'..'") != std::string::npos);
  CHECK(ObjectKey::parse("").error().message().find("empty") != std::string::npos);
  CHECK(ObjectKey::parse("\xff").error().message().find("UTF-8") != std::string::npos);
  CHECK(ObjectKey::parse("a\n").error().to_string().find('\n') == std::string::npos);
}

TEST_CASE("keys compare as bytes", "[object_key]") {
  const auto key = [](std::string_view text) { return ObjectKey::parse(text).value(); };
  CHECK(key("a") < key("a-b"));
  CHECK(key("a-b") < key("a/b"));
  CHECK(key("a/b") < key("a0"));
  CHECK(key("z") < key("\u00e9"));
  CHECK(key("caf\u00e9") != key("cafe\u0301"));
  CHECK(key("A") != key("a"));
}

}  // namespace audiostore
