#include "local/signed_request.h"

#include "core/checksums.h"
#include "core/crypto.h"
#include "core/text.h"

#include <catch2/catch.hpp>

#include <atomic>
#include <thread>

using namespace audiostore;
using namespace audiostore::local;

namespace {

LocalEndpointOptions small_parts() { return {.min_part_bytes = 5}; }

using NumberAndEtag = std::pair<int, std::string>;

/// One client's multipart upload of "audiostore/take.wav".
struct Client {
  explicit Client(ServiceFixture& fixture, Headers headers = {}) : ask(fixture) {
    begun = ask({.method = "POST", .path = path, .query = {{"uploads", ""}}, .headers = std::move(headers)});
    id = begun.element("UploadId");
  }

  Answer part(int number, std::string body, Headers headers = {}) {
    return ask({.method = "PUT",
                .path = path,
                .query = {{"partNumber", std::to_string(number)}, {"uploadId", id}},
                .headers = std::move(headers),
                .body = std::move(body)});
  }
  Answer copy(int number, Headers headers) {
    headers.push_back({"x-amz-copy-source", "audiostore/source"});
    return part(number, "", std::move(headers));
  }
  Answer complete(const std::vector<NumberAndEtag>& parts, Headers headers = {}) {
    std::string xml = "<CompleteMultipartUpload>";
    for (const auto& [number, etag] : parts) {
      xml += "<Part><PartNumber>" + std::to_string(number) + "</PartNumber><ETag>" + etag + "</ETag></Part>";
    }
    return complete_with(xml + "</CompleteMultipartUpload>", std::move(headers));
  }
  Answer complete_with(std::string xml, Headers headers = {}) {
    return ask({.method = "POST",
                .path = path,
                .query = {{"uploadId", id}},
                .headers = std::move(headers),
                .body = std::move(xml)});
  }
  Answer abort() { return ask({.method = "DELETE", .path = path, .query = {{"uploadId", id}}}); }
  Answer parts(std::vector<sigv4::QueryParameter> query = {}) {
    query.push_back({"uploadId", id});
    return ask({.path = path, .query = std::move(query)});
  }
  Answer get() { return ask({.path = path}); }

  ServiceFixture& ask;
  std::string path = "/audiostore/take.wav";
  Answer begun;
  std::string id;
};

int count(std::string_view text, std::string_view what) {
  int times = 0;
  for (auto at = text.find(what); at != std::string_view::npos; at = text.find(what, at + 1)) ++times;
  return times;
}

}  // namespace

