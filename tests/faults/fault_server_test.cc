// The fault server itself: reactions do what they say, each is used once, and every signature is looked at.
#include "support/fault_server.h"
#include "http/fetch.h"
#include "support/manual_clock.h"
#include "support/results.h"

#include <audiostore/memory_store.h>

#include <chrono>

using namespace audiostore;
using namespace std::chrono_literals;

namespace {

const ObjectKey take = *ObjectKey::parse("take.wav");
const std::string bytes = "RIFF 0123456789";

/// A store over a memory store, one request a call.
struct Fixture {
  std::shared_ptr<ManualClock> clock = std::make_shared<ManualClock>();
  std::shared_ptr<ObjectStore> memory = make_memory_store(clock);
  std::unique_ptr<LocalEndpoint> endpoint = LocalEndpoint::start(memory, {.clock = clock}).value();
  FaultServer server{*endpoint};
  std::unique_ptr<ObjectStore> store = make();

  std::unique_ptr<ObjectStore> make(std::chrono::milliseconds patience = 20s) const {
    S3Options options = server.s3_options();
    options.retry.max_attempts = 1;
    options.transport = transport({.total_timeout = patience});
    return make_s3_store(options).value();
  }
  Result<PutResult> put() const { return store->put(take, Payload::from_string(bytes)); }
  Result<std::string> get() const { return read_to_string(*store, take); }
  [[nodiscard]] bool is_stored() const { return memory->head(take).has_value(); }
};

}  // namespace

TEST_CASE("without a script the endpoint is reached, and what was asked is noted") {
  Fixture f;
  REQUIRE(f.put());
  CHECK(must(f.get()) == bytes);
  REQUIRE(f.store->copy(take, *ObjectKey::parse("copy.wav")));
  CHECK(must(f.store->list()).objects.size() == 2);
  CHECK(f.store->head(take));
  CHECK(f.store->remove(take));
  std::vector<std::string> operations;
  for (const auto& seen : f.server.seen()) operations.push_back(seen.operation);
  CHECK(operations ==
        std::vector<std::string>{"PutObject", "GetObject", "CopyObject", "ListObjects", "HeadObject", "DeleteObject"});
  CHECK(f.server.seen().at(0).body_bytes == bytes.size());
  CHECK(f.server.seen().at(5).status == 204);
}

TEST_CASE("a script for an operation goes before the one for all, and what is not used is left over") {
  Fixture f;
  f.server.any(reaction::refuse(404, "NoSuchKey"));
  f.server.on("GetObject", reaction::refuse(403, "AccessDenied"));
  f.server.on("GetObject", reaction::stall());
  CHECK(code_of(f.get()) == ErrorCode::permission_denied);
  CHECK(code_of(f.store->head(take)) == ErrorCode::not_found);
  CHECK(f.server.left_over() == "stall(0) of GetObject ");
  f.store = f.make(20ms);
  CHECK(code_of(f.get()) == ErrorCode::timed_out);
  CHECK(f.server.left_over() == "");
}

TEST_CASE("a request that is cut has no effect, one whose reply is lost has") {
  Fixture f;
  for (const std::uint64_t at : {0U, 7U, 15U}) {
    f.server.on("PutObject", reaction::cut_request(at));
    CHECK(code_of(f.put()) == ErrorCode::unavailable);
    CHECK_FALSE(f.is_stored());
  }
  f.server.on("PutObject", reaction::lose_reply());
  CHECK(code_of(f.put()) == ErrorCode::unavailable);
  CHECK(f.is_stored());
}

TEST_CASE("a body that was changed on its way is refused by the endpoint") {
  Fixture f;
  f.server.on("PutObject", reaction::flip_request(1000));
  const auto put = f.put();
  CHECK(code_of(put) != ErrorCode::unavailable);
  CHECK(put.error().service_code() == "XAmzContentSHA256Mismatch");
  CHECK_FALSE(f.is_stored());
}

TEST_CASE("a reply is cut, stalled, changed and sliced as the script says") {
  Fixture f;
  REQUIRE(f.put());
  f.server.on("GetObject", reaction::cut_reply(4, Reaction::End::fin));
  CHECK(code_of(f.get()) == ErrorCode::corrupt);
  f.server.on("GetObject", reaction::cut_reply(4));
  CHECK_FALSE(f.get());
  f.server.on("GetObject", reaction::slice_reply());
  CHECK(must(f.get()) == bytes);
  f.server.on("GetObject", reaction::flip_reply(0));
  std::string received;
  const auto append = [&](ByteSpan piece) -> Result<void> {
    received.append(reinterpret_cast<const char*>(piece.data()), piece.size());
    return {};
  };
  REQUIRE(f.store->get(take, append, {.verify = false}));
  CHECK(received.substr(0, 4) == "SIFF");

  f.server.on("GetObject", reaction::stall_reply(4));
  CHECK(code_of(read_to_string(*f.make(50ms), take)) == ErrorCode::timed_out);
  f.server.on("GetObject", reaction::stall_reply(4));
  f.server.release();
  CHECK(must(f.get()) == bytes);
}

TEST_CASE("an answer of the script's own ends the connection") {
  Fixture f;
  f.server.on("HeadObject", reaction::answer("HTTP/1.1 200 OK\r\nContent-Length: 3\r\nETag: \"e\"\r\n"
                                             "Last-Modified: Fri, 24 May 2013 00:00:00 GMT\r\n\r\n"));
  CHECK(must(f.store->head(take)).size == 3);
  f.server.on("HeadObject", reaction::answer("nonsense"));
  CHECK(code_of(f.store->head(take)) == ErrorCode::unavailable);
}

TEST_CASE("connections end after as many replies as the script says") {
  Fixture f;
  f.server.set_replies_per_connection(1);
  for (int i = 0; i < 10; ++i) CHECK(f.put());
  CHECK(f.server.count("PutObject") == 10);
}

TEST_CASE("a request whose signature is wrong, or whose body is not the signed one, is complained of") {
  Fixture f;
  f.server.otherwise(reaction::refuse(503, "SlowDown"));
  S3Options options = f.server.s3_options();
  options.transport = transport();
  options.retry.max_attempts = 1;
  options.credentials = static_credentials(
      {.access_key_id = f.endpoint->credentials().access_key_id, .secret_access_key = Secret("another")});
  CHECK(code_of(make_s3_store(options).value()->remove(take)) == ErrorCode::rate_limited);
  CHECK(f.server.complaints().find("SignatureDoesNotMatch") != std::string::npos);

  const SignedRequest url = must(f.store->presign({.key = take, .method = PresignMethod::put}));
  CHECK(fetch(request("PUT", url.url, "any body")).status() == 503);
  CHECK(f.server.complaints() == "");
  CHECK(code_of(f.put()) == ErrorCode::rate_limited);
  CHECK(f.server.complaints() == "");
}
