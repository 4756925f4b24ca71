#include "core/text.h"

#include "support/random.h"

#include <catch2/catch.hpp>

namespace audiostore {
namespace {

using namespace std::string_literals;

constexpr std::string_view unreserved = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";

TEST_CASE("exactly RFC 3986's unreserved bytes stay as they are", "[text]") {
  for (int value = 0; value < 256; ++value) {
    const std::string byte(1, static_cast<char>(value));
    const std::string encoded = uri_encode(byte, UriPart::component);
    CAPTURE(value, encoded);
    CHECK((encoded == byte) == (unreserved.find(byte) != std::string_view::npos));
    CHECK(uri_decode(encoded) == byte);
  }
}

TEST_CASE("'/' stays in a path and is encoded in a component", "[text]") {
  CHECK(uri_encode("a/b c", UriPart::path) == "a/b%20c");
  CHECK(uri_encode("a/b c", UriPart::component) == "a%2Fb%20c");
}

TEST_CASE("percent-encoding is in upper-case hex and encodes a '%' again", "[text]") {
  CHECK(uri_encode("\xc3\xa9", UriPart::path) == "%C3%A9");
  CHECK(uri_encode("%2F", UriPart::path) == "%252F");
  CHECK(uri_encode("", UriPart::path).empty());
}

TEST_CASE("append_uri_encoded keeps what is there", "[text]") {
  std::string out = "x=";
  append_uri_encoded(out, "+&", UriPart::component);
  CHECK(out == "x=%2B%26");
}

TEST_CASE("decoding happens once, leaves '+' alone and refuses half an escape", "[text]") {
  CHECK(uri_decode("%252F") == "%2F");
  CHECK(uri_decode("a+b%2bc") == "a+b+c");
  CHECK(uri_decode("a%00b") == "a\0b"s);
  for (const char* bad : {"%", "a%", "%4", "%4g", "%g4", "%%41", "% 1", "%+1", "%-1"}) {
    CAPTURE(bad);
    CHECK_FALSE(uri_decode(bad));
  }
}

TEST_CASE("encodings are taken back without loss", "[text]") {
  const auto seed = test_seed();
  INFO("seed " << seed);
  Random random(seed);
  for (int round = 0; round < 2000; ++round) {
    const std::string bytes = random.bytes(random.below(40));
    CHECK(uri_decode(uri_encode(bytes, UriPart::path)) == bytes);
    CHECK(uri_decode(uri_encode(bytes, UriPart::component)) == bytes);
    CHECK(from_hex(to_hex(as_bytes(bytes))) == bytes);
    CHECK(from_base64(to_base64(as_bytes(bytes))) == bytes);
  }
}

TEST_CASE("hex is lower-case on the way out and either on the way in", "[text]") {
  CHECK(to_hex(as_bytes("\x00\x7f\xff"s)) == "007fff");
  CHECK(from_hex("007FfF") == "\x00\x7f\xff"s);
  CHECK(from_hex("").value() == "");
  for (const char* bad : {"0", "000", "0g", "0x", " 0", "+1"}) CHECK_FALSE(from_hex(bad));
}

TEST_CASE("base64 has RFC 4648's test vectors", "[text]") {
  const std::pair<const char*, const char*> vectors[] = {{"", ""},
                                                         {"f", "Zg=="},
                                                         {"fo", "Zm8="},
                                                         {"foo", "Zm9v"},
                                                         {"foob", "Zm9vYg=="},
                                                         {"fooba", "Zm9vYmE="},
                                                         {"foobar", "Zm9vYmFy"}};
  for (const auto& [plain, encoded] : vectors) {
    CHECK(to_base64(as_bytes(plain)) == encoded);
    CHECK(from_base64(encoded) == plain);
  }
  CHECK(to_base64(as_bytes("\xfb\xff")) == "+/8=");
}

TEST_CASE("base64 in any other spelling is refused", "[text]") {
  for (const char* bad : {"Zg", "Zg=", "Zg===", "=Zg=", "Zh==", "Zm9=", "Zm9v\n", "Zm 9v", "Zg==Zg==", "=", "-_8="}) {
    CAPTURE(bad);
    CHECK_FALSE(from_base64(bad));
  }
}

TEST_CASE("UTF-8 is checked by RFC 3629", "[text]") {
  for (const auto& good : {""s, "a\0"s, "\x7f"s, "\xc2\x80"s, "\xdf\xbf"s, "\xe0\xa0\x80"s, "\xed\x9f\xbf"s,
                           "\xee\x80\x80"s, "\xef\xbf\xbf"s, "\xf0\x90\x80\x80"s, "\xf4\x8f\xbf\xbf"s}) {
    CAPTURE(printable(good));
    CHECK(is_valid_utf8(good));
  }
  for (const auto& bad : {"\x80"s, "\xbf"s, "\xc0\xae"s, "\xc1\xbf"s, "\xc2"s, "\xc2\x41"s, "\xe0\x9f\xbf"s,
                          "\xed\xa0\x80"s, "\xed\xbf\xbf"s, "\xe2\x82"s, "\xf0\x8f\xbf\xbf"s, "\xf0\x9f\x98"s,
                          "\xf4\x90\x80\x80"s, "\xf5\x80\x80\x80"s, "\xff"s, "ok\xfe"s, "\xe2\x28\xa1"s}) {
    CAPTURE(printable(bad));
    CHECK_FALSE(is_valid_utf8(bad));
  }
}

TEST_CASE("control characters are U+0000-U+001F and U+007F-U+009F", "[text]") {
  for (const auto& text : {"\0"s, "a\n"s, "\x1f"s, "\x7f"s, "\xc2\x80"s, "x\xc2\x9f"s}) {
    CAPTURE(printable(text));
    CHECK(has_control_character(text));
  }
  for (const auto& text : {""s, " ~"s, "\xc2\xa0"s, "\xc3\x80"s, "\xe2\x80\x80"s}) {
    CAPTURE(printable(text));
    CHECK_FALSE(has_control_character(text));
  }
}

TEST_CASE("what is printed can neither steer a terminal nor forge a line", "[text]") {
  CHECK(printable("plain \xc3\xa9") == "plain \xc3\xa9");
  CHECK(printable("a\nb\x1b[31m\0"s) == "a\\x0ab\\x1b[31m\\x00");
  CHECK(printable("\xff\xc2\x9b") == "\\xff\\xc2\x5cx9b");
  CHECK(printable("a\xe2\x80\xa8z\xe2\x80\xae") ==
        "a\\xe2\\x80\\xa8z\\xe2\\x80\\xae");  // line separator, bidi override
  CHECK(printable(std::string(2000, 'x')) == std::string(1024, 'x') + "...");
  CHECK(printable("abcd", 4) == "abcd");
  CHECK(printable("abcde", 4) == "abcd...");
}

TEST_CASE("printable text is valid UTF-8 without controls, whatever comes in", "[text]") {
  const auto seed = test_seed();
  INFO("seed " << seed);
  Random random(seed);
  for (int round = 0; round < 2000; ++round) {
    const std::string out = printable(random.bytes(random.below(60)), 50);
    CAPTURE(out);
    CHECK(is_valid_utf8(out));
    CHECK_FALSE(has_control_character(out));
  }
}

TEST_CASE("case is folded in ASCII only", "[text]") {
  CHECK(to_lower("AZ az 09 \xc3\x89") == "az az 09 \xc3\x89");
  CHECK(equal_ignoring_case("Content-TYPE", "content-type"));
  CHECK_FALSE(equal_ignoring_case("a", "ab"));
  CHECK_FALSE(equal_ignoring_case("[", "{"));
  CHECK_FALSE(equal_ignoring_case("\xc3\x89", "\xc3\xa9"));
}

TEST_CASE("trim takes blanks from both ends only", "[text]") {
  CHECK(trim(" \t a b\t ") == "a b");
  CHECK(trim(" \t ").empty());
  CHECK(trim("").empty());
  CHECK(trim("\na\n") == "\na\n");
}

TEST_CASE("a decimal is digits that fit into 64 bits, and nothing else", "[text]") {
  CHECK(parse_decimal("0") == 0U);
  CHECK(parse_decimal("007") == 7U);
  CHECK(parse_decimal("18446744073709551615") == UINT64_MAX);
  for (const char* bad :
       {"", " 1", "1 ", "+1", "-1", "0x1", "1e3", "1.0", "18446744073709551616", "99999999999999999999999"}) {
    CAPTURE(bad);
    CHECK_FALSE(parse_decimal(bad));
  }
}

}  // namespace
}  // namespace audiostore
