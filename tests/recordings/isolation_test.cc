// Users are kept apart: abuse cases S1, S2, S6 and S7.
#include "recordings/audio_store_fixture.h"
#include "support/random.h"

#include <catch2/catch.hpp>

#include <algorithm>
#include <functional>
#include <set>

namespace audiostore {
namespace {

using std::chrono::seconds;

const std::vector<std::string> users = {"1", "12", "Ann"};

AudioKey take_of(const std::string& user) {
  return AudioKey(RecordingId::make(user, "p", "r").value(), AudioFormat::wav);
}

struct Operation {
  const char* name;
  std::function<bool(AudioStore&, const std::string& principal, const AudioKey&)> succeeds;
};

const std::vector<Operation> operations = {
    {"upload", [](AudioStore& a, const std::string& who,
                  const AudioKey& key) { return a.upload(who, key.id(), AudioStoreFixture::wav()).has_value(); }},
    {"upload of a new take",
     [](AudioStore& a, const std::string& who, const AudioKey& key) {
       return a.upload(who, RecordingId::generate(key.id().user(), "p").value(), AudioStoreFixture::wav()).has_value();
     }},
    {"signed_url",
     [](AudioStore& a, const std::string& who, const AudioKey& key) { return a.signed_url(who, key).has_value(); }},
    {"read",
     [](AudioStore& a, const std::string& who, const AudioKey& key) { return a.read(who, key, drop).has_value(); }},
    {"list_project", [](AudioStore& a, const std::string& who,
                        const AudioKey& key) { return a.list_project(who, key.id().user(), "p").has_value(); }},
    {"list_user", [](AudioStore& a, const std::string& who,
                     const AudioKey& key) { return a.list_user(who, key.id().user()).has_value(); }},
    {"remove",
     [](AudioStore& a, const std::string& who, const AudioKey& key) { return a.remove(who, key).has_value(); }},
    {"remove_recording", [](AudioStore& a, const std::string& who,
                            const AudioKey& key) { return a.remove_recording(who, key.id()).has_value(); }},
};

TEST_CASE_METHOD(AudioStoreFixture, "of all users and all recordings only the diagonal passes", "[isolation]") {
  AudioStore audio = open();
  for (const Operation& operation : operations) {
    for (const std::string& principal : users) {
      for (const std::string& owner : users) {
        CAPTURE(operation.name, principal, owner);
        for (const std::string& user : users) plant(take_of(user).str());
        const auto before = store->objects.size();
        store->calls.clear();
        CHECK(operation.succeeds(audio, principal, take_of(owner)) == (principal == owner));
        CHECK(store->calls.empty() == (principal != owner));
        if (principal != owner) CHECK(store->objects.size() == before);
      }
    }
    store->objects.clear();
  }
}

TEST_CASE_METHOD(AudioStoreFixture, "a key and a recording id that disagree are refused before any call",
                 "[isolation]") {
  const std::vector<std::string> recordings = {"a", "ab", "A"};
  for (const std::string& in_key : recordings) {
    for (const std::string& given : recordings) {
      CAPTURE(in_key, given);
      const auto key = key_of_recording("users/1/projects/p/recordings/" + in_key + ".wav", given);
      CHECK(key.has_value() == (in_key == given));
    }
  }
  CHECK(store->calls.empty());
}

TEST_CASE_METHOD(AudioStoreFixture, "the id of a removed recording gives nothing back, and can be used again",
                 "[isolation]") {
  AudioStore audio = open();
  REQUIRE(audio.upload("1", id("1"), wav(), {.mode = PutMode::create}));
  REQUIRE(audio.remove_recording("1", id("1")));
  CHECK(audio.read("1", take_of("1"), drop).error().code() == ErrorCode::not_found);
  CHECK(audio.upload("1", id("1"), wav(), {.mode = PutMode::create}));
  CHECK(audio.upload("1", id("1"), wav(), {.mode = PutMode::create}).error().code() == ErrorCode::already_exists);
}

TEST_CASE_METHOD(AudioStoreFixture, "a listing shows whole segments only", "[isolation]") {
  for (const char* there : {"users/1/projects/p/recordings/a.wav", "users/1/projects/pq/recordings/b.wav",
                            "users/12/projects/p/recordings/c.wav", "users/1/projects/p/recordingsX/d.wav",
                            "users/1/projectsX/p/recordings/e.wav"}) {
    plant(there);
  }
  AudioStore audio = open();
  const auto of_project = audio.list_project("1", "1", "p").value();
  REQUIRE(of_project.size() == 1);
  CHECK(of_project[0].key.str() == "users/1/projects/p/recordings/a.wav");
  const auto of_user = audio.list_user("1", "1").value();
  REQUIRE(of_user.size() == 2);
  CHECK(of_user[1].key.str() == "users/1/projects/pq/recordings/b.wav");
}

TEST_CASE_METHOD(AudioStoreFixture, "removing a recording removes its takes and no other's", "[isolation]") {
  const std::vector<std::string> others = {
      "users/1/projects/p/recordings/ab.wav", "users/1/projects/p/recordings/a-.wav",
      "users/1/projects/p/recordings/A.wav",  "users/1/projects/p/recordings/a",
      "users/1/projects/p/recordings/a.exe",  "users/1/projects/p/recordings/a.wav.bak",
      "users/1/projects/p2/recordings/a.wav", "users/12/projects/p/recordings/a.wav"};
  for (const std::string& other : others) plant(other);
  plant("users/1/projects/p/recordings/a.wav");
  plant("users/1/projects/p/recordings/a.m4a");
  AudioStore audio = open();
  REQUIRE(audio.remove_recording("1", id("1", "p", "a")));
  CHECK(store->objects.size() == others.size());
  for (const std::string& other : others) CHECK(store->objects.contains(other));
}

TEST_CASE_METHOD(AudioStoreFixture, "no id is ever taken for one that begins like it", "[isolation]") {
  const auto seed = test_seed();
  INFO("seed " << seed);
  Random random(seed);
  AudioStore audio = open();
  for (int round = 0; round < 200; ++round) {
    store->objects.clear();
    std::set<AudioKey> there;
    const auto short_id = [&] { return random.text("ab-", 1 + random.below(3)); };
    for (int i = 0; i < 20; ++i) {
      const auto format = random.below(2) == 0 ? AudioFormat::wav : AudioFormat::mp3;
      there.insert(AudioKey(RecordingId::make(short_id(), short_id(), short_id()).value(), format));
    }
    for (const AudioKey& key : there) plant(key.str());
    const RecordingId target = RecordingId::make(short_id(), short_id(), short_id()).value();
    CAPTURE(target.user(), target.project(), target.recording());

    const auto count = [&](auto&& belongs) { return std::ranges::count_if(there, belongs); };
    CHECK(std::ssize(audio.list_user(target.user(), target.user()).value()) ==
          count([&](const AudioKey& k) { return k.id().user() == target.user(); }));
    CHECK(std::ssize(audio.list_project(target.user(), target.user(), target.project()).value()) ==
          count([&](const AudioKey& k) {
            return k.id().user() == target.user() && k.id().project() == target.project();
          }));
    REQUIRE(audio.remove_recording(target.user(), target));
    CHECK(std::ssize(store->objects) == count([&](const AudioKey& k) { return k.id() != target; }));
  }
}

TEST_CASE_METHOD(AudioStoreFixture, "a listing of anything but ids is refused", "[isolation]") {
  AudioStore audio = open([](const AccessRequest&) { return Decision::allow; });
  for (const char* bad : {"", "..", "a/b", "*", "1/projects", "\n"}) {
    CAPTURE(bad);
    CHECK(audio.list_user("x", bad).error().code() == ErrorCode::invalid_argument);
    CHECK(audio.list_project("x", bad, "p").error().code() == ErrorCode::invalid_argument);
    CHECK(audio.list_project("x", "u", bad).error().code() == ErrorCode::invalid_argument);
  }
  CHECK(store->calls.empty());
}

TEST_CASE_METHOD(AudioStoreFixture, "a signed URL lasts no longer than allowed, and neither nothing nor for ever",
                 "[isolation]") {
  AudioStore audio = open(owner_only(), {.max_url_lifetime = seconds(7200)});
  const auto lifetime = [&](std::int64_t s) { return audio.signed_url("1", take_of("1"), {.expires_in = seconds(s)}); };
  for (const std::int64_t bad : {0L, -1L, 7201L, 315'360'000L, INT64_MAX, INT64_MIN}) {
    CAPTURE(bad);
    const auto refused = lifetime(bad);
    CHECK(refused.error().code() == ErrorCode::invalid_argument);
    CHECK(refused.error().operation() == "signed_url");
    CHECK(refused.error().key() == take_of("1").str());
  }
  CHECK(store->calls.empty());
  CHECK(lifetime(1).value().expires_in == seconds(1));
  CHECK(lifetime(7200).value().expires_in == seconds(7200));
}

TEST_CASE_METHOD(AudioStoreFixture, "not even a lavish option makes a URL last more than SigV4's seven days",
                 "[isolation]") {
  AudioStore audio = open(owner_only(), {.max_url_lifetime = std::chrono::hours(24 * 365)});
  CHECK(audio.signed_url("1", take_of("1"), {.expires_in = seconds(604'800)}));
  CHECK(audio.signed_url("1", take_of("1"), {.expires_in = seconds(604'801)}).error().code() ==
        ErrorCode::invalid_argument);
}

TEST_CASE_METHOD(AudioStoreFixture, "only reading is ever signed", "[isolation]") {
  AudioStore audio = open();
  REQUIRE(audio.signed_url("1", take_of("1")));
  REQUIRE(audio.upload("1", id("1"), wav(), {.sign_url = true}));
  REQUIRE(store->presigned.size() == 2);
  for (const PresignRequest& request : store->presigned) CHECK(request.method == PresignMethod::get);
}

TEST_CASE_METHOD(AudioStoreFixture, "a URL names a take of this store or nothing", "[isolation]") {
  AudioStore audio = open();
  const std::string url = audio.signed_url("1", take_of("1")).value().url;
  CHECK(audio.key_from_url(url).value() == take_of("1"));
  for (const char* bad :
       {"https://evil.test/bucket/users/1/projects/p/recordings/r.wav", "https://store.test/bucket/other.wav",
        "https://store.test/bucket/users/1/projects/p/recordings/r.WAV?X-Amz-Signature=canary", ""}) {
    CAPTURE(bad);
    const auto refused = audio.key_from_url(bad);
    CHECK(refused.error().code() == ErrorCode::invalid_argument);
    CHECK(refused.error().to_string().find("canary") == std::string::npos);
  }
}

}  // namespace
}  // namespace audiostore
