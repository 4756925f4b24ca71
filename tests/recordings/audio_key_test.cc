#include <audiostore/audio_key.h>

#include <audiostore/audio_store.h>

#include "audio/formats.h"
#include "core/text.h"
#include "recordings/key_layout.h"
#include "support/random.h"

#include <catch2/catch.hpp>

namespace audiostore {
namespace {

using namespace std::string_literals;

constexpr std::string_view id_characters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-";

RecordingId random_id(Random& random) {
  const auto id = [&] { return random.text(id_characters, 1 + random.below(64)); };
  return RecordingId::make(id(), id(), id()).value();
}

AudioFormat random_format(Random& random) {
  const auto all = audio_format_names();
  return all[random.below(all.size())].format;
}

TEST_CASE("a take's key says whose it is, where and in which format", "[audio_key]") {
  const AudioKey key(RecordingId::make("ann", "demo", "t-1").value(), AudioFormat::mp4);
  CHECK(key.str() == "users/ann/projects/demo/recordings/t-1.m4a");
  CHECK(key.object_key().str() == key.str());
  const AudioKey parsed = AudioKey::parse(key.str()).value();
  CHECK(parsed.id().user() == "ann");
  CHECK(parsed.id().project() == "demo");
  CHECK(parsed.id().recording() == "t-1");
  CHECK(parsed.format() == AudioFormat::mp4);
}

// Abuse case S4, and what else people have tried to get out of a directory with.
const std::string bad_ids[] = {"",
                               ".",
                               "..",
                               "../x",
                               "..\\x",
                               "..\\\\x",
                               "%2e%2e%2f",
                               "%252e",
                               "..%00",
                               "\xc0\xae",
                               "\xef\xbc\x8f",
                               "\xe2\x80\xa4\xe2\x80\xa4",
                               "a\0b"s,
                               "\0"s,
                               "a\nb",
                               "a\r",
                               "\x7f",
                               "/a",
                               "a/",
                               "a/b",
                               "~",
                               "~root",
                               "C:",
                               "a.",
                               "a ",
                               " a",
                               "a.b",
                               ".hidden",
                               "a+b",
                               "a=b",
                               "a,b",
                               "a;b",
                               "a:b",
                               "a*b",
                               "a?b",
                               "a#b",
                               "a&b",
                               "a@b",
                               "a'b",
                               "a\"b",
                               "a<b",
                               "a|b",
                               "a$b",
                               "a`b",
                               "(a)",
                               "\xe2\x80\xae"
                               "a",
                               "a\xe2\x80\x8b"
                               "b",
                               "\xef\xbb\xbf"
                               "a",
                               "\xc3\xa9",
                               "e\xcc\x81",
                               "\xff",
                               std::string(65, 'a'),
                               std::string(300, 'a'),
                               std::string(1025, 'a')};

TEST_CASE("ids are 1 to 64 characters of an allow-list", "[audio_key]") {
  CHECK(RecordingId::make("A", "z", "0"));
  CHECK(RecordingId::make("_", "-", std::string(id_characters)));
}

TEST_CASE("ids that are more than letters, digits, _ and - are refused wherever they stand", "[audio_key]") {
  for (const std::string& id : bad_ids) {
    CAPTURE(printable(id));
    CHECK(RecordingId::make(id, "p", "r").error().code() == ErrorCode::invalid_argument);
    CHECK(RecordingId::make("u", id, "r").error().code() == ErrorCode::invalid_argument);
    CHECK(RecordingId::make("u", "p", id).error().code() == ErrorCode::invalid_argument);
    CHECK_FALSE(RecordingId::generate(id, "p"));
    CHECK_FALSE(AudioKey::parse("users/" + id + "/projects/p/recordings/r.wav"));
    CHECK_FALSE(AudioKey::parse("users/u/projects/" + id + "/recordings/r.wav"));
    CHECK_FALSE(AudioKey::parse("users/u/projects/p/recordings/" + id + ".wav"));
  }
}

TEST_CASE("an error names the id that breaks the rule and cuts it short", "[audio_key]") {
  CHECK(RecordingId::make("u", "p q", "r").error().message() ==
        "the project id 'p q' is not 1 to 64 of the characters A-Z a-z 0-9 _ -");
  CHECK(RecordingId::make("u", "p", std::string(100'000, 'x')).error().message().size() < 200);
  const Error error = AudioKey::parse("users/a b/projects/p/recordings/r.wav").error();
  CHECK(error.key() == "users/a b/projects/p/recordings/r.wav");
  CHECK(error.message().find("user id 'a b'") != std::string::npos);
}

TEST_CASE("ids that only look the same are different users", "[audio_key]") {
  const auto key = [](std::string_view user) { return AudioKey(RecordingId::make(user, "p", "r").value(), {}); };
  CHECK(key("ann") != key("Ann"));
  CHECK(key("ann").str() != key("Ann").str());
  CHECK(key("O") != key("0"));
  CHECK_FALSE(RecordingId::make("\xc3\xa9", "p", "r"));   // the letter e with an accent in one code point
  CHECK_FALSE(RecordingId::make("e\xcc\x81", "p", "r"));  // and in two
}

TEST_CASE("parse takes exactly what str makes", "[audio_key]") {
  const std::string stem = "users/u/projects/p/recordings/r";
  for (const auto& names : audio_format_names()) {
    for (const std::string_view extension : names.extensions) {
      CAPTURE(extension);
      CHECK(AudioKey::parse(stem + "." + std::string(extension)).has_value() ==
            (extension == names.extensions.front()));
    }
  }
  for (const char* bad : {"",
                          "/",
                          "r.wav",
                          "users/u/projects/p/recordings/r",
                          "users/u/projects/p/recordings/r.",
                          "users/u/projects/p/recordings/.wav",
                          "users/u/projects/p/recordings/r.WAV",
                          "users/u/projects/p/recordings/r.wave",
                          "users/u/projects/p/recordings/r.exe",
                          "users/u/projects/p/recordings/r.wav ",
                          "users/u/projects/p/recordings/r.wav/",
                          "users/u/projects/p/recordings/r.wav.mp3",
                          "users/u/projects/p/recordings/r..wav",
                          "/users/u/projects/p/recordings/r.wav",
                          "users//projects/p/recordings/r.wav",
                          "users/u/projects//recordings/r.wav",
                          "users/u//projects/p/recordings/r.wav",
                          "Users/u/projects/p/recordings/r.wav",
                          "users/u/Projects/p/recordings/r.wav",
                          "users/u/projects/p/Recordings/r.wav",
                          "users/u/projects/p/recordings/x/r.wav",
                          "users/u/projects/p/r.wav",
                          "users\\u\\projects\\p\\recordings\\r.wav",
                          "users/u/projects/p/recordings/r.wav\n",
                          "users/u/projects/p/recordings/r%2ewav",
                          "users/u/projects/p/recordings/../../q/recordings/r.wav"}) {
    CAPTURE(bad);
    CHECK(AudioKey::parse(bad).error().code() == ErrorCode::invalid_argument);
  }
}

TEST_CASE("any key is parsed back to what it was made of", "[audio_key]") {
  const auto seed = test_seed();
  INFO("seed " << seed);
  Random random(seed);
  for (int round = 0; round < 2000; ++round) {
    const AudioKey key(random_id(random), random_format(random));
    const AudioKey parsed = AudioKey::parse(key.str()).value();
    CHECK(parsed == key);
    CHECK(ObjectKey::parse(key.str()).value() == key.object_key());
  }
}

TEST_CASE("a key with a byte changed is refused or is another key, spelled exactly so", "[audio_key]") {
  const auto seed = test_seed();
  INFO("seed " << seed);
  Random random(seed);
  for (int round = 0; round < 5000; ++round) {
    const AudioKey key(random_id(random), random_format(random));
    std::string text = key.str();
    const std::size_t at = random.below(text.size());
    switch (random.below(3)) {
      case 0: text[at] = static_cast<char>(random.below(256)); break;
      case 1: text.erase(at, 1); break;
      default: text.insert(at, random.text("/._-%a\n", 1));
    }
    CAPTURE(printable(text));
    const auto parsed = AudioKey::parse(text);
    if (parsed) CHECK(parsed->str() == text);
    if (parsed && text != key.str()) CHECK(*parsed != key);
  }
}

TEST_CASE("fresh recording ids do not repeat", "[audio_key]") {
  const auto a = RecordingId::generate("u", "p").value();
  const auto b = RecordingId::generate("u", "p").value();
  CHECK(a.user() == "u");
  CHECK(a.project() == "p");
  CHECK(a.recording().size() == 32);
  CHECK(a != b);
}

TEST_CASE("the possible takes of a recording are one for each format", "[audio_key]") {
  const auto takes = possible_takes(RecordingId::make("u", "p", "r").value());
  CHECK(takes.size() == 7);
  for (const AudioKey& take : takes) CHECK(take.str().starts_with("users/u/projects/p/recordings/r."));
}

TEST_CASE("a key and the recording id given with it must agree", "[audio_key]") {
  const std::string key = "users/u/projects/p/recordings/abc.wav";
  CHECK(key_of_recording(key, "abc").value().str() == key);
  for (const char* other : {"", "ab", "abcd", "ABC", "abc.wav", "abd", "../abc", "abc\n"}) {
    CAPTURE(other);
    const auto refused = key_of_recording(key, other);
    CHECK(refused.error().code() == ErrorCode::invalid_argument);
    CHECK(refused.error().key() == key);
  }
  CHECK(key_of_recording("users/u/abc.wav", "abc").error().code() == ErrorCode::invalid_argument);
}

}  // namespace
}  // namespace audiostore
