#include "local/signed_request.h"

#include "core/checksums.h"
#include "core/crypto.h"
#include "core/text.h"

#include <catch2/catch.hpp>

#include <string>

using namespace audiostore;
using namespace audiostore::local;

namespace {

std::string repeated(std::string_view text, int times) {
  std::string out;
  for (int i = 0; i < times; ++i) out += text;
  return out;
}

}  // namespace

TEST_CASE("Buckets") {
  ServiceFixture ask;
  CHECK(ask({.path = "/"}).element("Bucket").starts_with("<Name>audiostore</Name>"));
  CHECK(ask({.method = "HEAD"}).header("x-amz-bucket-region") == "us-east-1");
  CHECK(ask({.query = {{"location", ""}}}).body.ends_with("/\"></LocationConstraint>"));
  CHECK(ask({.method = "PUT"}).status == 200);
  for (const char* method : {"GET", "PUT", "HEAD"}) CHECK(ask({.method = method, .path = "/other"}).status == 404);
  CHECK(ask({.path = "/other/k"}).element("Code") == "NoSuchBucket");
  ServiceFixture north({.region = "eu-north-1"});
  CHECK(north({.query = {{"location", ""}}}).body.find(">eu-north-1<") != std::string::npos);
  CHECK(north({.method = "PUT"}).element("Code") == "BucketAlreadyOwnedByYou");
}

TEST_CASE("What asks for a bucket or a listing of another kind is refused") {
  ServiceFixture ask;
  const auto create = [&](const std::string& body) {
    return ask({.method = "PUT", .path = "/audiostore", .body = body}).element("Code");
  };
  CHECK(create("<Nonsense") == "MalformedXML");
  CHECK(create(
            "<CreateBucketConfiguration><LocationConstraint>mars-1</LocationConstraint></CreateBucketConfiguration>") ==
        "InvalidLocationConstraint");
  CHECK(create("<CreateBucketConfiguration></CreateBucketConfiguration>").empty());
  CHECK(ask({.path = "/audiostore", .query = {{"list-type", "banana"}}}).element("Code") == "InvalidArgument");
}

TEST_CASE("Many objects are removed, each with its outcome") {
  ServiceFixture ask;
  ask.put("a&b", "1");
  const std::string keys =
      "<Object><Key>a&amp;b</Key></Object><Object><Key>none</Key></Object>"
      "<Object><Key>bad//key</Key></Object>";
  const auto remove = [&](const std::string& inner) {
    const std::string body = "<Delete>" + inner + "</Delete>";
    return ask({.method = "POST",
                .path = "/audiostore",
                .query = {{"delete", ""}},
                .headers = {{"Content-MD5", to_base64(md5(as_bytes(body)))}},
                .body = body});
  };
  const auto loud = remove(keys);
  CHECK(loud.status == 200);
  CHECK(loud.body.find("<Deleted><Key>a&amp;b</Key></Deleted><Deleted><Key>none</Key></Deleted>") != std::string::npos);
  CHECK(loud.body.find("<Error><Key>bad//key</Key><Code>InvalidArgument</Code>") != std::string::npos);
  CHECK(ask({.path = "/audiostore/a%26b"}).status == 404);
  CHECK(remove("<Quiet>true</Quiet>" + keys).body.find("<Deleted>") == std::string::npos);
  CHECK(remove("").element("Code") == "MalformedXML");
  CHECK(remove("<Object>").element("Code") == "MalformedXML");
  CHECK(remove(repeated("<Object><Key>k</Key></Object>", 1000)).status == 200);
  CHECK(remove(repeated("<Object><Key>k</Key></Object>", 1001)).element("Code") == "MalformedXML");
  const auto unsure = ask({.method = "POST", .path = "/audiostore", .query = {{"delete", ""}}, .body = "<Delete/>"});
  CHECK(unsure.element("Code") == "InvalidRequest");
  const std::string body = "<Delete><Object><Key>k</Key></Object></Delete>";
  const auto by_checksum = [&](std::string_view summed) {
    return ask({.method = "POST",
                .query = {{"delete", ""}},
                .headers = {{"x-amz-checksum-crc32", Checksum(ChecksumAlgorithm::crc32).update(summed).finish()}},
                .body = body});
  };
  CHECK(by_checksum(body).status == 200);
  CHECK(by_checksum("other").element("Code") == "BadDigest");
}
