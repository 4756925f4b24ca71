// A bucket's settings and versions, over a scripted network.
#include <audiostore/s3_bucket.h>

#include "core/crypto.h"
#include "core/text.h"
#include "s3/bucket_xml.h"
#include "scripted_store.h"

#include <catch2/catch.hpp>

using namespace audiostore;
using namespace std::chrono_literals;

namespace {

const CorsRule web{.id = "web",
                   .allowed_origins = {"https://app.example", "https://*.example"},
                   .allowed_methods = {"GET", "PUT"},
                   .allowed_headers = {"content-type", "x-amz-*"},
                   .expose_headers = {"ETag"},
                   .max_age = 3000s};
const CorsRule anybody{.allowed_origins = {"*"}, .allowed_methods = {"GET"}};

const LifecycleRule old_takes{.id = "old <takes> & more",
                              .prefix = "users/ 1/",
                              .expire_after_days = 30,
                              .abort_incomplete_after_days = 2,
                              .transition = LifecycleRule::Transition{.days = 7, .storage_class = "STANDARD_IA"}};
const LifecycleRule off{.id = "off", .enabled = false, .abort_incomplete_after_days = 1};

ScriptedStore store_of(S3Provider provider) {
  ScriptedStore s;
  s.options.provider = provider;
  s.options.endpoint = "https://s3.test";
  s.remake();
  return s;
}

std::string versions(std::string_view content, bool truncated = false) {
  return "<ListVersionsResult><EncodingType>url</EncodingType><IsTruncated>" +
         std::string(truncated ? "true" : "false") + "</IsTruncated>" + std::string(content) + "</ListVersionsResult>";
}

constexpr std::string_view one_version =
    "<Version><Key>a+b%2Fc</Key><VersionId>v2</VersionId><IsLatest>true</IsLatest>"
    "<LastModified>2013-05-24T00:00:00.000Z</LastModified><ETag>&quot;e&quot;</ETag><Size>3</Size></Version>";
constexpr std::string_view one_marker =
    "<DeleteMarker><Key>b</Key><VersionId>v1</VersionId><IsLatest>false</IsLatest>"
    "<LastModified>2013-05-24T00:00:00.000Z</LastModified></DeleteMarker>";

}  // namespace

