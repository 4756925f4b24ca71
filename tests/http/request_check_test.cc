#include "http/request_check.h"

#include <catch2/catch.hpp>

using namespace audiostore;

namespace {

class HugeSource final : public PayloadSource {
 public:
  [[nodiscard]] std::uint64_t size() const override { return std::uint64_t{1} << 63U; }
  [[nodiscard]] Result<void> read_at(std::uint64_t, std::span<std::byte>) const override { return {}; }
};

bool passes(std::string method, Headers headers = {}, Payload body = {}) {
  const auto checked = check_request({std::move(method), "", std::move(headers), std::move(body), {}});
  if (!checked) CHECK(checked.error().code() == ErrorCode::invalid_argument);
  return checked.has_value();
}

}  // namespace

TEST_CASE("The origin of a URL is its scheme and authority") {
  CHECK(origin_of("http://127.0.0.1:9000/a/../b?x=%2F")->to_string() == "http://127.0.0.1:9000");
  CHECK(origin_of("HTTPS://my_bucket.Example.com")->to_string() == "https://my_bucket.Example.com");
  CHECK(origin_of("http://[::1]:80?q")->authority == "[::1]:80");
}

TEST_CASE("S10 URLs that are not plain http are refused, and never quoted") {
  for (const std::string_view url :
       {"", "file:///etc/passwd", "ftp://host/secret", "//host/secret", "http:/host/secret", "http:///secret",
        "http://?secret", "http://user@host/secret", "http://user:secret@host/", "http://host:80@secret/",
        "http://ho%73t/secret", "http://host\\@other/secret", "http://host/secret#fragment", "http://host/secret x",
        "http://host/secret\r\nX: y", "http://host/secr\xc3\xa9t", "gopher://host/secret", "http://h\x7f/secret"}) {
    CAPTURE(url);
    const auto origin = origin_of(url);
    REQUIRE_FALSE(origin);
    CHECK(origin.error().code() == ErrorCode::invalid_argument);
    CHECK(origin.error().to_string().find("secr") == std::string::npos);
  }
}

TEST_CASE("S10 user information in a URL is named as what is wrong with it") {
  CHECK(origin_of("http://a:b@host/").error().message().find("user name") != std::string::npos);
}

TEST_CASE("A method is one upper-case word") {
  for (const char* method : {"GET", "HEAD", "PUT", "POST", "DELETE", "OPTIONS"}) CHECK(passes(method));
  for (const char* method : {"", "get", "GET ", "GET /x", "P\r\nT", "M-SEARCH"}) CHECK_FALSE(passes(method));
}

TEST_CASE("Only methods that carry a body may have one") {
  CHECK(passes("PUT", {}, Payload::from_string("x")));
  CHECK(passes("POST", {}, Payload::from_string("x")));
  for (const char* method : {"GET", "HEAD", "DELETE", "OPTIONS"}) {
    CHECK_FALSE(passes(method, {}, Payload::from_string("x")));
  }
}

TEST_CASE("S25 a body over 2^63-1 bytes is refused") {
  CHECK_FALSE(passes("PUT", {}, Payload(std::make_shared<HugeSource>())));
}

TEST_CASE("Header fields that would break the message are refused") {
  CHECK(passes("GET", {{"x-amz-meta-note", "caf\xc3\xa9 \t ok"}, {"Empty", ""}}));
  for (const char* name : {"", "a b", "a:", "a\r\nb", "caf\xc3\xa9"}) CHECK_FALSE(passes("GET", {{name, "v"}}));
  for (const std::string& value : {std::string("a\r\nX: y"), std::string("a\nb"), std::string("a\0b", 3)}) {
    CHECK_FALSE(passes("GET", {{"X", value}}));
  }
  for (const char* name : {"host", "Content-length", "CONNECTION", "Transfer-Encoding", "Expect", "TE", "Upgrade"}) {
    CHECK_FALSE(passes("GET", {{name, "v"}}));
  }
}

TEST_CASE("A refused header value is not quoted") {
  const auto checked = check_request({"GET", "", {{"Authorization", "sec\nret"}}, {}, {}});
  REQUIRE_FALSE(checked);
  CHECK(checked.error().to_string().find("sec") == std::string::npos);
}
