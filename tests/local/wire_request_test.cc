#include "local/wire_request.h"

#include <catch2/catch.hpp>

#include <string>

using namespace audiostore;
using namespace audiostore::local;

TEST_CASE("A request head keeps what was sent") {
  const auto head =
      parse_request_head("PUT /b/a%20b?x=%41 HTTP/1.1\r\nHost: localhost\r\nX-Amz-Meta-A:  one %41 two \r\nEmpty:");
  REQUIRE(head);
  CHECK(head->method == "PUT");
  CHECK(head->target == "/b/a%20b?x=%41");
  CHECK(find_header(head->headers, "x-amz-meta-a") == "one %41 two");
  CHECK(find_header(head->headers, "empty") == "");
}

TEST_CASE("Fields of one name are joined in their order") {
  const auto head = parse_request_head("GET / HTTP/1.1\r\nA: 1\r\nB: x\r\na:  2 ");
  REQUIRE(head);
  CHECK(head->headers == Headers{{"A", "1,2"}, {"B", "x"}});
}

TEST_CASE("Heads that two readers could read in two ways are refused") {
  const auto text =
      GENERATE(as<std::string>(), "", "GET /", "GET / HTTP/2.0", "GET  HTTP/1.1", "GET /a b HTTP/1.1", "G@T / HTTP/1.1",
               "GET / HTTP/1.1\r\nno colon", "GET / HTTP/1.1\r\nHost : x", "GET / HTTP/1.1\r\n: x",
               "GET / HTTP/1.1\r\nA: 1\r\n folded", "GET / HTTP/1.1\r\nA: 1\nB: 2", "GET / HTTP/1.1\r\nA: 1\x01",
               "GET / HTTP/1.1\r\nHost: a\r\nhost: a", "GET / HTTP/1.1\r\nContent-Length: 1\r\ncontent-length: 1");
  CAPTURE(text);
  const auto head = parse_request_head(text);
  REQUIRE_FALSE(head);
  CHECK(head.error().service_code() == "BadRequest");
}

TEST_CASE("A head with too many fields is refused") {
  std::string text = "GET / HTTP/1.1";
  for (int i = 0; i < 100; ++i) text += "\r\nH" + std::to_string(i) + ": x";
  CHECK(parse_request_head(text));
  CHECK_FALSE(parse_request_head(text + "\r\nOneMore: x"));
}

TEST_CASE("A target is decoded exactly once") {
  const auto target = parse_target("/bucket/a%252Fb%20c%C3%A9?prefix=a%2Bb+c&uploads&empty=&x=1=2");
  REQUIRE(target);
  CHECK(target->path == "/bucket/a%2Fb c\xc3\xa9");
  CHECK(target->query ==
        std::vector<QueryParameter>{{"prefix", "a+b c"}, {"uploads", ""}, {"empty", ""}, {"x", "1=2"}});
  CHECK(find_parameter(target->query, "uploads") == "");
  CHECK(find_parameter(target->query, "upload") == std::nullopt);
}

TEST_CASE("Paths are not normalised") { CHECK(parse_target("//a/../b/./c/")->path == "//a/../b/./c/"); }

TEST_CASE("Targets that S3 could not read are refused") {
  const auto text = GENERATE(as<std::string>(), "", "a", "*", "http://host/a", "/a%2", "/a%zz", "/?a=%", "/a b", "/a#b",
                             "/a+b", "/\x7f", "/\xc3\xa9", "/?a=1&b=2&a=3");
  CHECK_FALSE(parse_target(text));
}
