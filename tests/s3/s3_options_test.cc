// How a service is found by what its own pages call it, and what is refused.
#include <audiostore/s3_store.h>

#include "scripted_store.h"

#include <catch2/catch.hpp>

using namespace audiostore;

namespace {

Result<std::unique_ptr<ObjectStore>> made(S3Options options) {
  options.credentials = static_credentials({.access_key_id = "AKID", .secret_access_key = Secret("s")});
  options.transport = std::make_shared<ScriptedTransport>();
  auto store = make_s3_store(std::move(options));
  if (!store) return std::move(store).error();
  return std::unique_ptr<ObjectStore>(*std::move(store));
}

/// The presigned URL of the key "a", up to its signing parameters, and the region it is signed for.
std::string signed_place(S3Options options) {
  const std::string url = must(must(made(std::move(options)))->presign({.key = *ObjectKey::parse("a")})).url;
  const auto day = url.find("%2F", url.find("X-Amz-Credential=")) + 3;
  const auto region = url.find("%2F", day) + 3;
  return url.substr(0, url.find('?')) + " " + url.substr(region, url.find("%2F", region) - region);
}

}  // namespace

TEST_CASE("each service's options lead to its host, with the region and addressing that it wants") {
  CHECK(signed_place(S3Options::aws("eu-west-1", "takes")) == "https://takes.s3.eu-west-1.amazonaws.com/a eu-west-1");
  CHECK(signed_place(S3Options::r2("acc", "takes")) == "https://acc.r2.cloudflarestorage.com/takes/a auto");
  CHECK(signed_place(S3Options::r2("acc", "takes", "eu")) == "https://acc.eu.r2.cloudflarestorage.com/takes/a auto");
  CHECK(signed_place(S3Options::supabase("ref", "takes", "eu-central-1")) ==
        "https://ref.storage.supabase.co/storage/v1/s3/takes/a eu-central-1");
  CHECK(signed_place(S3Options::b2("us-west-004", "takes")) ==
        "https://s3.us-west-004.backblazeb2.com/takes/a us-west-004");
  CHECK(signed_place(S3Options::wasabi("eu-central-2", "takes")) ==
        "https://takes.s3.eu-central-2.wasabisys.com/a eu-central-2");
  CHECK(signed_place(S3Options::spaces("fra1", "takes")) == "https://takes.fra1.digitaloceanspaces.com/a us-east-1");
  CHECK(signed_place(S3Options::gcs("takes")) == "https://storage.googleapis.com/takes/a auto");
  CHECK(signed_place(S3Options::minio("http://127.0.0.1:9000", "takes")) == "http://127.0.0.1:9000/takes/a us-east-1");
  CHECK(signed_place(S3Options::ceph("https://rgw.test", "takes")) == "https://rgw.test/takes/a us-east-1");
}

TEST_CASE("the provider is the one that was named, whatever the host") {
  CHECK(S3Options::minio("https://s3.test", "takes").provider == S3Provider::minio);
  CHECK(S3Options::ceph("https://s3.test", "takes").provider == S3Provider::ceph);
  CHECK(S3Options::r2("acc", "takes").provider == S3Provider::r2);
}

TEST_CASE("S10: a part that is no part of a host name never becomes another host") {
  for (const std::string_view bad :
       {"", "evil.test/", "evil.test/a", "evil.test:443/a", "evil.test#", "evil.test?x=", "a@evil.test",
        "evil.test:443/", "a b", "a\r\nb", ".", "a/../b", "\u00e9", "a\\b", "%2e"}) {
    CAPTURE(bad);
    CHECK(code_of(made(S3Options::r2(bad, "takes"))) == ErrorCode::invalid_argument);
    CHECK(code_of(made(S3Options::supabase(bad, "takes", "eu-central-1"))) == ErrorCode::invalid_argument);
    CHECK(code_of(made(S3Options::aws(bad, "takes"))) == ErrorCode::invalid_argument);
    CHECK(code_of(made(S3Options::b2(bad, "takes"))) == ErrorCode::invalid_argument);
    CHECK(code_of(made(S3Options::wasabi(bad, "takes"))) == ErrorCode::invalid_argument);
    CHECK(code_of(made(S3Options::spaces(bad, "takes"))) == ErrorCode::invalid_argument);
    if (!bad.empty()) CHECK(code_of(made(S3Options::r2("acc", "takes", bad))) == ErrorCode::invalid_argument);
  }
  CHECK(code_of(made(S3Options::minio("127.0.0.1:9000", "takes"))) == ErrorCode::invalid_argument);
  CHECK(code_of(made(S3Options::aws("eu-west-1", "No Bucket"))) == ErrorCode::invalid_argument);
}

TEST_CASE("options of a factory without credentials are refused by name") {
  const auto store = make_s3_store(S3Options::gcs("takes"));
  REQUIRE_FALSE(store);
  CHECK(store.error().message().find("credentials") != std::string::npos);
}

TEST_CASE("Supabase's key charset is kept before any request, whatever is asked for") {
  auto transport = std::make_shared<ScriptedTransport>();
  S3Options options = S3Options::supabase("ref", "takes", "eu-central-1");
  options.credentials = static_credentials({.access_key_id = "AKID", .secret_access_key = Secret("s")});
  options.transport = transport;
  const auto store = make_s3_store(options).value();
  for (const auto* text : {"caf\u00e9.wav", "a%20b", "a~b", "a#b", "a[1]", "a\"b", "a|b", "a\\b"}) {
    CAPTURE(text);
    const ObjectKey bad = *ObjectKey::parse(text);
    std::string bytes;
    CHECK(code_of(store->put(bad, Payload())) == ErrorCode::invalid_argument);
    CHECK(code_of(store->get(bad, into(bytes))) == ErrorCode::invalid_argument);
    CHECK(code_of(store->head(bad)) == ErrorCode::invalid_argument);
    CHECK(code_of(store->remove(bad)) == ErrorCode::invalid_argument);
    CHECK(code_of(store->remove_many(std::vector{take, bad})) == ErrorCode::invalid_argument);
    CHECK(code_of(store->copy(bad, take)) == ErrorCode::invalid_argument);
    CHECK(code_of(store->copy(take, bad)) == ErrorCode::invalid_argument);
    CHECK(code_of(store->presign({.key = bad})) == ErrorCode::invalid_argument);
  }
  CHECK(transport->sent().empty());
  CHECK(store->put(*ObjectKey::parse("caf\u00e9"), Payload()).error().message().find("Supabase Storage") !=
        std::string::npos);
  transport->answer(stored());
  CHECK(store->put(*ObjectKey::parse("users/1/Take_(2)! it's *.wav, a&b$c=d@e;f:g+h?i-j"), Payload()));
}
