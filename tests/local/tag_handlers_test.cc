#include "local/breaking_store.h"
#include "local/object_tags.h"
#include "local/signed_request.h"

#include "core/crypto.h"
#include "core/text.h"

#include <catch2/catch.hpp>

#include <string>

using namespace audiostore;
using namespace audiostore::local;

namespace {

std::string tagging(const std::string& tags) { return "<Tagging><TagSet>" + tags + "</TagSet></Tagging>"; }
std::string tag(const std::string& name, const std::string& value) {
  return "<Tag><Key>" + name + "</Key><Value>" + value + "</Value></Tag>";
}

Answer put_tags(ServiceFixture& ask, const std::string& body, const std::string& key = "k") {
  return ask({.method = "PUT",
              .path = "/audiostore/" + key,
              .query = {{"tagging", ""}},
              .headers = {{"Content-MD5", to_base64(md5(as_bytes(body)))}},
              .body = body});
}
Answer get_tags(ServiceFixture& ask, const std::string& key = "k") {
  return ask({.path = "/audiostore/" + key, .query = {{"tagging", ""}}});
}

std::string refusal(const Result<Tags>& tags) { return tags ? "" : std::string(tags.error().service_code()); }

}  // namespace

TEST_CASE("Objects have tags, from their beginning or later") {
  ServiceFixture ask;
  CHECK(ask.put("k", "1", {{"x-amz-tagging", "mood=calm&kind=a+b%2Fc"}}).status == 200);
  CHECK(get_tags(ask).body.ends_with(tag("kind", "a b/c") + tag("mood", "calm") + "</TagSet></Tagging>"));
  CHECK(put_tags(ask, tagging(tag("a", ""))).status == 200);
  CHECK(get_tags(ask).body.ends_with("<TagSet>" + tag("a", "") + "</TagSet></Tagging>"));
  CHECK(ask({.path = "/audiostore/k"}).header("ETag") == etag_of("1"));
  CHECK(ask({.method = "DELETE", .path = "/audiostore/k", .query = {{"tagging", ""}}}).status == 204);
  CHECK(get_tags(ask).element("TagSet").empty());
  CHECK(ask({.path = "/audiostore/k"}).body == "1");
  for (const auto& answer : {get_tags(ask, "none"), put_tags(ask, tagging(""), "none")}) {
    CHECK(answer.element("Code") == "NoSuchKey");
  }
}

TEST_CASE("An upload in parts has the tags that it was begun with") {
  ServiceFixture ask({.min_part_bytes = 1});
  const auto id = ask({.method = "POST",
                       .path = "/audiostore/k",
                       .query = {{"uploads", ""}},
                       .headers = {{"x-amz-tagging", "a=1"}}})
                      .element("UploadId");
  ask({.method = "PUT", .path = "/audiostore/k", .query = {{"partNumber", "1"}, {"uploadId", id}}, .body = "1"});
  const std::string parts = "<CompleteMultipartUpload><Part><PartNumber>1</PartNumber><ETag>" + etag_of("1") +
                            "</ETag></Part></CompleteMultipartUpload>";
  const auto complete = [&](Headers headers) {
    return ask({.method = "POST",
                .path = "/audiostore/k",
                .query = {{"uploadId", id}},
                .headers = std::move(headers),
                .body = parts});
  };
  CHECK(complete({{"If-Match", etag_of("old")}}).element("Code") == "NoSuchKey");
  ask.put("k", "old");
  CHECK(complete({{"If-None-Match", "*"}}).element("Code") == "PreconditionFailed");
  CHECK(complete({{"If-Match", etag_of("other")}}).element("Code") == "PreconditionFailed");
  CHECK(complete({{"If-Match", etag_of("old")}}).status == 200);
  CHECK(get_tags(ask).element("TagSet") == tag("a", "1"));
}

TEST_CASE("A copy has the tags of its source") {
  ServiceFixture ask;
  ask.put("k", "1", {{"x-amz-tagging", "a=1"}});
  ask({.method = "PUT", .path = "/audiostore/b", .headers = {{"x-amz-copy-source", "audiostore/k"}}});
  CHECK(get_tags(ask, "b").element("TagSet") == tag("a", "1"));
}

TEST_CASE("Tags in a header") {
  CHECK(parse_tagging("").value().empty());
  CHECK(parse_tagging("a&b=").value() == Tags{{"a", ""}, {"b", ""}});
  CHECK(parse_tagging("a=1=2&%C3%A9=%2B").value() == Tags{{"a", "1=2"}, {"\xc3\xa9", "+"}});
  CHECK(refusal(parse_tagging("a=1&a=2")) == "InvalidArgument");
  CHECK(refusal(parse_tagging("a=%4")) == "InvalidArgument");
  CHECK(refusal(parse_tagging("=1")) == "InvalidTag");
  CHECK(refusal(parse_tagging("a=%00")) == "InvalidTag");
  CHECK(refusal(parse_tagging("a=%FF")) == "InvalidTag");
  CHECK(refusal(parse_tagging("aws:a=1")) == "InvalidTag");
  CHECK(refusal(parse_tagging(std::string(129, 'a'))) == "InvalidTag");
  CHECK(refusal(parse_tagging("a=" + std::string(257, 'a'))) == "InvalidTag");
  CHECK(parse_tagging("a&b&c&d&e&f&g&h&i&j").value().size() == 10);
  CHECK(refusal(parse_tagging("a&b&c&d&e&f&g&h&i&j&k")) == "BadRequest");
}

TEST_CASE("Tags in a document") {
  CHECK(read_tagging(tagging("")).value().empty());
  CHECK(read_tagging(tagging(tag("a", "1 &#43; 2"))).value() == Tags{{"a", "1 + 2"}});
  CHECK(refusal(read_tagging(tagging(tag("a", "1") + tag("a", "2")))) == "InvalidTag");
  CHECK(refusal(read_tagging(tagging(tag("", "1")))) == "InvalidTag");
  for (const std::string& xml :
       {std::string(""), std::string("<Tagging/>"), tagging("<Tag><Key>a</Key></Tag>"), tagging("<Other/>"),
        tagging(tag("<b>1</b>", "1")), tagging("<Tag><Key>a</Key><Value>1</Value><Value>2</Value></Tag>")}) {
    CAPTURE(xml);
    CHECK(refusal(read_tagging(xml)) == "MalformedXML");
  }
  std::string many;
  for (int i = 0; i < 11; ++i) many += tag("t" + std::to_string(i), "");
  CHECK(refusal(read_tagging(tagging(many))) == "BadRequest");
}

TEST_CASE("Tagging requests that S3 would refuse") {
  ServiceFixture ask;
  ask.put("k", "1");
  CHECK(ask({.method = "PUT", .path = "/audiostore/k", .query = {{"tagging", ""}}, .body = tagging("")})
            .element("Code") == "InvalidRequest");
  CHECK(ask.put("k", "2", {{"x-amz-tagging", "a=1&a=2"}}).element("Code") == "InvalidArgument");
  CHECK(ask({.path = "/audiostore/k", .query = {{"tagging", ""}, {"versionId", "1"}}}).element("Code") ==
        "InvalidArgument");
  CHECK(ask({.path = "/audiostore/k", .query = {{"tagging", ""}, {"versionId", "null"}}}).status == 200);
  ServiceFixture without({}, std::make_shared<BreakingStore>());
  CHECK(get_tags(without).element("Code") == "NotImplemented");
}
