// The application's row and the object stay together.
#include "recordings/audio_store_fixture.h"

#include <audiostore/memory_store.h>

#include <catch2/catch.hpp>

#include <memory>
#include <set>
#include <stdexcept>

namespace audiostore {
namespace {

struct HooksFixture : AudioStoreFixture {
  const std::string take = "users/ann/projects/p/recordings/r.wav";
  const UploadOptions create{.mode = PutMode::create};

  [[nodiscard]] AudioStore open_with(AudioStoreHooks hooks) const {
    return open(owner_only(), {.hooks = std::move(hooks)});
  }
  static Result<void> fail(const AudioKey&, const PutResult&) { return Error(ErrorCode::unavailable, "no database"); }
};

TEST_CASE_METHOD(HooksFixture, "on_uploaded is told key and etag, after the object is there", "[hooks]") {
  std::string told;
  AudioStore audio = open_with({.on_uploaded = [&](const AudioKey& key, const PutResult& stored) -> Result<void> {
    CHECK(store->objects.contains(take));
    told = key.str() + " " + stored.etag;
    return {};
  }});
  const auto result = audio.upload("ann", id("ann"), wav()).value();
  CHECK(told == take + " " + result.etag);
}

TEST_CASE_METHOD(HooksFixture, "a new take whose row failed is removed again", "[hooks]") {
  AudioStore audio = open_with({.on_uploaded = fail});
  const Error error = audio.upload("ann", id("ann"), wav(), create).error();
  CHECK(error.code() == ErrorCode::unavailable);
  CHECK(error.retryable());
  CHECK(error.message() == "no database");
  CHECK(error.operation() == "upload");
  CHECK(error.key() == take);
  CHECK(store->objects.empty());
}

TEST_CASE_METHOD(HooksFixture, "a hook that throws is an error", "[hooks]") {
  AudioStore audio = open_with(
      {.on_uploaded = [](const AudioKey&, const PutResult&) -> Result<void> { throw std::runtime_error("lost"); },
       .on_removed = [](const AudioKey&) -> Result<void> { throw 7; }});
  const Error error = audio.upload("ann", id("ann"), wav(), create).error();
  CHECK(error.code() == ErrorCode::internal);
  CHECK(error.message() == "the on_uploaded hook threw: lost");
  CHECK(store->objects.empty());
  CHECK(audio.remove("ann", key(take)).error().message() == "the on_removed hook threw something unknown");
}

TEST_CASE_METHOD(HooksFixture, "what may have replaced an older take stays", "[hooks]") {
  plant(take, "old");
  AudioStore audio = open_with({.on_uploaded = fail});
  CHECK(audio.upload("ann", id("ann"), wav()).error().code() == ErrorCode::unavailable);
  CHECK(store->objects.at(take).bytes == make_wav(100));
  CHECK(store->calls == std::vector<std::string>{"put " + take});
}

TEST_CASE_METHOD(HooksFixture, "what somebody else has stored there since is not removed", "[hooks]") {
  AudioStore audio = open_with({.on_uploaded = [&](const AudioKey&, const PutResult&) -> Result<void> {
    plant(take, "newer");
    return Error(ErrorCode::unavailable, "no database");
  }});
  CHECK_FALSE(audio.upload("ann", id("ann"), wav(), create));
  CHECK(store->objects.at(take).bytes == "newer");
}

TEST_CASE_METHOD(HooksFixture, "what somebody else has stored there since is not removed, even if it is the same",
                 "[hooks]") {
  const auto shared = std::shared_ptr<ObjectStore>(make_memory_store(clock));
  AudioStore other(shared, owner_only(),
                   {.hooks = {.on_uploaded = [](const AudioKey&, const PutResult&) { return Result<void>(); }}});
  const auto mode = GENERATE(PutMode::create, PutMode::overwrite);
  AudioStore audio(shared, owner_only(), {.hooks = {.on_uploaded = [&](const AudioKey& key, const PutResult& stored) {
                                            shared->remove(key.object_key()).value();
                                            const auto again = other.upload("ann", id("ann"), wav(), {.mode = mode});
                                            CHECK(again.value().etag == stored.etag);
                                            return Result<void>(Error(ErrorCode::unavailable, "no database"));
                                          }}});
  CHECK(audio.upload("ann", id("ann"), wav(), create).error().message() == "no database");
  CHECK(shared->head(key(take).object_key()));
}

TEST_CASE_METHOD(HooksFixture, "only an upload that may be taken back is marked", "[hooks]") {
  const auto succeed = [](const AudioKey&, const PutResult&) { return Result<void>(); };
  const auto marks = [&](AudioStoreHooks hooks, PutMode mode) {
    store->objects.clear();
    open_with(std::move(hooks)).upload("ann", id("ann"), wav(), {.mode = mode}).value();
    return store->objects.at(take).attributes.metadata;
  };
  CHECK(marks({}, PutMode::create).empty());
  CHECK(marks({.on_uploaded = succeed}, PutMode::overwrite).empty());
  const Metadata mark = marks({.on_uploaded = succeed}, PutMode::create);
  REQUIRE(mark.size() == 1);
  CHECK(mark.at("upload-id").size() == 32);
  CHECK(marks({.on_uploaded = succeed}, PutMode::create) != mark);
}

TEST_CASE_METHOD(HooksFixture, "what has gone since is gone", "[hooks]") {
  AudioStore audio = open_with({.on_uploaded = [&](const AudioKey&, const PutResult&) -> Result<void> {
    store->objects.clear();
    return Error(ErrorCode::unavailable, "no database");
  }});
  CHECK(audio.upload("ann", id("ann"), wav(), create).error().message() == "no database");
}

TEST_CASE_METHOD(HooksFixture, "a take that cannot be removed again is told about", "[hooks]") {
  AudioStore audio = open_with({.on_uploaded = fail});
  store->fail_call(3, Error(ErrorCode::no_space, "the disk is full"));  // put, head, remove
  const Error error = audio.upload("ann", id("ann"), wav(), create).error();
  CHECK(error.code() == ErrorCode::unavailable);
  CHECK(error.message() == "no database; the take stays stored, since removing it failed: the disk is full");
}

TEST_CASE_METHOD(HooksFixture, "a caller who stops does not stop the cleaning up", "[hooks]") {
  std::stop_source source;
  AudioStore audio = open_with({.on_uploaded = [&](const AudioKey&, const PutResult&) -> Result<void> {
    source.request_stop();
    return Error(ErrorCode::cancelled, "stopped");
  }});
  CHECK_FALSE(audio.upload("ann", id("ann"), wav(), {.mode = PutMode::create, .call = {.stop = source.get_token()}}));
  CHECK(store->objects.empty());
}

TEST_CASE_METHOD(HooksFixture, "no hook is called for what did not happen", "[hooks]") {
  int called = 0;
  AudioStore audio = open_with({.on_uploaded = [&](const AudioKey&, const PutResult&) -> Result<void> {
                                  ++called;
                                  return {};
                                },
                                .on_removed = [&](const AudioKey&) -> Result<void> {
                                  ++called;
                                  return {};
                                }});
  CHECK_FALSE(audio.upload("eve", id("ann"), wav()));
  CHECK_FALSE(audio.remove("eve", key(take)));
  CHECK_FALSE(audio.remove_recording("eve", id("ann")));
  for (int operation = 0; operation < 3; ++operation) {
    store->fail_call(1, Error(ErrorCode::unavailable, "busy"));
    if (operation == 0) CHECK_FALSE(audio.upload("ann", id("ann"), wav()));
    if (operation == 1) CHECK_FALSE(audio.remove("ann", key(take)));
    if (operation == 2) CHECK_FALSE(audio.remove_recording("ann", id("ann")));
  }
  CHECK(called == 0);
}

TEST_CASE_METHOD(HooksFixture, "removing again after a failure brings object and row together", "[hooks]") {
  std::set<std::string> rows = {take};
  bool down = true;
  AudioStore audio = open_with({.on_removed = [&](const AudioKey& key) -> Result<void> {
    CHECK_FALSE(store->objects.contains(key.str()));
    if (down) return Error(ErrorCode::unavailable, "no database");
    rows.erase(key.str());
    return {};
  }});
  SECTION("of one take") {
    plant(take);
    const Error error = audio.remove("ann", key(take)).error();
    CHECK(error.operation() == "remove");
    CHECK(error.key() == take);
    down = false;
    CHECK(audio.remove("ann", key(take)));
  }
  SECTION("of all takes") {
    rows.insert("users/ann/projects/p/recordings/r.mp3");
    for (const std::string& row : rows) plant(row);
    CHECK(audio.remove_recording("ann", id("ann")).error().operation() == "remove_recording");
    down = false;
    CHECK(audio.remove_recording("ann", id("ann")));
  }
  CHECK(rows.empty());
  CHECK(store->objects.empty());
}

TEST_CASE_METHOD(HooksFixture, "one take that cannot be removed does not keep the others", "[hooks]") {
  const std::string stuck = "users/ann/projects/p/recordings/r.mp3";
  std::set<std::string> told;
  AudioStore audio = open_with({.on_removed = [&](const AudioKey& key) -> Result<void> {
    told.insert(key.str());
    return {};
  }});
  store->remove_many_with = [&](std::span<const ObjectKey> keys) -> Result<RemoveReport> {
    RemoveReport report;
    for (const ObjectKey& key : keys) {
      const bool fails = key.str() == stuck;
      report.outcomes.push_back(
          {key, fails ? std::optional(Error(ErrorCode::permission_denied, "locked")) : std::nullopt});
    }
    return report;
  };
  const Error error = audio.remove_recording("ann", id("ann")).error();
  CHECK(error.code() == ErrorCode::permission_denied);
  CHECK(error.key() == stuck);
  CHECK(told.size() == 6);
  CHECK_FALSE(told.contains(stuck));
}

TEST_CASE_METHOD(HooksFixture, "a take of which the store says nothing does not count as removed", "[hooks]") {
  std::set<std::string> told;
  AudioStore audio = open_with({.on_removed = [&](const AudioKey& key) -> Result<void> {
    told.insert(key.str());
    return {};
  }});
  store->remove_many_with = [&](std::span<const ObjectKey> keys) -> Result<RemoveReport> {
    return RemoveReport{{{keys.front(), std::nullopt}}};
  };
  CHECK(audio.remove_recording("ann", id("ann")).error().code() == ErrorCode::corrupt);
  CHECK(told == std::set<std::string>{take});
}

}  // namespace
}  // namespace audiostore
