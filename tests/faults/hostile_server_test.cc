// A server that means harm: whatever it sends, a call ends with a typed error within two seconds, in a process that
// never needs 64 MB. Each call runs in a process of its own, since memory once taken is not always given back. The two
// seconds are those that the call works: a machine that is busy with other tests gives it a tenth of the time.
#include "support/child_process.h"
#include "support/sanitized.h"
#include "support/tcp_server.h"
#include "support/temp_folder.h"

#include <fmt/format.h>
#include <catch2/catch.hpp>

#include <fstream>
#include <iterator>
#include <sstream>
#include <string>

using namespace audiostore;

namespace {

struct Outcome {
  std::string code;
  long milliseconds = 0;
  long cpu_milliseconds = 0;
  long peak_kib = 0;
  unsigned long delivered = 0;
};

/// One call to `server`, which must not cost more than it may.
Outcome call(const TcpServer& server, const std::string& operation) {
  ChildProcess client({AUDIOSTORE_HOSTILE_CLIENT, server.url(""), operation});
  std::istringstream line(client.wait_for_line("result "));
  Outcome outcome;
  line >> outcome.code >> outcome.milliseconds >> outcome.cpu_milliseconds >> outcome.peak_kib >> outcome.delivered;
  CHECK(outcome.milliseconds < 20'000);
  if (!sanitized) CHECK(outcome.cpu_milliseconds < 2'000);
  CHECK(outcome.peak_kib > 0);
  if (!sanitized) CHECK(outcome.peak_kib < 64 * 1024);
  return outcome;
}

/// Sends `first`, then `again` for as long as it is taken.
TcpServer::Script endless(std::string first, std::string again) {
  return [first = std::move(first), again = std::move(again)](TcpConnection& connection) {
    connection.read_request();
    connection.send(first);
    connection.send_for_ever(again);
  };
}

std::string chunk(const std::string& text) { return fmt::format("{:x}\r\n{}\r\n", text.size(), text); }

std::string repeat(const std::string& text, std::size_t times) {
  std::string out;
  out.reserve(text.size() * times);
  for (std::size_t i = 0; i < times; ++i) out += text;
  return out;
}

const std::string chunked_head = "HTTP/1.1 200 OK\r\nETag: \"e\"\r\nTransfer-Encoding: chunked\r\n\r\n";
const std::string listing_begin = "<?xml version=\"1.0\"?><ListBucketResult><IsTruncated>false</IsTruncated>";
const std::string listing_end = "</ListBucketResult>";

std::string entry(const std::string& key) {
  return fmt::format(
      "<Contents><Key>{}</Key><Size>1</Size><LastModified>2026-01-02T03:04:05Z</LastModified>"
      "<ETag>\"e\"</ETag></Contents>",
      key);
}

/// The same document as a listing, as what a copy and a removal answer, and as a refusal's.
void check_refused_everywhere(const std::string& document) {
  const TcpServer success(answering(http_response(200, document)));
  for (const char* operation : {"list", "copy", "remove_many"}) {
    CAPTURE(operation);
    CHECK(call(success, operation).code == "corrupt");
  }
  const TcpServer refusal(answering(http_response(403, document)));
  CHECK(call(refusal, "list").code == "permission_denied");
}

}  // namespace

TEST_CASE("F36 F37 F38 F39: headers without end, and junk, cost little time and memory") {
  const TcpServer line(endless("HTTP/1.1 200 OK\r\nX: ", std::string(64, 'a')));
  const TcpServer lines(endless("HTTP/1.1 200 OK\r\n", "X-Header: " + std::string(40, 'a') + "\r\n"));
  const TcpServer interim(endless("", "HTTP/1.1 102 Processing\r\n\r\n"));
  const TcpServer junk(endless("", "\x16\x03\x01junk"));
  for (const TcpServer* server : {&line, &lines, &interim, &junk}) {
    for (const char* operation : {"put", "get", "head", "list", "remove"}) {
      CAPTURE(server == &line, server == &lines, server == &interim, operation);
      CHECK(call(*server, operation).code == "unavailable");
    }
  }
  const TcpServer trailer(endless(chunked_head + "0\r\n", "X: " + std::string(40, 'a') + "\r\n"));
  for (const char* operation : {"put", "list"}) CHECK(call(trailer, operation).code == "unavailable");
}

TEST_CASE("F40: a body without end is ended by our own limits, in whatever reply") {
  const TcpServer success(endless(chunked_head, chunk(std::string(32'768, ' '))));
  CHECK(call(success, "list").code == "corrupt");
  CHECK(call(success, "copy").code == "corrupt");
  CHECK(call(success, "put").code == "corrupt");
  CHECK(call(success, "get").code == "corrupt");
  const TcpServer refusal(
      endless("HTTP/1.1 503 Slow Down\r\nTransfer-Encoding: chunked\r\n\r\n", chunk(std::string(32'768, ' '))));
  CHECK(call(refusal, "list").code == "unavailable");
  CHECK(call(refusal, "get").code == "unavailable");
  const std::string object_head =
      "HTTP/1.1 200 OK\r\nETag: \"e\"\r\nLast-Modified: Fri, 24 May 2013 00:00:00 GMT\r\nContent-Length: {}\r\n\r\n";
  const TcpServer object(endless(fmt::format(fmt::runtime(object_head), 1ULL << 50), std::string(32'768, 'x')));
  CHECK(call(object, "get").code == "too_large");  // the sink's own limit: an object may be that long
}

TEST_CASE("F41: a gzip bomb stays as small as it is stored") {
  const TempFolder folder;
  const std::string path = (folder.path() / "bomb.gz").string();
  run_program({"sh", "-c", "head -c 100000000 /dev/zero | gzip > \"$1\"", "sh", path});
  std::ifstream file(path, std::ios::binary);
  const std::string bomb{std::istreambuf_iterator<char>(file), {}};
  REQUIRE(bomb.size() > 50'000);
  for (const char* coding : {"gzip", "gzip, gzip, gzip", "deflate, gzip"}) {
    CAPTURE(coding);
    const TcpServer server(answering(http_response(
        200, bomb,
        fmt::format("ETag: \"e\"\r\nLast-Modified: Fri, 24 May 2013 00:00:00 GMT\r\nContent-Encoding: {}\r\n",
                    coding))));
    const Outcome got = call(server, "get");
    CHECK(got.code == "ok");
    CHECK(got.delivered == bomb.size());
    CHECK(call(server, "list").code == "corrupt");
  }
}

TEST_CASE("F50: documents that are cut or make no sense end every operation that reads one") {
  const std::string listing = listing_begin + entry("k") + listing_end;
  check_refused_everywhere(listing.substr(0, listing.size() / 2));
  check_refused_everywhere("junk");
  check_refused_everywhere("<a><b></a></b>");
}

TEST_CASE("F51: a million nested elements end every operation that reads a document") {
  check_refused_everywhere(repeat("<a>", 1'000'000));
  check_refused_everywhere("<ListBucketResult>" + repeat("<a>", 200'000) + repeat("</a>", 200'000) + listing_end);
}

TEST_CASE("F52: entity bombs end every operation that reads a document") {
  std::string bomb = "<?xml version=\"1.0\"?><!DOCTYPE x [<!ENTITY a0 \"aaaaaaaaaa\">";
  for (int i = 1; i < 10; ++i) bomb += fmt::format("<!ENTITY a{} \"{}\">", i, repeat(fmt::format("&a{};", i - 1), 10));
  check_refused_everywhere(bomb + "]><ListBucketResult><Name>&a9;</Name></ListBucketResult>");
  check_refused_everywhere(
      "<!DOCTYPE x [<!ENTITY a SYSTEM \"file:///etc/passwd\">]><ListBucketResult><Name>&a;</Name></ListBucketResult>");
}

TEST_CASE("F53: a tag with forty thousand attributes ends every operation that reads a document") {
  std::string attributes;
  for (int i = 0; i < 40'000; ++i) attributes += fmt::format(" a{}='1'", i);
  check_refused_everywhere("<ListBucketResult" + attributes + "/>");
}

TEST_CASE("F54: text that a parser would shorten ends every operation that reads a document") {
  for (const char* key : {"a&#0;b", "sec<!--x-->ret", "a\xff", "a&#xD800;b"}) {
    CAPTURE(key);
    check_refused_everywhere(listing_begin + entry(key) + listing_end);
  }
}

TEST_CASE("F55: documents of 200 MB are never read to their end") {
  constexpr std::size_t announced = 200'000'000;
  for (const std::string& again : {entry("k"), std::string(32'768, 'x'), std::string(32'768, '\n')}) {
    CAPTURE(again.substr(0, 10));
    const std::string head = "HTTP/1.1 {} Status\r\nContent-Length: {}\r\n\r\n";
    const TcpServer success(endless(fmt::format(fmt::runtime(head), 200, announced) + listing_begin, again));
    for (const char* operation : {"list", "copy", "remove_many"}) CHECK(call(success, operation).code == "corrupt");
    const TcpServer refusal(endless(fmt::format(fmt::runtime(head), 403, announced), again));
    CHECK(call(refusal, "list").code == "permission_denied");
  }
}

TEST_CASE("F55: a listing just within its limit costs no more than that") {
  const std::size_t limit = std::size_t{16} << 20;
  const std::string long_key = listing_begin + entry(std::string(limit - 1'000, 'k')) + listing_end;
  const TcpServer one_key(answering(http_response(200, long_key)));
  call(one_key, "list");
  const std::string many = listing_begin + repeat(entry(std::string(800, 'k')), 17'000) + listing_end;
  REQUIRE(many.size() < limit);
  const TcpServer many_keys(answering(http_response(200, many)));
  CHECK(call(many_keys, "list").code == "corrupt");
}
