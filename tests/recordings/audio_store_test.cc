#include <audiostore/audio_store.h>

#include "recordings/audio_store_fixture.h"

#include <catch2/catch.hpp>

namespace audiostore {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::seconds;

const std::string take = "users/ann/projects/p/recordings/r.wav";

std::string text_of(ByteSpan bytes) { return {reinterpret_cast<const char*>(bytes.data()), bytes.size()}; }

// --- upload

TEST_CASE_METHOD(AudioStoreFixture, "a take is stored under its key and as what its bytes are", "[audio_store]") {
  AudioStore audio = open();
  const auto result =
      audio.upload("ann", id("ann"), wav(), {.declared_type = "audio/x-wav; codecs=1", .sign_url = true}).value();
  CHECK(result.key.str() == take);
  CHECK(result.size == 244);
  CHECK(result.content_type == "audio/wav");
  CHECK(result.etag == store->objects.at(take).etag);
  REQUIRE(result.url);
  CHECK(result.url->url == "https://store.test/bucket/users/ann/projects/p/recordings/r.wav?signed");
  CHECK(result.url->expires_in == hours(1));

  const auto& object = store->objects.at(take);
  CHECK(object.bytes == make_wav(100));
  CHECK(object.attributes == ObjectAttributes{.content_type = "audio/wav", .cache_control = "private"});
  CHECK(store->calls == std::vector<std::string>{"put " + take, "presign " + take});
}

TEST_CASE_METHOD(AudioStoreFixture, "what is no audio that is allowed never reaches policy or store", "[audio_store]") {
  AudioStore audio = open(
      [](const AccessRequest&) -> Decision {
        FAIL("there is nothing to ask");
        return Decision::allow;
      },
      {.limits = {.max_bytes = 200}});
  const auto refusal = [&](std::string bytes, std::string type = {}) {
    return audio.upload("ann", id("ann"), Payload::from_string(std::move(bytes)), {.declared_type = std::move(type)})
        .error();
  };
  CHECK(refusal("").code() == ErrorCode::invalid_argument);
  CHECK(refusal(make_wav(100)).code() == ErrorCode::too_large);
  CHECK(refusal("<!DOCTYPE html><script>").code() == ErrorCode::unsupported_media_type);
  CHECK(refusal(make_wav(50), "audio/mpeg").code() == ErrorCode::unsupported_media_type);
  CHECK(refusal("").operation() == "upload");
  CHECK(refusal("").key() == "users/ann/projects/p/recordings/r");
  CHECK(store->calls.empty());
}

TEST_CASE_METHOD(AudioStoreFixture, "a store's failure is the upload's, with its context", "[audio_store]") {
  AudioStore audio = open();
  store->fail_call(1, Error(ErrorCode::unavailable, "busy").with_http_status(503));
  const Error error = audio.upload("ann", id("ann"), wav()).error();
  CHECK(error.code() == ErrorCode::unavailable);
  CHECK(error.http_status() == 503);
  CHECK(error.operation() == "put");
  CHECK(error.key() == take);
}

TEST_CASE_METHOD(AudioStoreFixture, "put is given the mode and the caller's options", "[audio_store]") {
  AudioStore audio = open();
  plant(take, "old");
  CHECK(audio.upload("ann", id("ann"), wav(), {.mode = PutMode::create}).error().code() == ErrorCode::already_exists);
  CHECK(store->objects.at(take).bytes == "old");
  CHECK(audio.upload("ann", id("ann"), wav(), {.call = {.deadline = milliseconds(9000)}}));
  CHECK(store->objects.at(take).bytes == make_wav(100));
  CHECK(store->last_call.deadline == milliseconds(9000));
}

TEST_CASE_METHOD(AudioStoreFixture, "a store that signs nothing gives no URL", "[audio_store]") {
  store = std::make_shared<RecordingStore>(clock, Capabilities{.presign = false});
  AudioStore audio = open();
  const auto result = audio.upload("ann", id("ann"), wav(), {.sign_url = true}).value();
  CHECK_FALSE(result.url);
  CHECK(audio.signed_url("ann", key(take)).error().code() == ErrorCode::unsupported);
}

TEST_CASE_METHOD(AudioStoreFixture, "a take that is stored is reported so, signed URL or not", "[audio_store]") {
  AudioStore audio = open();
  store->fail_call(2, Error(ErrorCode::unauthenticated, "the credentials have expired"));
  const auto result = audio.upload("ann", id("ann"), wav(), {.sign_url = true});
  REQUIRE(result);
  CHECK_FALSE(result->url);
  CHECK(store->objects.contains(take));
}

TEST_CASE_METHOD(AudioStoreFixture, "a url_lifetime that cannot be is found out before anything is stored",
                 "[audio_store]") {
  AudioStore audio = open(owner_only(), {.url_lifetime = hours(48), .max_url_lifetime = hours(24)});
  const Error error = audio.upload("ann", id("ann"), wav(), {.sign_url = true}).error();
  CHECK(error.code() == ErrorCode::invalid_argument);
  CHECK(error.message() == "a lifetime of 172800 s was asked for, it must be 1 to 86400 s");
  CHECK(store->calls.empty());
}

TEST_CASE_METHOD(AudioStoreFixture, "who may upload and not read is given no link to what was uploaded",
                 "[audio_store]") {
  std::vector<AccessOperation> asked;
  AudioStore audio = open([&](const AccessRequest& request) {
    asked.push_back(request.operation);
    return request.operation == AccessOperation::upload ? Decision::allow : Decision::deny;
  });
  CHECK_FALSE(audio.upload("ann", id("ann"), wav(), {.sign_url = true}).value().url);
  CHECK(asked == std::vector{AccessOperation::upload, AccessOperation::read});
  CHECK(store->calls == std::vector<std::string>{"put " + take});
  asked.clear();
  CHECK_FALSE(audio.upload("ann", id("ann"), wav()).value().url);
  CHECK(asked == std::vector{AccessOperation::upload});
}

// --- signed_url

TEST_CASE_METHOD(AudioStoreFixture, "a signed URL plays in place, as the type of its format", "[audio_store]") {
  AudioStore audio = open();
  REQUIRE(audio.signed_url("ann", key("users/ann/projects/p/recordings/r.m4a")));
  REQUIRE(store->presigned.size() == 1);
  CHECK(store->presigned[0].key.str() == "users/ann/projects/p/recordings/r.m4a");
  CHECK(store->presigned[0].expires_in == hours(1));
  CHECK(store->presigned[0].response_content_type == "audio/mp4");
  CHECK(store->presigned[0].response_content_disposition == "inline");
}

TEST_CASE_METHOD(AudioStoreFixture, "a signed URL can name the file to save as", "[audio_store]") {
  AudioStore audio = open();
  REQUIRE(audio.signed_url("ann", key(take), {.download_as = "\xc3\xa9t\xc3\xa9.wav"}));
  CHECK(store->presigned[0].response_content_disposition ==
        "attachment; filename=\"_t_.wav\"; filename*=UTF-8''%C3%A9t%C3%A9.wav");
  const auto refused = audio.signed_url("ann", key(take), {.download_as = "a\r\nSet-Cookie: x"});
  CHECK(refused.error().code() == ErrorCode::invalid_argument);
  CHECK(store->presigned.size() == 1);
}

TEST_CASE_METHOD(AudioStoreFixture, "a URL lasts as long as was asked for, between two seconds too", "[audio_store]") {
  clock->advance(milliseconds(300));
  AudioStore audio = open(owner_only(), {.url_lifetime = seconds(600)});
  const auto url = audio.signed_url("ann", key(take)).value();
  CHECK(url.expires_in == seconds(600));
  CHECK(url.expires_at == std::chrono::floor<seconds>(clock->now()) + seconds(600));
}

TEST_CASE_METHOD(AudioStoreFixture, "a URL lasts no longer than the credentials", "[audio_store]") {
  AudioStore audio = open();
  store->credentials_end = clock->now() + milliseconds(90'500);
  const auto url = audio.signed_url("ann", key(take)).value();
  CHECK(url.expires_at <= store->credentials_end);
  CHECK(url.expires_in == seconds(90));
}

// --- read, remove, list

TEST_CASE_METHOD(AudioStoreFixture, "a take is read as it was stored", "[audio_store]") {
  AudioStore audio = open();
  REQUIRE(audio.upload("ann", id("ann"), wav()));
  std::string got;
  const auto info = audio.read("ann", key(take), [&](ByteSpan bytes) {
    got += text_of(bytes);
    return Result<void>();
  });
  CHECK(info.value().attributes.content_type == "audio/wav");
  CHECK(got == make_wav(100));
}

TEST_CASE_METHOD(AudioStoreFixture, "removing takes away what is there and is content with nothing", "[audio_store]") {
  AudioStore audio = open();
  REQUIRE(audio.upload("ann", id("ann"), wav()));
  CHECK(audio.remove("ann", key(take)));
  CHECK(store->objects.empty());
  CHECK(audio.remove("ann", key(take)));
  CHECK(audio.remove_recording("ann", id("ann")));
}

TEST_CASE_METHOD(AudioStoreFixture, "removing a recording is one call on the store", "[audio_store]") {
  AudioStore audio = open();
  plant(take);
  CHECK(audio.remove_recording("ann", id("ann")));
  REQUIRE(store->calls.size() == 1);
  CHECK(store->calls[0].starts_with("remove_many "));
  store->fail_call(1, Error(ErrorCode::unavailable, "busy"));
  const Error error = audio.remove_recording("ann", id("ann")).error();
  CHECK(error.code() == ErrorCode::unavailable);
  CHECK(error.operation() == "remove_many");
  CHECK(error.key() == "users/ann/projects/p/recordings/r");
}

TEST_CASE_METHOD(AudioStoreFixture, "a project and a user are listed in key order", "[audio_store]") {
  AudioStore audio = open();
  for (const char* recording : {"b", "a", "a-1"}) REQUIRE(audio.upload("ann", id("ann", "p", recording), wav()));
  REQUIRE(audio.upload("ann", id("ann", "q", "c"), wav()));
  const auto project = audio.list_project("ann", "ann", "p").value();
  REQUIRE(project.size() == 3);
  CHECK(project[0].key.id().recording() == "a-1");  // '-' sorts before '.'
  CHECK(project[1].key.id().recording() == "a");
  CHECK(project[2].key.id().recording() == "b");
  CHECK(project[0].size == 244);
  CHECK(audio.list_user("ann", "ann").value().size() == 4);
}

TEST_CASE_METHOD(AudioStoreFixture, "a failed listing says of what", "[audio_store]") {
  AudioStore audio = open();
  store->fail_call(1, Error(ErrorCode::unavailable, "busy"));
  const Error error = audio.list_project("ann", "ann", "p").error();
  CHECK(error.operation() == "list");
  CHECK(error.key() == "users/ann/projects/p/recordings/");
}

TEST_CASE_METHOD(AudioStoreFixture, "copies of an AudioStore share all there is", "[audio_store]") {
  AudioStore audio = open();
  AudioStore copy = audio;
  REQUIRE(audio.upload("ann", id("ann"), wav()));
  CHECK(copy.list_user("ann", "ann").value().size() == 1);
}

}  // namespace
}  // namespace audiostore
