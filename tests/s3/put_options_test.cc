// What a put says of the object besides its bytes, and under which condition, as S3 is told it.
#include "s3/tagging.h"
#include "scripted_store.h"

#include <catch2/catch.hpp>

using namespace audiostore;

namespace {

struct ProviderStore : ScriptedStore {
  explicit ProviderStore(S3Provider provider) {
    options.provider = provider;
    options.endpoint = "https://s3.test";
    options.region = "us-east-1";
    remake();
  }
  Result<PutResult> put(const PutOptions& put_options) {
    return store->put(take, Payload::from_string("RIFF"), put_options);
  }
};

}  // namespace

TEST_CASE("if_match goes out as the ETag that it is, and without quotes where these would never match") {
  ScriptedStore aws;
  aws.transport->answer(stored());
  REQUIRE(aws.store->put(take, Payload(), {.if_match = "\"e0\""}));
  CHECK(aws.header(0, "If-Match") == "\"e0\"");
  CHECK(aws.header(0, "If-None-Match").empty());
  ProviderStore ceph(S3Provider::ceph);
  ceph.transport->answer(stored());
  REQUIRE(ceph.put({.if_match = "\"e0\""}));
  CHECK(ceph.header(0, "If-Match") == "e0");
}

TEST_CASE("if_match that does not hold is precondition_failed, also where there is nothing") {
  ScriptedStore s;
  s.transport->answer(refusal(412, "PreconditionFailed"));
  CHECK(code_of(s.store->put(take, Payload(), {.if_match = "\"e0\""})) == ErrorCode::precondition_failed);
  s.transport->answer(refusal(404, "NoSuchKey"));
  const auto gone = s.store->put(take, Payload(), {.if_match = "\"e0\""});
  CHECK(code_of(gone) == ErrorCode::precondition_failed);
  CHECK(gone.error().http_status() == 404);
  CHECK(gone.error().request_id() == "R1");
  s.transport->answer(refusal(404, "NoSuchBucket"));
  CHECK(code_of(s.store->put(take, Payload(), {.if_match = "\"e0\""})) == ErrorCode::not_found);
}

TEST_CASE("F16: a replacement whose reply was lost knows its own object by its mark") {
  ScriptedStore s;
  s.transport->on("PutObject", no_answer());
  s.transport->on("PutObject", refusal(412, "PreconditionFailed"));
  s.transport->on("HeadObject", stored());
  CHECK(code_of(s.store->put(take, Payload(), {.if_match = "\"e0\""})) == ErrorCode::precondition_failed);
  CHECK(s.header(0, "x-amz-meta-audiostore-upload").size() == 32);
  CHECK(s.requests() == 3);
}

TEST_CASE("tags and storage class go out with the put") {
  ScriptedStore s;
  s.transport->answer(stored());
  REQUIRE(s.store->put(take, Payload(), {.tags = {{"a b", "1+1=2"}, {"z", ""}}, .storage_class = "STANDARD_IA"}));
  CHECK(s.header(0, "x-amz-tagging") == "a%20b=1%2B1%3D2&z=");
  CHECK(s.header(0, "x-amz-storage-class") == "STANDARD_IA");
  s.transport->answer(stored());
  REQUIRE(s.store->put(take, Payload()));
  CHECK(s.header(1, "x-amz-tagging").empty());
  CHECK(s.header(1, "x-amz-storage-class").empty());
}

TEST_CASE("tags are read, set and removed through the sub-resource") {
  ScriptedStore s;
  s.transport->answer({.body = "<Tagging><TagSet><Tag><Key>a b</Key><Value>1</Value></Tag>"
                               "<Tag><Key>empty</Key><Value/></Tag></TagSet></Tagging>"});
  CHECK(must(s.store->tags(take)) == Tags{{"a b", "1"}, {"empty", ""}});
  CHECK(s.request(0).url.ends_with("/take.wav?tagging="));

  s.transport->answer({});
  REQUIRE(s.store->set_tags(take, {{"a b", "1"}}, {.call = {.on_progress = [](auto) {}}}));
  CHECK(s.request(1).method == "PUT");
  CHECK_FALSE(s.header(1, "Content-MD5").empty());
  CHECK(must(parse_tagging(s.transport->sent()[1].body)) == Tags{{"a b", "1"}});
  CHECK_FALSE(s.request(1).call.on_progress);

  s.transport->answer({.status = 204});
  REQUIRE(s.store->set_tags(take, {}));
  CHECK(s.request(2).method == "DELETE");
  CHECK(s.request(2).url.ends_with("/take.wav?tagging="));
}

