// get_to_file(): objects into files, whole or not at all.
#include "conformance/fixture.h"
#include "core/crypto.h"
#include "core/text.h"
#include "support/files.h"
#include "support/temp_folder.h"

#include <thread>

namespace audiostore::conformance {

class DownloadFixture : public Fixture {
 protected:
  /// That a download has left the file as it was before, and nothing beside it.
  void check_untouched() {
    CHECK(text_of(path) == "old");
    CHECK(names_in(folder.path()).size() == 1);
  }

  TempFolder folder;
  const std::filesystem::path path = folder.path() / "take.wav";
};

TEST_CASE_METHOD(DownloadFixture, "an object of any length arrives as it is", "[download]") {
  constexpr std::size_t part = 100'000;
  for (const std::size_t size : {std::size_t{0}, std::size_t{1}, part - 1, part, part + 1, 7 * part + 123}) {
    CAPTURE(size);
    const std::string bytes = pattern(size);
    const auto etag = put(key(), bytes, {.attributes = {.content_type = "audio/wav"}}).etag;
    const auto info = must(store.get_to_file(key(), path, {.part_size = part, .parts_in_flight = 3}));
    CHECK(text_of(path) == bytes);
    CHECK(names_in(folder.path()).size() == 1);
    CHECK(info.key == key().str());
    CHECK(info.size == size);
    CHECK(info.etag == etag);
    CHECK(info.attributes.content_type == "audio/wav");
    CHECK(info.delivered.offset == 0);
    CHECK(info.delivered.length == size);
  }
}

TEST_CASE_METHOD(DownloadFixture, "what is not there leaves the old file", "[download]") {
  write_text(path, "old");
  const auto got = store.get_to_file(key(), path);
  CHECK(code_of(got) == ErrorCode::not_found);
  CHECK(got.error().operation() == "get_to_file");
  check_untouched();
}

TEST_CASE_METHOD(DownloadFixture, "conditions that do not hold leave the old file", "[download]") {
  write_text(path, "old");
  const auto etag = put(key(), pattern(1000)).etag;
  CHECK(code_of(store.get_to_file(key(), path, {.conditions = {.if_none_match = etag}})) == ErrorCode::not_modified);
  CHECK(code_of(store.get_to_file(key(), path, {.conditions = {.if_match = "\"other\""}})) ==
        ErrorCode::precondition_failed);
  check_untouched();
  must(store.get_to_file(key(), path, {.conditions = {.if_match = etag}, .part_size = 300}));
  CHECK(text_of(path) == pattern(1000));
}

TEST_CASE_METHOD(DownloadFixture, "F45: an object that is replaced between two parts is an error", "[download]") {
  write_text(path, "old");
  put(key(), std::string(300'000, 'a'));
  bool replaced = false;
  const auto replace = [&](const Progress&) {
    if (!std::exchange(replaced, true)) must(second.put(key(), Payload::from_string(std::string(300'000, 'b'))));
  };
  const auto got = store.get_to_file(key(), path, {.part_size = 100'000, .call = {.on_progress = replace}});
  CHECK(code_of(got) == ErrorCode::precondition_failed);
  CHECK(got.error().message().find("replaced while it was read") != std::string::npos);
  check_untouched();
}

TEST_CASE_METHOD(DownloadFixture, "a stop during a download leaves the old file", "[download]") {
  write_text(path, "old");
  put(key(), pattern(300'000));
  std::stop_source stop;
  const CallOptions call{.stop = stop.get_token(), .on_progress = [&](const Progress& p) {
                           if (p.done >= 100'000) stop.request_stop();
                         }};
  CHECK(code_of(store.get_to_file(key(), path, {.part_size = 100'000, .call = call})) == ErrorCode::cancelled);
  check_untouched();
}

TEST_CASE_METHOD(DownloadFixture, "a download tells how far it is, on the thread that called", "[download]") {
  put(key(), pattern(300'000));
  const auto self = std::this_thread::get_id();
  bool elsewhere = false;
  std::vector<Progress> seen;
  const auto note = [&](const Progress& progress) {
    elsewhere |= std::this_thread::get_id() != self;
    seen.push_back(progress);
  };
  must(store.get_to_file(key(), path, {.part_size = 50'000, .call = {.on_progress = note}}));
  CHECK_FALSE(elsewhere);
  REQUIRE_FALSE(seen.empty());
  CHECK(std::ranges::is_sorted(seen, {}, &Progress::done));
  CHECK(seen.back().done == 300'000);
  CHECK(seen.back().total == 300'000);
}

TEST_CASE_METHOD(Fixture, "F44: the digests that a store tells are those of the bytes", "[download]") {
  const std::string bytes = pattern(100'000);
  put(key(), bytes);
  const auto got = must(get(key())).info.digests;
  if (!got.sha256.empty()) CHECK(got.sha256 == to_hex(sha256(bytes)));
  if (!got.md5.empty()) CHECK(got.md5 == to_hex(md5(as_bytes(bytes))));
  CHECK(must(store.head(key())).digests == got);
  CHECK(must(get(key(), {.range = ByteRange::between(7, 9)})).info.digests.sha256 == got.sha256);
  CHECK(must(get(key())).info.attributes.metadata.empty());
}

}  // namespace audiostore::conformance
