#include "s3/xml.h"

#include "s3/xml_guard.h"

#include <fmt/format.h>
#include <catch2/catch.hpp>

#include <chrono>
#include <string>

using namespace audiostore;

namespace {

std::string listing(std::string_view inner, std::string_view truncated = "false") {
  return fmt::format(
      R"(<?xml version="1.0" encoding="UTF-8"?><ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/">)"
      "<EncodingType>url</EncodingType><IsTruncated>{}</IsTruncated>{}</ListBucketResult>",
      truncated, inner);
}

std::string entry(std::string_view key) {
  return fmt::format(
      "<Contents><Key>{}</Key><LastModified>2026-01-02T03:04:05.000Z</LastModified><ETag>&quot;abc&quot;</ETag>"
      "<Size>12</Size></Contents>",
      key);
}

bool refused(const std::string& xml) {
  const auto page = parse_list_result(xml);
  return !page && page.error().code() == ErrorCode::corrupt;
}

std::string repeat(std::string_view text, int times) {
  std::string out;
  for (int i = 0; i < times; ++i) out += text;
  return out;
}

}  // namespace

TEST_CASE("a listing is read: keys decoded, sizes, dates, prefixes, token") {
  const auto page = parse_list_result(listing(entry("a%2Fb+c%2B%C3%A9.wav") + entry("z") +
                                                  "<CommonPrefixes><Prefix>p%2F</Prefix></CommonPrefixes>"
                                                  "<NextContinuationToken>t&amp;1</NextContinuationToken>",
                                              "true"));
  REQUIRE(page);
  REQUIRE(page->objects.size() == 2);
  CHECK(page->objects[0].key == "a/b c+é.wav");
  CHECK(page->objects[0].size == 12);
  CHECK(page->objects[0].etag == "\"abc\"");
  CHECK(page->objects[0].last_modified == TimePoint(std::chrono::sys_days(std::chrono::year(2026) / 1 / 2) +
                                                    std::chrono::seconds(3 * 3600 + 4 * 60 + 5)));
  CHECK(page->common_prefixes == std::vector<std::string>{"p/"});
  CHECK(page->next_token == "t&1");
}

TEST_CASE("F56: BOM, line ends, other namespace prefixes and unknown elements are accepted") {
  const auto page = parse_list_result(
      "\xef\xbb\xbf<?xml version=\"1.0\"?>\r\n<s3:ListBucketResult xmlns:s3=\"x\">\r\n "
      "<s3:IsTruncated>false</s3:IsTruncated>"
      "<s3:New a='1'><b/></s3:New>"
      "<s3:Contents><s3:Key>k</s3:Key><s3:Size>1</s3:Size>"
      "<s3:LastModified>2026-01-02T03:04:05Z</s3:LastModified></s3:Contents></s3:ListBucketResult>\n");
  REQUIRE(page);
  CHECK(page->objects.at(0).key == "k");
}

TEST_CASE("F49: a broken listing stops with an error") {
  CHECK(refused(listing("<NextContinuationToken></NextContinuationToken>", "true")));
  CHECK(refused(listing("", "true")));
  CHECK(refused(listing("", "maybe")));
  CHECK(refused("<ListBucketResult></ListBucketResult>"));
  CHECK(refused(listing(entry(""))));
  CHECK(refused(listing(entry("a%zz"))));
  CHECK(refused(listing(entry("%FF"))));
  CHECK(refused(listing("<Contents><Key>k</Key></Contents>")));
  CHECK(refused(listing("<CommonPrefixes></CommonPrefixes>")));
}

TEST_CASE("F50: truncated, malformed, doubled or preceded documents are refused") {
  const std::string good = listing(entry("k"));
  REQUIRE(parse_list_result(good));
  for (std::size_t length = 0; length < good.size(); ++length) {
    INFO(length);
    REQUIRE(refused(good.substr(0, length)));
  }
  CHECK(refused(good + good));
  CHECK(refused("junk" + good));
  CHECK(refused(good + "junk"));
  CHECK(refused("<Other/>"));
  CHECK(refused("<ListBucketResult><a></ListBucketResult></a>"));
  CHECK(refused("<ListBucketResult"));
}

