#include "local/signed_request.h"

#include "core/crypto.h"
#include "core/text.h"

#include <catch2/catch.hpp>

#include <string>
#include <vector>

using namespace audiostore;
using namespace audiostore::local;

TEST_CASE("Listings, version 2") {
  ServiceFixture ask;
  for (const char* key : {"a/1", "a/2", "b", "c é"}) ask.put(key, "123");
  const auto list = [&](std::vector<sigv4::QueryParameter> query) {
    query.push_back({"list-type", "2"});
    return ask({.query = std::move(query)});
  };
  const auto all = list({});
  CHECK(all.status == 200);
  CHECK(all.element("KeyCount") == "4");
  CHECK(all.element("IsTruncated") == "false");
  CHECK(all.element("Name") == "audiostore");
  CHECK(all.element("MaxKeys") == "1000");
  CHECK(all.element("Contents") == "<Key>a/1</Key><LastModified>2013-05-24T00:00:00.000Z</LastModified><ETag>&quot;" +
                                       to_hex(md5(as_bytes("123"))) +
                                       "&quot;</ETag><Size>3</Size><StorageClass>STANDARD</StorageClass>");
  const auto folded = list({{"delimiter", "/"}, {"max-keys", "2"}});
  CHECK(folded.element("CommonPrefixes") == "<Prefix>a/</Prefix>");
  CHECK(folded.element("IsTruncated") == "true");
  const auto rest = list(
      {{"delimiter", "/"}, {"continuation-token", folded.element("NextContinuationToken")}, {"encoding-type", "url"}});
  CHECK(rest.element("KeyCount") == "1");
  CHECK(rest.element("Key") == "c%20%C3%A9");
  CHECK(list({{"prefix", "a/"}, {"start-after", "a/1"}}).element("Key") == "a/2");
  const auto none = list({{"max-keys", "0"}});
  CHECK(none.element("KeyCount") == "0");
  CHECK(none.element("IsTruncated") == "false");
  CHECK(list({{"max-keys", "5000"}}).element("MaxKeys") == "1000");
  CHECK(list({{"max-keys", "-1"}}).element("Code") == "InvalidArgument");
  CHECK(list({{"continuation-token", ""}}).element("Code") == "InvalidArgument");
  CHECK(list({{"continuation-token", "forged"}}).element("Code") == "InvalidArgument");
  CHECK(list({{"encoding-type", "xml"}}).element("Code") == "InvalidArgument");
  CHECK(list({{"delimiter", "x"}}).element("Code") == "NotImplemented");
}

TEST_CASE("Listings, version 1, go on behind their marker") {
  ServiceFixture ask;
  for (const char* key : {"a/1", "a/2", "b/1", "c"}) ask.put(key, "1");
  std::string seen;
  std::string marker;
  for (int page = 0; page < 4; ++page) {
    const auto answer = ask({.query = {{"delimiter", "/"}, {"max-keys", "1"}, {"marker", marker}}});
    seen += answer.element("CommonPrefixes") + answer.element("Key");
    marker = answer.element("NextMarker");
    if (marker.empty()) break;
  }
  CHECK(seen == "<Prefix>a/</Prefix><Prefix>b/</Prefix>c");
  CHECK(ask({.query = {{"marker", "a/2"}}}).element("Key") == "b/1");
}

TEST_CASE("Versions are listed, one a key") {
  ServiceFixture ask;
  for (const char* key : {"a", "b/1", "b/2", "c d"}) ask.put(key, "1");
  const auto versions = [&](std::vector<sigv4::QueryParameter> query) {
    query.push_back({"versions", ""});
    return ask({.query = std::move(query)});
  };
  const auto all = versions({{"encoding-type", "url"}});
  CHECK(all.body.find("<ListVersionsResult") != std::string::npos);
  CHECK(all.body.find("<Version><Key>c%20d</Key><VersionId>null</VersionId><IsLatest>true</IsLatest>") !=
        std::string::npos);
  CHECK(all.element("IsTruncated") == "false");
  CHECK(all.element("NextKeyMarker").empty());
  const auto first = versions({{"max-keys", "1"}});
  CHECK(first.element("IsTruncated") == "true");
  CHECK(first.element("NextKeyMarker") == "a");
  CHECK(first.element("NextVersionIdMarker") == "null");
  const auto second =
      versions({{"max-keys", "1"}, {"key-marker", "a"}, {"version-id-marker", "null"}, {"delimiter", "/"}});
  CHECK(second.body.find("<CommonPrefixes><Prefix>b/</Prefix></CommonPrefixes>") != std::string::npos);
  CHECK(second.element("NextKeyMarker") == "b/");
  CHECK(second.element("NextVersionIdMarker").empty());
  const auto third = versions({{"key-marker", "b/"}, {"delimiter", "/"}});
  CHECK(third.element("Key") == "c d");
  CHECK(third.element("IsTruncated") == "false");
  CHECK(versions({{"version-id-marker", "null"}}).element("Code") == "InvalidArgument");
  CHECK(ask({.query = {{"versioning", ""}}}).body.find("<VersioningConfiguration") != std::string::npos);
  CHECK(ask({.method = "PUT", .query = {{"versioning", ""}}}).status == 501);
}
