#include "http/response_head.h"

#include <catch2/catch.hpp>

#include <string>
#include <vector>

using namespace audiostore;

namespace {

/// Feeds `text` line by line, as libcurl does.
Result<bool> feed(ResponseHead& head, std::string_view text) {
  bool ended = false;
  while (!text.empty()) {
    const auto end = text.find('\n');
    auto added = head.add_line(text.substr(0, end + 1));
    if (!added) return added;
    ended = ended || *added;
    text.remove_prefix(end + 1);
  }
  return ended;
}

ErrorCode refusal(std::string_view text) {
  ResponseHead head("GET", 4096);
  const auto fed = feed(head, text);
  REQUIRE_FALSE(fed);
  return fed.error().code();
}

ResponseHead accepted(std::string_view text, std::string_view method = "GET") {
  ResponseHead head(method, 4096);
  const auto fed = feed(head, text);
  REQUIRE(fed);
  REQUIRE(*fed);
  REQUIRE(head.complete());
  return head;
}

}  // namespace

TEST_CASE("A response head is read with its fields in order") {
  const auto head =
      accepted("HTTP/1.1 200 OK\r\nETag: \"a\"\r\nX-Empty:\r\nx-two:  b c \t\r\nContent-Length: 7\r\n\r\n");
  CHECK(head.response().status == 200);
  CHECK(head.response().headers ==
        Headers{{"ETag", "\"a\""}, {"X-Empty", ""}, {"x-two", "b c"}, {"Content-Length", "7"}});
  CHECK(head.body_length() == 7U);
  CHECK(head.response().length_known);
}

TEST_CASE("A reason phrase and CR are not needed") {
  CHECK(accepted("HTTP/1.1 204\r\n\r\n").response().status == 204);
  CHECK(accepted("HTTP/1.0 404 \nA: b\n\n").response().headers == Headers{{"A", "b"}});
}

TEST_CASE("A status line that ends early is refused without a look behind its end") {
  const std::string whole = "HTTP/1.1 200";
  for (std::size_t size = 1; size < whole.size(); ++size) {
    const std::vector<char> line(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size));  // no spare byte
    ResponseHead head("GET", 4096);
    CHECK_FALSE(head.add_line({line.data(), line.size()}));
  }
}

TEST_CASE("A folded line continues the value with one space") {
  const auto head = accepted("HTTP/1.1 200 OK\r\nA: b\r\n \t c\r\n\td\r\n \r\nContent-Length: 0\r\n\r\n");
  CHECK(find_header(head.response().headers, "a") == "b c d");
}

TEST_CASE("Junk in a response head is unavailable") {
  for (const std::string_view text :
       {"HTTP/2 200\r\n", "HTTP/1.1 20\r\n", "HTTP/1.1 2000\r\n", "HTTP/1.1200 OK\r\n", "HTTP/1.1 099 x\r\n",
        "HTTP/1.1\r\n", "\r\n", "ICY 200 OK\r\n", "HTTP/1.1 101 Switching Protocols\r\n\r\n",
        "HTTP/1.1 200 OK\r\nno colon\r\n", "HTTP/1.1 200 OK\r\n: nameless\r\n", "HTTP/1.1 200 OK\r\nA : b\r\n",
        "HTTP/1.1 200 OK\r\n folded first\r\n", "HTTP/1.1 200 OK\r\nA: b\rc\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n",
        "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n"}) {
    CAPTURE(text);
    CHECK(refusal(text) == ErrorCode::unavailable);
  }
  CHECK(refusal(std::string_view("HTTP/1.1 200 OK\r\nA: b\0c\r\n", 25)) == ErrorCode::unavailable);
}