TEST_CASE("F51: deep nesting is refused") {
  CHECK(refused(listing(repeat("<a>", 100) + repeat("</a>", 100))));
  CHECK(refused(repeat("<a>", 1'000'000)));
}

TEST_CASE("F52: a DOCTYPE, an entity, a processing instruction or CDATA is refused") {
  CHECK(refused("<!DOCTYPE x [<!ENTITY a SYSTEM 'file:///etc/passwd'>]>" + listing(entry("&a;"))));
  CHECK(refused(listing(entry("&lol;"))));
  CHECK(refused(listing("<?php ?>")));
  CHECK(refused(listing(entry("<![CDATA[k]]>"))));
}

TEST_CASE("F53: a tag with thousands of attributes is refused at once") {
  std::string attributes;
  for (int i = 0; i < 40'000; ++i) attributes += fmt::format(" a{}='1'", i);
  const auto start = std::chrono::steady_clock::now();
  CHECK(refused("<ListBucketResult" + attributes + "/>"));
  CHECK(std::chrono::steady_clock::now() - start < std::chrono::seconds(1));
  CHECK(refused("<ListBucketResult" + repeat(" a='1'", 17) + "><IsTruncated>false</IsTruncated></ListBucketResult>"));
}

TEST_CASE("F54: what parsers shorten silently is refused") {
  for (const char* key : {"a&#0;b", "a&#x0;b", "a&#xD800;b", "a&#x110000;b", "a&#1;b", "a&#xFFFE;b", "sec<!--x-->ret",
                          "a\x01"
                          "b",
                          "a\xff"
                          "b",
                          "a\xc0\xae", "a&b", "a&;", "a&#;b", "a&#x;b", "a&#99999999999;b", "a]]>b"}) {
    INFO(key);
    CHECK(refused(listing(entry(key))));
  }
  CHECK(parse_list_result(listing(entry("a&#x41;&amp;"))));
}

TEST_CASE("F54: text beside elements is refused, of which a parser would give back a part") {
  CHECK(refused(listing(entry("safe<x/>/real"))));
  CHECK(refused(listing(entry("<x/>tail"))));
  CHECK(refused(listing("junk" + entry("k"))));
  CHECK_FALSE(parse_delete_objects_request("<Delete><Object><Key>a<x/>bc</Key></Object></Delete>"));
}

TEST_CASE("a DeleteObjects entry with more than a key is refused, not narrowed or widened") {
  for (const char* inner :
       {"", "<Key>a</Key><Key>b</Key>", "<Key>a</Key><VersionId>v</VersionId>", "<ETag>e</ETag><Key>a</Key>"}) {
    INFO(inner);
    CHECK_FALSE(parse_delete_objects_request("<Delete><Object>" + std::string(inner) + "</Object></Delete>"));
  }
}

TEST_CASE("F55: a document of very many elements is refused") {
  CHECK_FALSE(guard_xml("<a>" + repeat("<b/>", 20'000) + "</a>", 1 << 20));
  CHECK(guard_xml("<a>" + repeat("<b/>", 19'000) + "</a>", 1 << 20));
}

TEST_CASE("F55: documents over their limit are refused") {
  CHECK_FALSE(guard_xml("<a>" + std::string(100, 'x') + "</a>", 100));
  CHECK(guard_xml("<a>" + std::string(93, 'x') + "</a>", 100));
  CHECK_FALSE(parse_error_document("<Error><Code>X</Code><Message>" + std::string(max_error_bytes, 'x') +
                                   "</Message></Error>"));
}

TEST_CASE("F4: an error document is known by its root element, not by words in it") {
  const auto error = parse_error_document(
      "<Error><Code>SlowDown</Code><Message>m</Message><RequestId>r</RequestId><Region>eu</Region></Error>");
  REQUIRE(error);
  CHECK(error->code == "SlowDown");
  CHECK(error->message == "m");
  CHECK(error->request_id == "r");
  CHECK(error->region == "eu");
  CHECK_FALSE(parse_error_document("<CopyObjectResult><ETag>InternalError</ETag><Key>Error</Key></CopyObjectResult>"));
  CHECK_FALSE(parse_error_document("<html>Error</html>"));
  CHECK_FALSE(parse_error_document(""));
  CHECK(parse_error_document("<Error></Error>"));
}

TEST_CASE("F18: an error document that was cut off says what its whole elements say") {
  const std::string whole =
      "<?xml version=\"1.0\"?><Error><Code>SlowDown</Code><Message>a &amp; b</Message>"
      "<RequestId>r1</RequestId></Error>";
  const std::size_t code_end = whole.find("<Message>");
  const std::size_t id_end = whole.find("</Error>");
  for (std::size_t length = 0; length <= whole.size(); ++length) {
    INFO(length);
    const auto error = parse_error_document(mended_error_document(whole.substr(0, length)));
    REQUIRE(error.has_value() == (length >= code_end));
    if (error) CHECK(error->code == "SlowDown");
    if (error) CHECK(error->request_id == (length >= id_end ? "r1" : ""));
  }
  CHECK(parse_error_document(mended_error_document(whole + "\n\n<junk>"))->request_id == "r1");
  for (const char* other : {"", ">", "</", "</>", "<html><b>Error</b>", "<Error><A><Code>x</Code>", "Error</Code>",
                            "<Error><Code>x<!-- </Code>"}) {
    INFO(other);
    CHECK_FALSE(parse_error_document(mended_error_document(other)));
  }
}

TEST_CASE("copy and delete results are read") {
  CHECK(*parse_copy_result("<CopyObjectResult><ETag>\"e\"</ETag></CopyObjectResult>") == "\"e\"");
  CHECK(*parse_copy_result("<CopyObjectResult><ETag>e</ETag></CopyObjectResult>") == "\"e\"");
  CHECK_FALSE(parse_copy_result("<Error/>"));
  const auto result = parse_delete_result(
      "<DeleteResult><Deleted><Key>a</Key></Deleted><Error><Key>b</Key><Code>AccessDenied</Code></Error></"
      "DeleteResult>");
  REQUIRE(result);
  CHECK(result->deleted == std::vector<std::string>{"a"});
  REQUIRE(result->failed.size() == 1);
  CHECK(result->failed[0].key == "b");
  CHECK(result->failed[0].error.code == "AccessDenied");
}

TEST_CASE("S27: an ETag that is not printable ASCII is refused") {
  for (const char* etag : {"&#x9b;2J", "a&#9;b", "\x7f", "\xc3\xa9"}) {
    INFO(etag);
    const std::string element = fmt::format("<ETag>{}</ETag>", etag);
    const auto copied = parse_copy_result("<CopyObjectResult>" + element + "</CopyObjectResult>");
    REQUIRE_FALSE(copied);
    CHECK(copied.error().code() == ErrorCode::corrupt);
    CHECK(refused(listing("<Contents><Key>k</Key><Size>1</Size><LastModified>2026-01-02T03:04:05Z</LastModified>" +
                          element + "</Contents>")));
  }
  CHECK(*quoted_etag("abc-2") == "\"abc-2\"");
  CHECK(*quoted_etag("W/\"abc\"") == "W/\"abc\"");
  CHECK(quoted_etag("")->empty());
}

TEST_CASE("a DeleteObjects request comes back as it was written, odd keys and all") {
  std::vector<ObjectKey> keys;
  std::vector<std::string> names{" ", " a ", "<&>\"'", "a&amp;b", "é\xe2\x80\x8b", "]]>"};
  for (const auto& name : names) keys.push_back(*ObjectKey::parse(name));
  const auto request = parse_delete_objects_request(write_delete_objects_request(keys));
  REQUIRE(request);
  CHECK(request->keys == names);
  CHECK_FALSE(request->quiet);
  CHECK(parse_delete_objects_request("<Delete><Quiet>true</Quiet></Delete>")->quiet);
}
