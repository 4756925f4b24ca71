#include "local/s3_address.h"

#include <catch2/catch.hpp>

using namespace audiostore::local;

TEST_CASE("Path-style addresses have the bucket in the path") {
  for (const char* host : {"localhost", "127.0.0.1:80", "LOCALHOST:1", "example.com"}) {
    CAPTURE(host);
    CHECK(s3_address(host, "/", "takes") == S3Address{});
    CHECK(s3_address(host, "/takes", "takes") == S3Address{"takes", ""});
    CHECK(s3_address(host, "/takes/", "takes") == S3Address{"takes", ""});
    CHECK(s3_address(host, "/takes/a//b/", "takes") == S3Address{"takes", "a//b/"});
    CHECK(s3_address(host, "//a", "takes") == S3Address{"", "a"});
  }
}

TEST_CASE("Virtual-host addresses have the bucket in the host") {
  for (const char* host : {"takes.localhost", "takes.localhost:81", "TAKES.127.0.0.1:81", "takes.s3.amazonaws.com"}) {
    CAPTURE(host);
    CHECK(s3_address(host, "/", "takes") == S3Address{"takes", ""});
    CHECK(s3_address(host, "/takes/a", "takes") == S3Address{"takes", "takes/a"});
  }
  CHECK(s3_address("other.localhost", "/a", "takes") == S3Address{"other", "a"});
  CHECK(s3_address("takesx.example.com", "/takes/a", "takes") == S3Address{"takes", "a"});
}