TEST_CASE("CORS rules are sent with the digests that AWS wants, and come back as they were") {
  ScriptedStore s;
  S3Bucket bucket = s.store->bucket();
  const std::vector rules{web, anybody};
  s.transport->answer({});
  REQUIRE(bucket.set_cors(rules));
  CHECK(s.request(0).method == "PUT");
  CHECK(s.request(0).url == "https://takes.s3.eu-central-1.amazonaws.com/?cors=");
  const std::string body = s.transport->sent()[0].body;
  CHECK(s.header(0, "Content-MD5") == to_base64(md5(as_bytes(body))));
  CHECK(s.header(0, "x-amz-content-sha256") == to_hex(sha256(body)));
  CHECK(
      body.starts_with("<CORSConfiguration xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"><CORSRule><ID>web</ID>"));
  s.transport->answer({.body = body});
  CHECK(must(bucket.cors()) == rules);
}

TEST_CASE("no CORS rules are none, set by removing what there is") {
  ScriptedStore s;
  s.transport->answer(refusal(404, "NoSuchCORSConfiguration"));
  CHECK(must(s.store->bucket().cors()).empty());
  s.transport->answer({.status = 204});
  REQUIRE(s.store->bucket().set_cors({}));
  CHECK(s.request(1).method == "DELETE");
  CHECK(s.request(1).url.ends_with("/?cors="));
}

TEST_CASE("a bucket that is not there, or a bare 404, is not a bucket without rules") {
  ScriptedStore s;
  s.transport->answer(refusal(404, "NoSuchBucket"));
  const auto rules = s.store->bucket().cors();
  CHECK(code_of(rules) == ErrorCode::not_found);
  CHECK(rules.error().operation() == "cors");
  s.transport->answer({.status = 404});
  CHECK(code_of(s.store->bucket().lifecycle()) == ErrorCode::not_found);
}

TEST_CASE("CORS rules that no service takes are refused before they are sent") {
  ScriptedStore s;
  const auto refused = [&](void (*change)(CorsRule&)) {
    CorsRule rule = web;
    change(rule);
    return code_of(s.store->bucket().set_cors(std::vector{rule})) == ErrorCode::invalid_argument;
  };
  CHECK(refused([](CorsRule& rule) { rule.allowed_origins.clear(); }));
  CHECK(refused([](CorsRule& rule) { rule.allowed_methods.clear(); }));
  CHECK(refused([](CorsRule& rule) { rule.allowed_methods = {"PATCH"}; }));
  CHECK(refused([](CorsRule& rule) { rule.allowed_origins = {"https://*.*"}; }));
  CHECK(refused([](CorsRule& rule) { rule.allowed_headers = {""}; }));
  CHECK(refused([](CorsRule& rule) { rule.expose_headers = {"a\nb"}; }));
  CHECK(refused([](CorsRule& rule) { rule.id = std::string(256, 'i'); }));
  CHECK(refused([](CorsRule& rule) { rule.max_age = -1s; }));
  CHECK(code_of(s.store->bucket().set_cors(std::vector(101, web))) == ErrorCode::invalid_argument);
  CHECK(s.requests() == 0);
}

TEST_CASE("lifecycle rules are sent and come back as they were") {
  ScriptedStore s;
  S3Bucket bucket = s.store->bucket();
  const std::vector rules{old_takes, off};
  s.transport->answer({});
  REQUIRE(bucket.set_lifecycle(rules));
  CHECK(s.request(0).url.ends_with("/?lifecycle="));
  CHECK_FALSE(s.header(0, "Content-MD5").empty());
  s.transport->answer({.body = s.transport->sent()[0].body});
  CHECK(must(bucket.lifecycle()) == rules);
  s.transport->answer(refusal(404, "NoSuchLifecycleConfiguration"));
  CHECK(must(bucket.lifecycle()).empty());
  s.transport->answer(refusal(404, "NoSuchLifecycleConfiguration"));
  CHECK(bucket.set_lifecycle({}));
  CHECK(s.request(3).method == "DELETE");
}

TEST_CASE("lifecycle rules in S3's older form are read too") {
  const auto rules = must(parse_lifecycle(
      "<LifecycleConfiguration><Rule><ID>x</ID><Prefix>tmp/</Prefix><Status>Enabled</Status><Expiration><Days>1</Days>"
      "</Expiration></Rule></LifecycleConfiguration>"));
  CHECK(rules == std::vector{LifecycleRule{.id = "x", .prefix = "tmp/", .expire_after_days = 1}});
}

TEST_CASE("lifecycle rules that do nothing, or too much, are refused before they are sent") {
  ScriptedStore s;
  const auto refused = [&](void (*change)(LifecycleRule&)) {
    LifecycleRule rule = old_takes;
    change(rule);
    return code_of(s.store->bucket().set_lifecycle(std::vector{rule})) == ErrorCode::invalid_argument;
  };
  CHECK(refused([](LifecycleRule& rule) { rule = {.id = "nothing"}; }));
  CHECK(refused([](LifecycleRule& rule) { rule.id = ""; }));
  CHECK(refused([](LifecycleRule& rule) { rule.id = std::string(256, 'i'); }));
  CHECK(refused([](LifecycleRule& rule) { rule.prefix = "a\nb"; }));
  CHECK(refused([](LifecycleRule& rule) { rule.expire_after_days = 0; }));
  CHECK(refused([](LifecycleRule& rule) { rule.abort_incomplete_after_days = -1; }));
  CHECK(refused([](LifecycleRule& rule) { rule.transition->days = -1; }));
  CHECK(refused([](LifecycleRule& rule) { rule.transition->storage_class = ""; }));
  CHECK(code_of(s.store->bucket().set_lifecycle(std::vector{off, off})) == ErrorCode::invalid_argument);
  CHECK(s.requests() == 0);
}

TEST_CASE("a lifecycle rule that says more than we can is refused, so that it is not lost when written back") {
  for (const auto* more :
       {"<Filter><Tag><Key>a</Key><Value>1</Value></Tag></Filter>", "<Filter><And><Prefix>a</Prefix></And></Filter>",
        "<NoncurrentVersionExpiration><NoncurrentDays>1</NoncurrentDays></NoncurrentVersionExpiration>",
        "<Expiration><ExpiredObjectDeleteMarker>true</ExpiredObjectDeleteMarker></Expiration>",
        "<Expiration><Date>2030-01-01T00:00:00Z</Date></Expiration>",
        "<Transition><Days>1</Days></Transition>"
        "<Transition><Days>2</Days></Transition>",
        "<Something/>"}) {
    CAPTURE(more);
    const auto rules = parse_lifecycle("<LifecycleConfiguration><Rule><ID>x</ID><Status>Enabled</Status>" +
                                       std::string(more) + "</Rule></LifecycleConfiguration>");
    CHECK(code_of(rules) == ErrorCode::unsupported);
  }
}

TEST_CASE("settings that are no such document are corrupt") {
  CHECK(code_of(parse_cors("<LifecycleConfiguration/>")) == ErrorCode::corrupt);
  CHECK(code_of(parse_cors(
            "<CORSConfiguration><CORSRule><MaxAgeSeconds>x</MaxAgeSeconds></CORSRule></CORSConfiguration>")) ==
        ErrorCode::corrupt);
  CHECK(code_of(parse_lifecycle("<LifecycleConfiguration><Rule><Expiration/></Rule></LifecycleConfiguration>")) ==
        ErrorCode::corrupt);
  CHECK(code_of(parse_lifecycle("junk")) == ErrorCode::corrupt);
}

TEST_CASE("versions come page by page, decoded, with the markers of removals among them") {
  ScriptedStore s;
  S3Bucket bucket = s.store->bucket();
  s.transport->answer({.body = versions(std::string(one_version) + "<NextKeyMarker>a+b%2Fc</NextKeyMarker>"
                                                                   "<NextVersionIdMarker>v&amp;2</NextVersionIdMarker>",
                                        true)});
  const VersionPage first = must(bucket.list_versions({.prefix = "a", .max_keys = 1}));
  CHECK(s.request(0).url.ends_with("/?encoding-type=url&max-keys=1&prefix=a&versions="));
  REQUIRE(first.versions.size() == 1);
  CHECK(first.versions[0].key == "a b/c");
  CHECK(first.versions[0].version_id == "v2");
  CHECK(first.versions[0].is_latest);
  CHECK_FALSE(first.versions[0].is_delete_marker);
  CHECK(first.versions[0].size == 3);
  CHECK(first.versions[0].etag == "\"e\"");

  s.transport->answer({.body = versions(one_marker)});
  const VersionPage last = must(bucket.list_versions({.continuation_token = first.next_token}));
  CHECK(s.request(1).url.find("key-marker=a%20b%2Fc") != std::string::npos);
  CHECK(s.request(1).url.find("version-id-marker=v%262") != std::string::npos);
  REQUIRE(last.versions.size() == 1);
  CHECK(last.versions[0].is_delete_marker);
  CHECK(last.next_token.empty());
}

TEST_CASE("F49: a listing of versions that an erasure could not rely on is refused") {
  for (const std::string& bad :
       {versions("<Version><VersionId>v</VersionId></Version>"),
        versions("<Version><Key>a</Key><LastModified>2013-05-24T00:00:00Z</LastModified></Version>"),
        versions(
            "<Version><Key>a</Key><VersionId>v</VersionId><LastModified>2013-05-24T00:00:00Z</LastModified></Version>"),
        versions("", true), std::string("<ListVersionsResult/>"), std::string("<ListBucketResult/>"), std::string()}) {
    CAPTURE(bad);
    CHECK(code_of(parse_versions(bad)) == ErrorCode::corrupt);
  }
  ScriptedStore s;
  s.transport->answer({.body = versions(one_marker)});
  CHECK(code_of(s.store->bucket().list_versions({.prefix = "a"})) == ErrorCode::corrupt);
  s.transport->answer({.body = versions("<NextKeyMarker>b</NextKeyMarker>", true)});
  CHECK(code_of(s.store->bucket().list_versions({.continuation_token = "b&"})) == ErrorCode::corrupt);
}

TEST_CASE("a token that no listing of versions gave out is refused") {
  ScriptedStore s;
  for (const auto* bad : {"x", "a b&v", "&v", "%&", "a&%2", "a&b&c"}) {
    CAPTURE(bad);
    CHECK(code_of(s.store->bucket().list_versions({.continuation_token = bad})) == ErrorCode::invalid_argument);
  }
  CHECK(code_of(s.store->bucket().list_versions({.max_keys = 0})) == ErrorCode::invalid_argument);
  CHECK(code_of(s.store->bucket().list_versions({.prefix = "\xff"})) == ErrorCode::invalid_argument);
  CHECK(s.requests() == 0);
}

TEST_CASE("one version is removed, and one that is gone counts as removed") {
  ScriptedStore s;
  s.transport->answer({.status = 204});
  REQUIRE(s.store->bucket().remove_version(take, "v/1"));
  CHECK(s.request(0).method == "DELETE");
  CHECK(s.request(0).url.ends_with("/users/1/take.wav?versionId=v%2F1"));
  s.transport->answer(refusal(404, "NoSuchVersion"));
  CHECK(s.store->bucket().remove_version(take, "v1"));
  s.transport->answer(refusal(403, "AccessDenied"));
  CHECK(code_of(s.store->bucket().remove_version(take, "v1")) == ErrorCode::permission_denied);
  CHECK(code_of(s.store->bucket().remove_version(take, "")) == ErrorCode::invalid_argument);
  CHECK(code_of(s.store->bucket().remove_version(take, "a\nb")) == ErrorCode::invalid_argument);
  CHECK(s.requests() == 3);
}

TEST_CASE("what a provider's buckets do not have is unsupported by name, before any request") {
  ScriptedStore s = store_of(S3Provider::supabase);
  S3Bucket bucket = s.store->bucket();
  const auto refused_by_name = [](const auto& result) {
    CHECK(code_of(result) == ErrorCode::unsupported);
    CHECK(result.error().message().find("Supabase Storage") != std::string::npos);
  };
  refused_by_name(bucket.cors());
  refused_by_name(bucket.set_cors(std::vector{web}));
  refused_by_name(bucket.lifecycle());
  refused_by_name(bucket.set_lifecycle(std::vector{off}));
  refused_by_name(bucket.list_versions());
  refused_by_name(bucket.remove_version(take, "v"));
  CHECK(s.requests() == 0);
}

TEST_CASE("what was asked to stop is not begun") {
  ScriptedStore s;
  std::stop_source stop;
  stop.request_stop();
  CHECK(code_of(s.store->bucket().cors({.stop = stop.get_token()})) == ErrorCode::cancelled);
  CHECK(s.requests() == 0);
}

TEST_CASE("features are those of the provider's row") {
  ScriptedStore aws;
  CHECK(aws.store->features().presigned_post);
  CHECK(aws.store->features().versions);
  CHECK_FALSE(aws.store->features().removal_hides);
  ScriptedStore b2 = store_of(S3Provider::b2);
  CHECK(b2.store->features().removal_hides);
  CHECK_FALSE(b2.store->features().presigned_post);
  CHECK_FALSE(b2.store->features().lifecycle);
}