TEST_CASE("S27 a control character in a field makes the reply malformed, a tab or another script does not") {
  for (int c = 0; c < 0x100; ++c) {
    CAPTURE(c);
    ResponseHead head("GET", 4096);
    const std::string line = std::string("ETag: \"a") + static_cast<char>(c) + "b\"\r\n";
    REQUIRE(head.add_line("HTTP/1.1 200 OK\r\n"));
    const bool control = (c < 0x20 && c != '\t') || c == 0x7f;
    CHECK(head.add_line(line).has_value() == !control);
  }
}

TEST_CASE("F30 a Content-Length that is no length is corrupt") {
  for (const std::string_view value : {"-1", "+1", "", "abc", "0x10", "1 2", "5, 5", "1.0", "18446744073709551616",
                                       "99999999999999999999999", "\xd9\xa1"}) {
    CAPTURE(value);
    CHECK(refusal("HTTP/1.1 200 OK\r\nContent-Length: " + std::string(value) + "\r\n\r\n") == ErrorCode::corrupt);
  }
}

TEST_CASE("F30 lengths that contradict each other are corrupt") {
  CHECK(refusal("HTTP/1.1 200 OK\r\nContent-Length: 5\r\ncontent-length: 6\r\n\r\n") == ErrorCode::corrupt);
  CHECK(refusal("HTTP/1.1 200 OK\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n") == ErrorCode::corrupt);
  CHECK(accepted("HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 5\r\n\r\n").body_length() == 5U);
}

TEST_CASE("F27 a body that only the end of the connection ends has no known length") {
  const auto head = accepted("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n");
  CHECK_FALSE(head.response().length_known);
  CHECK_FALSE(head.body_length());
}

TEST_CASE("A chunked body knows its end, though not its length") {
  const auto head = accepted("HTTP/1.1 200 OK\r\nTransfer-Encoding: Chunked\r\n\r\n");
  CHECK(head.response().length_known);
  CHECK_FALSE(head.body_length());
}

TEST_CASE("Responses without a body have length 0, whatever they announce") {
  CHECK(accepted("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n", "HEAD").body_length() == 0U);
  CHECK(accepted("HTTP/1.1 304 Not Modified\r\nContent-Length: 5\r\n\r\n").body_length() == 0U);
  CHECK(accepted("HTTP/1.1 204 No Content\r\n\r\n").response().length_known);
}

TEST_CASE("Interim responses are skipped with their fields") {
  const auto head =
      accepted("HTTP/1.1 100 Continue\r\nA: b\r\n\r\nHTTP/1.1 103 Early\r\n\r\nHTTP/1.1 200 OK\r\nC: d\r\n\r\n");
  CHECK(head.response().status == 200);
  CHECK(head.response().headers == Headers{{"C", "d"}});
}

TEST_CASE("F38 interim responses are counted") {
  ResponseHead head("GET", 1U << 20U);
  for (int i = 0; i < ResponseHead::max_interim_responses; ++i) REQUIRE(feed(head, "HTTP/1.1 102 Processing\r\n\r\n"));
  const auto one_more = feed(head, "HTTP/1.1 102 Processing\r\n\r\n");
  REQUIRE_FALSE(one_more);
  CHECK(one_more.error().code() == ErrorCode::unavailable);
}

TEST_CASE("F37 header bytes are counted exactly, trailers included") {
  const std::string text = "HTTP/1.1 200 OK\r\nA: b\r\n\r\n";
  ResponseHead exact("GET", text.size());
  CHECK(feed(exact, text));
  CHECK(exact.complete());
  CHECK_FALSE(exact.add_line("T: trailer\r\n"));
  ResponseHead short_by_one("GET", text.size() - 1);
  CHECK_FALSE(feed(short_by_one, text));
}

TEST_CASE("Trailers change nothing") {
  ResponseHead head("GET", 4096);
  REQUIRE(feed(head, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"));
  const auto trailer = feed(head, "Content-Length: 3\r\nHTTP/1.1 500 x\r\n\r\n");
  REQUIRE(trailer);
  CHECK_FALSE(*trailer);
  CHECK(head.response().status == 200);
  CHECK(head.response().headers.size() == 1);
}
