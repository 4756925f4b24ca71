// Which addresses are kept out, and that they are: written out, resolved, through a proxy.
#include "http/link_local.h"
#include "http/fetch.h"
#include "http/name_service.h"
#include "support/tcp_server.h"

#include <arpa/inet.h>

#include <array>
#include <string>

using namespace audiostore;

namespace {

bool is_kept_out(const std::string& literal) {
  std::array<unsigned char, 16> bytes{};
  if (inet_pton(AF_INET, literal.c_str(), bytes.data()) == 1) return is_link_local(std::span(bytes).first(4));
  REQUIRE(inet_pton(AF_INET6, literal.c_str(), bytes.data()) == 1);
  return is_link_local(bytes);
}

void check_kept_out(const Fetched& fetched) {
  CAPTURE(fetched.error().to_string());
  CHECK(fetched.error().code() == ErrorCode::invalid_argument);
  CHECK_FALSE(fetched.error().retryable());
  CHECK(fetched.error().message().find("allow_link_local") != std::string::npos);
  CHECK(fetched.error().message().find("secret") == std::string::npos);
  CHECK(fetched.handler_calls == 0);
}

}  // namespace

TEST_CASE("S10 link-local and metadata addresses are known, their neighbours are not") {
  for (const char* bad : {"169.254.0.0", "169.254.169.254", "169.254.170.2", "169.254.255.255", "100.100.100.200",
                          "192.0.0.192", "fe80::1", "febf:ffff::1", "fd00:ec2::254", "fd00:ec2::23", "fd20:ce::254",
                          "::ffff:169.254.169.254", "::169.254.169.254", "64:ff9b::a9fe:a9fe", "2002:a9fe:a9fe::1"}) {
    CAPTURE(bad);
    CHECK(is_kept_out(bad));
  }
  for (const char* good : {"127.0.0.1",
                           "0.0.0.0",
                           "10.0.0.1",
                           "192.168.1.1",
                           "172.16.0.1",
                           "169.253.255.255",
                           "169.255.0.0",
                           "254.169.1.1",
                           "100.100.100.201",
                           "192.0.0.193",
                           "52.216.0.1",
                           "::",
                           "::1",
                           "fe7f::1",
                           "fec0::1",
                           "fd00::1",
                           "fd00:ec3::254",
                           "fd20:ce::253",
                           "::ffff:127.0.0.1",
                           "::ffff:0:a9fe:a9fe",
                           "64:ff9b::7f00:1",
                           "64:ff9b:1::a9fe:a9fe",
                           "2002:7f00:1::a9fe:a9fe",
                           "2001:db8::a9fe:a9fe"}) {
    CAPTURE(good);
    CHECK_FALSE(is_kept_out(good));
  }
  CHECK_FALSE(is_link_local(std::array<unsigned char, 5>{169, 254, 169, 254, 0}));
  CHECK_FALSE(is_link_local(std::span<const unsigned char>()));
}

TEST_CASE("S10 an authority names a link-local address in every spelling that resolvers take") {
  for (const char* bad : {"169.254.169.254", "169.254.169.254:80", "169.254.169.254.", "2852039166", "0xa9fea9fe",
                          "0xA9.254.0251.0xfe:8080", "0251.0376.0251.0376", "169.254.43518", "169.16689662",
                          "[fe80::1]", "[fe80::1]:443", "[::ffff:a9fe:a9fe]", "[FD00:EC2::254]:80"}) {
    CAPTURE(bad);
    CHECK(names_link_local(bad));
  }
  for (const char* good : {"", "127.0.0.1:9000", "localhost", "169.254.169.254.example.com", "a169.254.169.254",
                           "169.254.169.2544", "[::1]:80", "[", "[fe80", ":80", "."}) {
    CAPTURE(good);
    CHECK_FALSE(names_link_local(good));
  }
}

TEST_CASE("S10 a URL with a link-local address is refused, through a proxy too, unless it is allowed") {
  TcpServer proxy(answering(http_response(200, "metadata")));
  const std::string url = "http://169.254.169.254/?secret";
  check_kept_out(fetch(url));
  check_kept_out(fetch("https://[fe80::1]:9000/?secret"));
  check_kept_out(fetch(*transport({.proxy = proxy.url("")}), request("GET", url)));
  CHECK(proxy.accepted() == 0);
  const auto allowing = transport({.proxy = proxy.url(""), .allow_link_local = true});
  CHECK(fetch(*allowing, request("GET", url)).body == "metadata");
}

TEST_CASE("S10 a name that resolves to a link-local address is refused without a packet") {
  check_kept_out(fetch("http://link-local.invalid/?secret"));
  const Fetched got = fetch("http://link-local.invalid:9000/");
  CHECK(got.error().message().find("link-local.invalid:9000") != std::string::npos);
}

TEST_CASE("S10 of several addresses of one name only those that are allowed are tried") {
  TcpServer server(answering(http_response(200, "loopback")));
  CHECK(fetch("http://link-local-or-loopback.invalid:" + std::to_string(server.port()) + "/").body == "loopback");
}
