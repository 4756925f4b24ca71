#include "recordings/content_disposition.h"

#include "core/text.h"

#include <catch2/catch.hpp>

namespace audiostore {
namespace {

using namespace std::string_literals;

TEST_CASE("a file name is given in ASCII and in UTF-8", "[content_disposition]") {
  CHECK(attachment_disposition("take 1.wav").value() ==
        "attachment; filename=\"take 1.wav\"; filename*=UTF-8''take%201.wav");
  CHECK(attachment_disposition("\xc3\xa9t\xc3\xa9 \xe2\x99\xaa.mp3").value() ==
        "attachment; filename=\"_t_ _.mp3\"; filename*=UTF-8''%C3%A9t%C3%A9%20%E2%99%AA.mp3");
}

TEST_CASE("nothing in a file name gets out of its quotes", "[content_disposition]") {
  CHECK(attachment_disposition("a\"; x=\"b.wav").value() ==
        "attachment; filename=\"a\\\"; x=\\\"b.wav\"; filename*=UTF-8''a%22%3B%20x%3D%22b.wav");
  CHECK(attachment_disposition("100%41.wav").value() ==
        "attachment; filename=\"100_41.wav\"; filename*=UTF-8''100%2541.wav");
}

TEST_CASE("what is no file name is refused", "[content_disposition]") {
  for (const std::string& bad : {""s, "a\r\nX-Evil: 1"s, "a\nb"s, "a\0b"s, "\x7f"s, "\xc2\x85"s, "\xff"s, "\xc3"s,
                                 "a/b"s, "../a"s, "a\\b"s, std::string(256, 'a')}) {
    CAPTURE(printable(bad));
    CHECK(attachment_disposition(bad).error().code() == ErrorCode::invalid_argument);
  }
  CHECK(attachment_disposition(std::string(255, 'a')));
}

}  // namespace
}  // namespace audiostore
