#include <audiostore/headers.h>

#include <catch2/catch.hpp>

namespace audiostore {
namespace {

TEST_CASE("the first field of a name is found in any case", "[headers]") {
  const Headers headers{{"ETag", "\"1\""}, {"X-A", ""}, {"etag", "\"2\""}};
  CHECK(find_header(headers, "ETAG") == "\"1\"");
  CHECK(find_header(headers, "x-a") == "");
  CHECK_FALSE(find_header(headers, "x-"));
  CHECK_FALSE(find_header({}, "etag"));
}

}  // namespace
}  // namespace audiostore
