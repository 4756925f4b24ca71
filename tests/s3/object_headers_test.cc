#include "s3/object_headers.h"

#include <catch2/catch.hpp>

#include <string>

using namespace audiostore;

namespace {

HttpResponse response_with(Headers headers, std::string etag = "\"e1\"") {
  headers.insert(headers.begin(), {{"ETag", std::move(etag)}, {"Content-Length", "3"}});
  return {.status = 200, .headers = std::move(headers)};
}

}  // namespace

TEST_CASE("S27: an ETag with a control character, or none at all, is refused") {
  for (const char* etag : {"\"\x1b[2J\"", "\"a\tb\"", "\"\x7f\"", "\"\xc2\x9b\"", "\"\xff\"", ""}) {
    CAPTURE(etag);
    const HttpResponse response = response_with({}, etag);
    const auto put = etag_of(response);
    const auto got = object_info(response, "k", std::nullopt);
    REQUIRE_FALSE(put);
    REQUIRE_FALSE(got);
    CHECK(put.error().code() == ErrorCode::corrupt);
    CHECK(got.error().code() == ErrorCode::corrupt);
    CHECK(got.error().to_string().find_first_of("\x1b\x7f\x9b\xff") == std::string::npos);
  }
}

TEST_CASE("S27: attributes with control characters are left out, and the object is still readable") {
  const auto info = object_info(response_with({{"Content-Type", "audio/\x1b[2Jwav"},
                                               {"Content-Disposition", "\xc2\x9b"},
                                               {"Cache-Control", "a\nb"},
                                               {"x-amz-meta-esc", "\x1b]0;x\x07"},
                                               {"x-amz-meta-c1", "caf\xe9 \x9b"},
                                               {"x-amz-meta-del", "\x7f\xff"},
                                               {"x-amz-meta-latin", "caf\xe9"},
                                               {"x-amz-meta-utf8", "\xc3\x80 caf\xc3\xa9"}}),
                                "k", std::nullopt);
  REQUIRE(info);
  CHECK(info->size == 3);
  CHECK(info->attributes ==
        ObjectAttributes{.content_type = "", .metadata = {{"latin", "caf\xe9"}, {"utf8", "\xc3\x80 caf\xc3\xa9"}}});
}
