#include "s3/operation.h"

#include <catch2/catch.hpp>

using namespace audiostore;

namespace {

std::string name(std::string method, bool on_object, std::vector<sigv4::QueryParameter> query = {},
                 bool copies = false) {
  S3Request request{.method = std::move(method), .query = std::move(query)};
  if (on_object) request.key = *ObjectKey::parse("a");
  if (copies) request.headers.push_back({"X-Amz-Copy-Source", "/b/a"});
  return std::string(operation_of(request).name);
}

}  // namespace

TEST_CASE("each request has the name that S3 gives its operation") {
  CHECK(name("PUT", true) == "PutObject");
  CHECK(name("PUT", true, {}, true) == "CopyObject");
  CHECK(name("PUT", true, {{"uploadId", "u"}, {"partNumber", "1"}}) == "UploadPart");
  CHECK(name("PUT", true, {{"partNumber", "1"}, {"uploadId", "u"}}, true) == "UploadPartCopy");
  CHECK(name("PUT", true, {{"tagging", ""}}) == "PutObjectTagging");
  CHECK(name("GET", true) == "GetObject");
  CHECK(name("GET", true, {{"uploadId", "u"}}) == "ListParts");
  CHECK(name("GET", true, {{"tagging", ""}}) == "GetObjectTagging");
  CHECK(name("HEAD", true) == "HeadObject");
  CHECK(name("DELETE", true) == "DeleteObject");
  CHECK(name("DELETE", true, {{"versionId", "v"}}) == "DeleteObject");
  CHECK(name("DELETE", true, {{"uploadId", "u"}}) == "AbortMultipartUpload");
  CHECK(name("DELETE", true, {{"tagging", ""}}) == "DeleteObjectTagging");
  CHECK(name("POST", true, {{"uploads", ""}}) == "CreateMultipartUpload");
  CHECK(name("POST", true, {{"uploadId", "u"}}) == "CompleteMultipartUpload");
  CHECK(name("POST", false, {{"delete", ""}}) == "DeleteObjects");
  CHECK(name("GET", false, {{"list-type", "2"}, {"prefix", "a"}}) == "ListObjectsV2");
  CHECK(name("GET", false, {{"uploads", ""}}) == "ListMultipartUploads");
  CHECK(name("GET", false, {{"versions", ""}}) == "ListObjectVersions");
  CHECK(name("DELETE", false, {{"cors", ""}}) == "DeleteBucketCors");
  CHECK(name("PUT", false, {{"lifecycle", ""}}) == "PutBucketLifecycleConfiguration");
}

TEST_CASE("a request that S3 does not have is nameless") {
  CHECK(name("POST", true).empty());
  CHECK(name("DELETE", false).empty());
}

TEST_CASE("only the bytes of objects and parts are an object's") {
  const ObjectKey key = *ObjectKey::parse("a");
  CHECK(operation_of({.method = "PUT", .key = key}).sends_object);
  CHECK(operation_of({.method = "PUT", .key = key, .query = {{"partNumber", "1"}}}).sends_object);
  CHECK_FALSE(operation_of({.method = "PUT", .key = key, .query = {{"tagging", ""}}}).sends_object);
  CHECK_FALSE(operation_of({.method = "GET", .key = key}).sends_object);
}
