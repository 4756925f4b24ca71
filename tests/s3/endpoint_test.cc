#include "s3/endpoint.h"

#include "core/text.h"
#include "support/random.h"

#include <fmt/format.h>
#include <catch2/catch.hpp>

#include <string>
#include <vector>

using namespace audiostore;

namespace {

S3Endpoint make(std::string_view endpoint, std::string_view bucket, AddressingStyle style = AddressingStyle::path) {
  auto made = S3Endpoint::make(endpoint, bucket, style, /*allow_http=*/false);
  INFO(endpoint << " " << (made ? "" : made.error().to_string()));
  REQUIRE(made);
  return *made;
}

ObjectKey key(std::string_view text) { return *ObjectKey::parse(text); }

constexpr std::string_view presigned =
    "?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=A%2F20130524%2Fauto%2Fs3%2Faws4_request&X-Amz-Date="
    "20130524T000000Z"
    "&X-Amz-Expires=3600&X-Amz-SignedHeaders=host&response-content-type=audio%2Fwav&X-Amz-Signature="
    "aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404";

/// URLs that are not `fine`, "https://good.example/base/takes/a.wav", however close they come.
std::vector<std::string> foreign_urls(const std::string& fine) {
  return {"", "a.wav", "/base/takes/a.wav", "//good.example/base/takes/a.wav", "good.example/base/takes/a.wav",
          // scheme
          "http://good.example/base/takes/a.wav", "HTTPS://good.example/base/takes/a.wav",
          "ftp://good.example/base/takes/a.wav", "javascript://good.example/base/takes/a.wav",
          "file:///base/takes/a.wav", "https:good.example/base/takes/a.wav", "https:/good.example/base/takes/a.wav",
          "https:\\\\good.example/base/takes/a.wav", " https://good.example/base/takes/a.wav",
          // host and port
          "https://GOOD.example/base/takes/a.wav", "https://good.example./base/takes/a.wav",
          "https://evil.example/base/takes/a.wav", "https://good@evil.example/base/takes/a.wav",
          "https://good.example@evil/base/takes/a.wav", "https://user:pw@good.example/base/takes/a.wav",
          "https://evil\\@good.example/base/takes/a.wav", "https://good.example:443@evil/base/takes/a.wav",
          "https://good.example.evil/base/takes/a.wav", "https://good%2eexample/base/takes/a.wav",
          "https://good.example:443/base/takes/a.wav", "https://good.example:8443/base/takes/a.wav",
          "https://good.example:/base/takes/a.wav", "https://2130706433/base/takes/a.wav",
          "https://0177.0.0.1/base/takes/a.wav", "https://[fe80::1%25eth0]/base/takes/a.wav",
          "https://takes.good.example/base/a.wav", "https://good.exa\tmple/base/takes/a.wav",
          "https://good.example\n/base/takes/a.wav", "https://göod.example/base/takes/a.wav",
          // path and bucket
          "https://good.example/takes/a.wav", "https://good.example/base/other/a.wav",
          "https://good.example/base/takes", "https://good.example/base/takes/", "https://good.example/base/takesa.wav",
          "https://good.example/base//takes/a.wav", "https://good.example/base/./takes/a.wav",
          "https://good.example/x/../base/takes/a.wav", "https://good.example/BASE/takes/a.wav",
          "https://good.example/base%2Ftakes/a.wav", "https://good.example/base;x/takes/a.wav",
          "https://good.example\\base\\takes\\a.wav",
          // key
          fine + "/", "https://good.example/base/takes//a.wav", "https://good.example/base/takes/../a.wav",
          "https://good.example/base/takes/%2e%2e/a.wav", "https://good.example/base/takes/%2E%2E/a.wav",
          "https://good.example/base/takes/a%2Fb.wav", "https://good.example/base/takes/a%2fb.wav",
          "https://good.example/base/takes/%61.wav", "https://good.example/base/takes/a b.wav",
          "https://good.example/base/takes/a+b.wav", "https://good.example/base/takes/é.wav",
          "https://good.example/base/takes/%c3%a9.wav", "https://good.example/base/takes/a%",
          "https://good.example/base/takes/a%2", "https://good.example/base/takes/a%zz",
          "https://good.example/base/takes/%00", "https://good.example/base/takes/a%0Ab",
          "https://good.example/base/takes/%FF", "https://good.example/base/takes/%C0%AE",
          "https://good.example/base/takes/a\tb", "https://good.example/base/takes/a;b",
          "https://good.example/base/takes/" + std::string(1025, 'a'),
          // query and fragment
          fine + "#", fine + "#x", fine + "?", fine + "?x=1", fine + "?X-Amz-Signature",
          fine + "?X-Amz-Signature=a&x=1", fine + "?X-Amz-Signature=a&X-Amz-Signature=b",
          fine + "?X-Amz-Date=20130524T000000Z", fine + "?X-Amz-Signature=a#f", fine + "?X-Amz-Signature=a b",
          fine + "?X-Amz-Signature=a&", fine + "?versionId=1&X-Amz-Signature=a", fine + "?X-Amz-Signature=a?b",
          fine + "?X-Amz-Signature=", fine + "?X-Amz-Signature=" + std::string(64, 'a'),
          fine + std::string(presigned) + "&x=1", fine + std::string(presigned) + "&X-Amz-Expires=1",
          fine + std::string(presigned.substr(0, presigned.size() - 1))};
}

}  // namespace