TEST_CASE("the storage class comes back from head and listing") {
  ScriptedStore s;
  s.transport->answer(stored("", {{"x-amz-storage-class", "GLACIER"}}));
  CHECK(must(s.store->head(take)).storage_class == "GLACIER");
  s.transport->answer(stored("", {{"x-amz-storage-class", "<no word>"}}));
  CHECK(must(s.store->head(take)).storage_class == "STANDARD");
  s.transport->answer({.body = "<ListBucketResult><IsTruncated>false</IsTruncated><Contents><Key>a</Key><Size>1</Size>"
                               "<LastModified>2013-05-24T00:00:00Z</LastModified><ETag>\"e\"</ETag>"
                               "<StorageClass>STANDARD_IA</StorageClass></Contents></ListBucketResult>"});
  CHECK(must(s.store->list()).objects.at(0).storage_class == "STANDARD_IA");
}

TEST_CASE("a copy goes into the storage class that is asked for") {
  ScriptedStore s;
  s.transport->answer({.body = "<CopyObjectResult><ETag>\"e\"</ETag></CopyObjectResult>"});
  REQUIRE(s.store->copy(take, take, {.storage_class = "GLACIER_IR"}));
  CHECK(s.header(0, "x-amz-storage-class") == "GLACIER_IR");
  CHECK(s.header(0, "x-amz-metadata-directive") == "COPY");
}

TEST_CASE("what a provider does not have is unsupported, by name, before any request") {
  ProviderStore supabase(S3Provider::supabase);
  const auto refused_by_name = [](const auto& result, std::string_view feature) {
    CHECK(code_of(result) == ErrorCode::unsupported);
    CHECK(result.error().message().find("Supabase Storage") != std::string::npos);
    CHECK(result.error().message().find(feature) != std::string::npos);
  };
  refused_by_name(supabase.put({.if_match = "\"e\""}), "if_match");
  refused_by_name(supabase.put({.tags = {{"a", "1"}}}), "tags");
  refused_by_name(supabase.put({.storage_class = "STANDARD_IA"}), "STANDARD_IA");
  refused_by_name(supabase.store->tags(take), "tags");
  refused_by_name(supabase.store->set_tags(take, {{"a", "1"}}), "tags");
  refused_by_name(supabase.store->copy(take, *ObjectKey::parse("b"), {.storage_class = "GLACIER"}), "GLACIER");
  CHECK(supabase.requests() == 0);
}

TEST_CASE("a tagging document and a tagging header read back as they were written") {
  const Tags tags{{"a b", "1 + 1 = 2"}, {"caf\u00e9", "\u6f22"}, {"empty", ""}, {"x:/@", "-._"}};
  CHECK(must(parse_tagging(write_tagging(tags))) == tags);
  CHECK(must(parse_tagging(write_tagging({}))).empty());
  CHECK(must(parse_tagging_header(tagging_header(tags))) == tags);
  CHECK(must(parse_tagging_header("")).empty());
  CHECK(must(parse_tagging_header("a+b=c%20d&e")) == Tags{{"a b", "c d"}, {"e", ""}});
}

TEST_CASE("malformed tagging is refused") {
  for (const auto* bad : {"a=1&a=2", "a=%zz", "%=1"})
    CHECK(code_of(parse_tagging_header(bad)) == ErrorCode::invalid_argument);
  for (const auto* bad :
       {"", "<Tagging/>", "<Tags><TagSet/></Tags>", "<Tagging><TagSet><Tag><Value>1</Value></Tag></TagSet></Tagging>",
        "<Tagging><TagSet><Other><Key>a</Key></Other></TagSet></Tagging>",
        "<Tagging><TagSet><Tag><Key>a</Key></Tag><Tag><Key>a</Key></Tag></TagSet></Tagging>"}) {
    CAPTURE(bad);
    CHECK(code_of(parse_tagging(bad)) == ErrorCode::corrupt);
  }
}