TEST_CASE("Parts become one object with the attributes of its beginning") {
  ServiceFixture ask(small_parts());
  Client client(ask, {{"Content-Type", "audio/wav"}, {"x-amz-meta-mood", "calm"}, {"Cache-Control", "private"}});
  CHECK(client.begun.status == 200);
  CHECK(client.begun.element("Bucket") == "audiostore");
  CHECK(client.begun.element("Key") == "take.wav");
  const auto second = client.part(7, "bbbbb");
  const auto first = client.part(2, "aaaaa");
  CHECK(first.status == 200);
  CHECK(first.header("ETag") == etag_of("aaaaa"));
  client.part(10'000, "c");
  CHECK(client.get().status == 404);
  const auto done = client.complete({{2, etag_of("aaaaa")}, {7, second.header("ETag")}, {10'000, etag_of("c")}});
  CHECK(done.status == 200);
  CHECK(done.element("Location") == "http://127.0.0.1:9000/audiostore/take.wav");
  CHECK(done.element("Bucket") == "audiostore");
  CHECK(done.element("Key") == "take.wav");
  const auto got = client.get();
  CHECK(got.body == "aaaaabbbbbc");
  CHECK(done.element("ETag") == "&quot;" + got.header("ETag").substr(1, 32) + "&quot;");
  CHECK(got.header("Content-Type") == "audio/wav");
  CHECK(got.header("Cache-Control") == "private");
  CHECK(got.header("x-amz-meta-mood") == "calm");
}

TEST_CASE("Only the parts that are named are in the object") {
  ServiceFixture ask(small_parts());
  Client client(ask);
  for (int number = 1; number <= 3; ++number) client.part(number, std::string(5, static_cast<char>('0' + number)));
  CHECK(client.complete({{1, etag_of("11111")}, {3, etag_of("33333")}}).status == 200);
  CHECK(client.get().body == "1111133333");
}

TEST_CASE("A part that is sent again replaces the one before") {
  ServiceFixture ask(small_parts());
  Client client(ask);
  client.part(1, "first");
  client.part(1, "again!");
  CHECK(client.complete({{1, etag_of("first")}}).element("Code") == "InvalidPart");
  CHECK(client.complete({{1, etag_of("again!")}}).status == 200);
  CHECK(client.get().body == "again!");
}

TEST_CASE("Parts are checked by their checksums, when they come and when they are named") {
  ServiceFixture ask(small_parts());
  Client client(ask, {{"x-amz-checksum-algorithm", "CRC32C"}});
  CHECK(client.begun.header("x-amz-checksum-algorithm") == "CRC32C");
  const Header checksum{"x-amz-checksum-crc32c", Checksum(ChecksumAlgorithm::crc32c).update("first").finish()};
  CHECK(client.part(1, "firSt", {checksum}).element("Code") == "BadDigest");
  CHECK(client.part(1, "first").element("Code") == "InvalidRequest");
  CHECK(client.part(1, "", {{"x-amz-checksum-crc32", "AAAAAA=="}}).element("Code") == "InvalidRequest");
  CHECK(client.part(1, "first", {checksum}).header("x-amz-checksum-crc32c") == checksum.value);
  const auto complete = [&](const std::string& element, const std::string& value) {
    return client.complete_with("<CompleteMultipartUpload><Part><PartNumber>1</PartNumber><ETag>" + etag_of("first") +
                                "</ETag><" + element + ">" + value + "</" + element +
                                "></Part></CompleteMultipartUpload>");
  };
  CHECK(complete("ChecksumCRC32C", "AAAAAA==").element("Code") == "InvalidPart");
  CHECK(complete("ChecksumCRC32", checksum.value).element("Code") == "InvalidPart");
  CHECK(complete("ChecksumMD5", checksum.value).element("Code") == "MalformedXML");
  CHECK(complete("ChecksumCRC32C", checksum.value).status == 200);
  CHECK(client.get().body == "first");
  ask.put("source", "first");
  Client copier(ask, {{"x-amz-checksum-algorithm", "CRC32C"}});
  CHECK(copier.copy(1, {}).element("ChecksumCRC32C") == checksum.value);
  CHECK(copier.parts().element("ChecksumCRC32C") == checksum.value);
  CHECK(Client(ask, {{"x-amz-checksum-algorithm", "MD5"}}).begun.element("Code") == "InvalidRequest");
}

TEST_CASE("A part that is not whole is no part") {
  ServiceFixture ask(small_parts());
  Client client(ask);
  client.part(1, "whole");
  CHECK(client.part(1, "other", {{"Content-MD5", to_base64(md5(as_bytes("else")))}}).element("Code") == "BadDigest");
  CHECK(client.complete({{1, etag_of("whole")}}).status == 200);
}

TEST_CASE("What Complete refuses leaves the upload as it was") {
  ServiceFixture ask(small_parts());
  Client client(ask);
  client.part(1, "aaaaa");
  client.part(2, "bbbb");
  client.part(3, "c");
  const std::string a = etag_of("aaaaa");
  const std::string b = etag_of("bbbb");
  CHECK(client.complete({{2, b}, {1, a}}).element("Code") == "InvalidPartOrder");
  CHECK(client.complete({{1, a}, {1, a}}).element("Code") == "InvalidPartOrder");
  CHECK(client.complete({{1, a}, {4, a}}).element("Code") == "InvalidPart");
  CHECK(client.complete({{1, b}}).element("Code") == "InvalidPart");
  CHECK(client.complete({{1, a}, {2, b}, {3, etag_of("c")}}).element("Code") == "EntityTooSmall");
  CHECK(client.complete({}).element("Code") == "MalformedXML");
  CHECK(client.complete_with("<CompleteMultipartUpload><Part>").element("Code") == "MalformedXML");
  CHECK(client.complete_with("<Delete/>").element("Code") == "MalformedXML");
  CHECK(client.complete({{0, a}}).element("Code") == "MalformedXML");
  CHECK(client.complete({{10'001, a}}).element("Code") == "MalformedXML");
  CHECK(client.complete({{1, ""}}).element("Code") == "MalformedXML");
  CHECK(client.get().status == 404);
  CHECK(client.complete({{1, a}, {2, b.substr(1, 32)}}).status == 200);
}

TEST_CASE("An upload ends once") {
  ServiceFixture ask(small_parts());
  Client client(ask);
  client.part(1, "a");
  const std::vector<NumberAndEtag> parts{{1, etag_of("a")}};
  if (GENERATE(true, false)) {
    CHECK(client.complete(parts).status == 200);
  } else {
    const auto aborted = client.abort();
    CHECK(aborted.status == 204);
    CHECK(aborted.content_length == std::nullopt);
  }
  for (const auto& answer : {client.complete(parts), client.abort(), client.part(1, "a"), client.parts()}) {
    CHECK(answer.status == 404);
    CHECK(answer.element("Code") == "NoSuchUpload");
  }
}

TEST_CASE("Uploads are known by their key and their id") {
  ServiceFixture ask(small_parts());
  Client client(ask);
  client.path = "/audiostore/other.wav";
  CHECK(client.part(1, "a").element("Code") == "NoSuchUpload");
  client.path = "/audiostore/take.wav";
  client.id += "0";
  CHECK(client.part(1, "a").element("Code") == "NoSuchUpload");
  CHECK(Client(ask).id != Client(ask).id);
}

TEST_CASE("Part numbers are 1 to 10,000") {
  ServiceFixture ask(small_parts());
  Client client(ask);
  for (const int number : {-1, 0, 10'001}) CHECK(client.part(number, "a").element("Code") == "InvalidArgument");
  const auto none = ask({.method = "PUT", .path = client.path, .query = {{"uploadId", client.id}}, .body = "a"});
  CHECK(none.element("Code") == "InvalidArgument");
}

TEST_CASE("Completing can be made to keep what is there") {
  ServiceFixture ask(small_parts());
  ask.put("take.wav", "old");
  Client client(ask);
  client.part(1, "new");
  const std::vector<NumberAndEtag> parts{{1, etag_of("new")}};
  CHECK(client.complete(parts, {{"If-None-Match", "*"}}).element("Code") == "PreconditionFailed");
  CHECK(client.get().body == "old");
  CHECK(client.complete(parts, {{"If-None-Match", "\"a\""}}).element("Code") == "NotImplemented");
  CHECK(client.complete(parts, {{"If-Match", "\"a\""}}).element("Code") == "PreconditionFailed");
  CHECK(client.complete(parts).status == 200);
  CHECK(client.get().body == "new");
}

TEST_CASE("What an upload cannot store is refused at its beginning") {
  ServiceFixture ask;
  CHECK(Client(ask, {{"x-amz-storage-class", "GLACIER"}}).begun.element("Code") == "NotImplemented");
  CHECK(Client(ask, {{"x-amz-server-side-encryption", "aws:kms"}}).begun.element("Code") == "NotImplemented");
  CHECK(Client(ask, {{"x-amz-meta-a", std::string(2048, 'x')}}).begun.element("Code") == "MetadataTooLarge");
  const auto bad = ask({.method = "POST", .path = "/audiostore/a//b", .query = {{"uploads", ""}}});
  CHECK(bad.element("Code") == "InvalidArgument");
}

TEST_CASE("Objects, parts and the disk have limits") {
  ServiceFixture ask({.max_object_bytes = 10, .min_part_bytes = 5, .max_staged_bytes = 3 * 4096});
  Client client(ask);
  CHECK(client.part(1, std::string(11, 'a')).element("Code") == "EntityTooLarge");
  CHECK(client.part(1, "aaaaaa").status == 200);
  CHECK(client.part(2, "bbbbbb").status == 200);
  CHECK(client.part(3, "").status == 200);
  const auto full = client.part(4, "d");
  CHECK(full.status == 507);
  CHECK(full.element("Message").find("max_staged_bytes") != std::string::npos);
  CHECK(client.complete({{1, etag_of("aaaaaa")}, {2, etag_of("bbbbbb")}}).element("Code") == "EntityTooLarge");
  CHECK(client.abort().status == 204);
  CHECK(Client(ask).part(1, "aaaaa").status == 200);
}

TEST_CASE("Copies of an object can be parts") {
  ServiceFixture ask(small_parts());
  ask.put("source", "0123456789");
  Client client(ask);
  const auto copied = client.copy(1, {});
  CHECK(copied.status == 200);
  CHECK(copied.element("ETag") == "&quot;" + to_hex(md5(as_bytes("0123456789"))) + "&quot;");
  CHECK(copied.element("LastModified") == "2013-05-24T00:00:00.000Z");
  CHECK(copied.body.find("<CopyPartResult") != std::string::npos);
  CHECK(client.copy(2, {{"x-amz-copy-source-range", "bytes=2-4"}}).status == 200);
  CHECK(client.complete({{1, etag_of("0123456789")}, {2, etag_of("234")}}).status == 200);
  CHECK(client.get().body == "0123456789234");
}

TEST_CASE("A range to copy must be there in full") {
  ServiceFixture ask(small_parts());
  ask.put("source", "0123456789");
  Client client(ask);
  const std::string range = GENERATE("bytes=0-10", "bytes=10-10", "bytes=2-", "bytes=-3", "bytes=4-2", "0-3", "");
  CAPTURE(range);
  CHECK(client.copy(1, {{"x-amz-copy-source-range", range}}).element("Code") == "InvalidArgument");
}

TEST_CASE("Conditions on the source of a part") {
  ServiceFixture ask(small_parts());
  ask.put("source", "0123456789");
  Client client(ask);
  const auto [name, value, status] = GENERATE(table<std::string, std::string, int>({
      {"if-match", etag_of("0123456789"), 200},
      {"if-match", "\"other\"", 412},
      {"if-none-match", "\"other\"", 200},
      {"if-none-match", etag_of("0123456789"), 412},
      {"if-modified-since", "Thu, 23 May 2013 00:00:00 GMT", 200},
      {"if-modified-since", "Fri, 24 May 2013 00:00:00 GMT", 412},
      {"if-unmodified-since", "Fri, 24 May 2013 00:00:00 GMT", 200},
      {"if-unmodified-since", "Thu, 23 May 2013 00:00:00 GMT", 412},
  }));
  CAPTURE(name, value);
  const auto copied = client.copy(1, {{"x-amz-copy-source-" + name, value}});
  CHECK(copied.status == status);
  if (status == 412) CHECK(copied.element("Code") == "PreconditionFailed");
}

TEST_CASE("Sources of parts that are not there") {
  ServiceFixture ask;
  Client client(ask);
  CHECK(client.copy(1, {}).element("Code") == "NoSuchKey");
  CHECK(client.part(1, "", {{"x-amz-copy-source", "other/source"}}).element("Code") == "NoSuchBucket");
}

TEST_CASE("Parts are listed page by page") {
  ServiceFixture ask;
  Client client(ask);
  for (const int number : {3, 1, 10}) client.part(number, std::string(static_cast<std::size_t>(number), 'a'));
  const auto all = client.parts();
  CHECK(all.element("UploadId") == client.id);
  CHECK(all.element("IsTruncated") == "false");
  CHECK(all.element("MaxParts") == "1000");
  CHECK(all.element("NextPartNumberMarker").empty());
  CHECK(all.element("Part") ==
        "<PartNumber>1</PartNumber><LastModified>2013-05-24T00:00:00.000Z</LastModified><ETag>"
        "&quot;" +
            to_hex(md5(as_bytes("a"))) + "&quot;</ETag><Size>1</Size>");
  CHECK(count(all.body, "<Part>") == 3);
  const auto page = client.parts({{"max-parts", "2"}});
  CHECK(page.element("IsTruncated") == "true");
  CHECK(page.element("NextPartNumberMarker") == "3");
  CHECK(count(page.body, "<Part>") == 2);
  const auto rest = client.parts({{"max-parts", "2"}, {"part-number-marker", "3"}});
  CHECK(rest.element("PartNumber") == "10");
  CHECK(rest.element("IsTruncated") == "false");
  CHECK(client.parts({{"max-parts", "x"}}).element("Code") == "InvalidArgument");
  CHECK(client.parts({{"part-number-marker", "-1"}}).element("Code") == "InvalidArgument");
}

TEST_CASE("Uploads are listed by key, then by age") {
  ServiceFixture ask;
  std::vector<std::string> expected;
  for (const char* key : {"a/1", "a/2", "b", "b", "c%20%C3%A9"}) {
    const auto begun = ask({.method = "POST", .path = std::string("/audiostore/") + key, .query = {{"uploads", ""}}});
    expected.push_back(begun.element("UploadId"));
  }
  const auto list = [&](std::vector<sigv4::QueryParameter> query) {
    query.push_back({"uploads", ""});
    return ask({.query = std::move(query)});
  };
  CHECK(count(list({}).body, "<Upload>") == 5);
  CHECK(list({}).element("Initiated") == "2013-05-24T00:00:00.000Z");
  const std::string page_size = GENERATE("1", "2", "4", "5");
  std::vector<std::string> seen;
  std::vector<sigv4::QueryParameter> query{{"max-uploads", page_size}};
  for (int page = 0; page < 10; ++page) {
    const auto answer = list(query);
    std::string_view rest = answer.body;
    for (auto at = rest.find("<UploadId>"); at != std::string_view::npos; at = rest.find("<UploadId>", at + 1)) {
      seen.emplace_back(rest.substr(at + 10, rest.find('<', at + 1) - at - 10));
    }
    if (answer.element("IsTruncated") == "false") break;
    query = {{"max-uploads", page_size},
             {"key-marker", answer.element("NextKeyMarker")},
             {"upload-id-marker", answer.element("NextUploadIdMarker")}};
  }
  CHECK(seen == expected);
  CHECK(list({{"prefix", "b"}}).body.find("a/1") == std::string::npos);
  CHECK(count(list({{"prefix", "b"}}).body, "<Upload>") == 2);
  CHECK(count(list({{"key-marker", "b"}}).body, "<Upload>") == 1);
  CHECK(count(list({{"key-marker", "a/2"}, {"prefix", "b"}}).body, "<Upload>") == 2);
  CHECK(list({{"prefix", "c"}, {"encoding-type", "url"}}).element("Upload").starts_with("<Key>c%20%C3%A9</Key>"));
  CHECK(list({{"max-uploads", "0"}}).element("Code") == "InvalidArgument");
  CHECK(list({{"delimiter", "x"}}).element("Code") == "NotImplemented");
}

TEST_CASE("Uploads below one prefix are folded") {
  ServiceFixture ask;
  for (const char* key : {"a/1", "a/2", "b/1", "c"}) {
    ask({.method = "POST", .path = std::string("/audiostore/") + key, .query = {{"uploads", ""}}});
  }
  std::string seen;
  std::vector<sigv4::QueryParameter> query{{"uploads", ""}, {"delimiter", "/"}, {"max-uploads", "1"}};
  for (int page = 0; page < 5; ++page) {
    const auto answer = ask({.query = query});
    seen += answer.element("CommonPrefixes") + answer.element("Key");
    if (answer.element("IsTruncated") == "false") break;
    query = {{"uploads", ""},
             {"delimiter", "/"},
             {"max-uploads", "1"},
             {"key-marker", answer.element("NextKeyMarker")},
             {"upload-id-marker", answer.element("NextUploadIdMarker")}};
  }
  CHECK(seen == "<Prefix>a/</Prefix><Prefix>b/</Prefix>c");
}

TEST_CASE("Parts that come in parallel all arrive") {
  ServiceFixture ask(small_parts());
  Client client(ask);
  std::vector<std::thread> threads;
  for (int thread = 0; thread < 4; ++thread) {
    threads.emplace_back([&, thread] {
      for (int i = 0; i < 10; ++i) {
        const int number = i * 4 + thread + 1;
        client.part(number, "part " + std::to_string(number));
        client.part(100, "the same, whoever was last");
      }
    });
  }
  for (auto& thread : threads) thread.join();
  std::vector<NumberAndEtag> parts;
  std::string expected;
  for (int number = 1; number <= 40; ++number) {
    expected += "part " + std::to_string(number);
    parts.emplace_back(number, etag_of("part " + std::to_string(number)));
  }
  CHECK(client.complete(parts).status == 200);
  CHECK(client.get().body == expected);
}

TEST_CASE("One of many that end an upload at once wins, and the object is whole or not there") {
  ServiceFixture ask(small_parts());
  for (int round = 0; round < 20; ++round) {
    ask({.method = "DELETE", .path = "/audiostore/take.wav"});
    Client client(ask);
    client.part(1, "aaaaa");
    client.part(2, "b");
    std::atomic<int> completed = 0;
    std::atomic<int> aborted = 0;
    std::vector<std::thread> threads;
    for (int thread = 0; thread < 2; ++thread) {
      threads.emplace_back([&] {
        completed += client.complete({{1, etag_of("aaaaa")}, {2, etag_of("b")}}).status == 200;
      });
      threads.emplace_back([&] { aborted += client.abort().status == 204; });
      threads.emplace_back([&] { client.part(3, "late"); });
    }
    for (auto& thread : threads) thread.join();
    CHECK(completed + aborted == 1);
    CHECK(client.get().body.starts_with(completed == 1 ? "aaaaab" : "<?xml"));
  }
}