TEST_CASE("keys become URLs as provider and addressing want them") {
  const ObjectKey take = key("users/u 1/té.wav");
  const auto url = [&](std::string_view endpoint, AddressingStyle style) {
    return make(endpoint, "takes", style).object_url(take);
  };
  const auto in_host = AddressingStyle::virtual_host;
  const auto path = AddressingStyle::path;
  CHECK(url("https://s3.eu-west-1.amazonaws.com", in_host) ==
        "https://takes.s3.eu-west-1.amazonaws.com/users/u%201/t%C3%A9.wav");
  CHECK(url("https://acc.r2.cloudflarestorage.com", path) ==
        "https://acc.r2.cloudflarestorage.com/takes/users/u%201/t%C3%A9.wav");
  CHECK(url("https://acc.eu.r2.cloudflarestorage.com/", path) ==
        "https://acc.eu.r2.cloudflarestorage.com/takes/users/u%201/t%C3%A9.wav");
  CHECK(url("https://ref.storage.supabase.co/storage/v1/s3", path) ==
        "https://ref.storage.supabase.co/storage/v1/s3/takes/users/u%201/t%C3%A9.wav");
  CHECK(url("HTTP://LOCALHOST:9000", path) == "http://localhost:9000/takes/users/u%201/t%C3%A9.wav");
  CHECK(url("https://host:443", path).starts_with("https://host/takes/"));
  CHECK(url("https://host:8443", in_host).starts_with("https://takes.host:8443/users/"));
  CHECK(url("http://[::1]:80", path).starts_with("http://[::1]/takes/"));
}

TEST_CASE("automatic addressing keeps the bucket out of hosts that cannot carry it") {
  const auto automatic = AddressingStyle::automatic;
  CHECK(make("https://s3.us-east-1.amazonaws.com", "takes", automatic).host() == "takes.s3.us-east-1.amazonaws.com");
  CHECK(make("https://s3.us-east-1.amazonaws.com", "My_Takes", automatic).host() == "s3.us-east-1.amazonaws.com");
  CHECK(make("https://s3.us-east-1.amazonaws.com", "my.takes", automatic).host() == "s3.us-east-1.amazonaws.com");
  CHECK(make("http://127.0.0.1:9000", "takes", automatic).host() == "127.0.0.1:9000");
  CHECK_FALSE(S3Endpoint::make("http://127.0.0.1:9000", "takes", AddressingStyle::virtual_host, false));
  CHECK_FALSE(S3Endpoint::make("https://host", "my.takes", AddressingStyle::virtual_host, false));
}

TEST_CASE("endpoints and buckets are checked when the store is made") {
  const auto refused = [](std::string_view endpoint, std::string_view bucket, AddressingStyle style) {
    const auto made = S3Endpoint::make(endpoint, bucket, style, false);
    return !made && made.error().code() == ErrorCode::invalid_argument;
  };
  for (const char* endpoint : {"",
                               "host",
                               "//host",
                               "ftp://host",
                               "file:///etc",
                               "https://",
                               "https:///x",
                               "https://user@host",
                               "https://user:pw@host",
                               "https://host:0",
                               "https://host:65536",
                               "https://host:x",
                               "https://host:",
                               "https://host?x=1",
                               "https://host#x",
                               "https://host/a b",
                               "https://host/a%2Fb",
                               "https://host//a",
                               "https://host/../a",
                               "https://ho st",
                               "https://host\\x",
                               "https://.host",
                               "https://host.",
                               "https://a..b",
                               "https://[::1",
                               "https://[zz]",
                               "https://host\n",
                               "http://example.com",
                               "http://10.0.0.1:9000",
                               "http://127.0.0.1.evil.com",
                               "http://localhost.evil.com"}) {
    INFO("endpoint " << endpoint);
    CHECK(refused(endpoint, "takes", AddressingStyle::path));
  }
  for (const char* bucket : {"", "ab", "a/b", "..", "a..b", ".ab", "a b", "a\nb", "bücket", "a%2fb"}) {
    INFO("bucket " << bucket);
    CHECK(refused("https://host", bucket, AddressingStyle::path));
  }
  for (const char* bucket : {"ABC", "a_b", "-ab", "ab-", "ab.", "192.168.0.1"}) {
    INFO("bucket " << bucket);
    CHECK(refused("https://host", bucket, AddressingStyle::virtual_host));
  }
  CHECK(S3Endpoint::make("http://10.0.0.1:9000", "takes", AddressingStyle::path, /*allow_http=*/true));
}

TEST_CASE("S8: a key is taken out of the URLs that the store makes") {
  const auto accepts = [](const S3Endpoint& endpoint, const std::string& url, std::string_view expected) {
    INFO(url);
    const auto found = endpoint.key_from_url(url);
    REQUIRE(found);
    CHECK(found->str() == expected);
  };
  const S3Endpoint r2 = make("https://acc.r2.cloudflarestorage.com", "takes");
  const S3Endpoint aws = make("https://s3.eu-west-1.amazonaws.com", "takes", AddressingStyle::virtual_host);
  const S3Endpoint supabase = make("https://ref.storage.supabase.co/storage/v1/s3", "takes");
  const S3Endpoint local = make("http://127.0.0.1:9000", "takes");
  accepts(r2, "https://acc.r2.cloudflarestorage.com/takes/a/b.wav", "a/b.wav");
  accepts(aws, "https://takes.s3.eu-west-1.amazonaws.com/a/b.wav", "a/b.wav");
  accepts(supabase, "https://ref.storage.supabase.co/storage/v1/s3/takes/a/b.wav", "a/b.wav");
  accepts(local, "http://127.0.0.1:9000/takes/a/b.wav", "a/b.wav");
  for (const S3Endpoint* endpoint : {&r2, &aws, &supabase, &local}) {
    accepts(*endpoint, endpoint->object_url(key("a b+c%2F")) + std::string(presigned), "a b+c%2F");
  }
}

TEST_CASE("S8: every other URL is refused") {
  const S3Endpoint good = make("https://good.example/base", "takes");
  const S3Endpoint in_host = make("https://good.example", "takes", AddressingStyle::virtual_host);
  const std::string fine = "https://good.example/base/takes/a.wav";
  REQUIRE(good.key_from_url(fine));
  REQUIRE(in_host.key_from_url("https://takes.good.example/a.wav"));

  const auto others = foreign_urls(fine);
  CHECK(others.size() >= 60);
  for (const std::string& url : others) {
    INFO(printable(url));
    const auto found = good.key_from_url(url);
    CHECK_FALSE(found);
    if (!found) CHECK(found.error().code() == ErrorCode::invalid_argument);
  }
  for (const char* url :
       {"https://good.example/takes/a.wav", "https://other.good.example/a.wav", "https://takes.good.example./a.wav",
        "https://takes.good.example", "https://takes.good.example/"}) {
    INFO(url);
    CHECK_FALSE(in_host.key_from_url(url));
  }
}

TEST_CASE("S8: parse(build(key)) is the key, whatever the key; build(parse(url)) is the URL, or it is refused") {
  const auto seed = test_seed();
  INFO("seed " << seed);
  Random random(seed);
  const S3Endpoint endpoint = make("https://good.example/base", "takes");
  constexpr std::string_view bytes = "abZ09-._~/%+ =&?#:;@!$'()*,\\\"<>[]{}|^`\xc3\xa9\n";
  int accepted = 0;
  for (int i = 0; i < 20'000; ++i) {
    const std::string text = random.text(bytes, random.below(12) + 1);
    if (const auto parsed = ObjectKey::parse(text)) {
      const auto back = endpoint.key_from_url(endpoint.object_url(*parsed));
      REQUIRE(back);
      REQUIRE(back->str() == text);
      ++accepted;
    }
    const std::string url = "https://good.example/base/takes/" + text;
    if (const auto parsed = endpoint.key_from_url(url))
      REQUIRE(endpoint.object_url(*parsed) == url.substr(0, url.find('?')));
  }
  CHECK(accepted > 1000);
}
