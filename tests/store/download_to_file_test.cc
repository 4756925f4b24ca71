// get_to_file(), over a store in which something goes wrong.
#include "core/call_guard.h"
#include "core/crypto.h"
#include "core/text.h"
#include "support/files.h"
#include "support/hooked_store.h"
#include "support/results.h"
#include "support/temp_folder.h"

#include <catch2/catch.hpp>

#include <fmt/format.h>

#include <atomic>
#include <latch>
#include <mutex>
#include <thread>

namespace audiostore {
namespace {

using namespace std::chrono_literals;

const ObjectKey take = ObjectKey::parse("take.wav").value();
constexpr std::string_view song = "0123456789abcdefghijklmnopqrstuvwxyz";

/// A store with the song in it, and a file that holds something older.
struct Fixture {
  HookedStore store;
  TempFolder folder;
  std::filesystem::path path = folder.path() / "take.wav";
  std::mutex mutex;
  std::vector<std::string> asked;  // "range if-match" of each get

  Fixture() {
    put(song);
    write_text(path, "old");
    store.on_get = [this](const ByteSink& sink, const GetOptions& options, const HookedStore::Proceed& proceed) {
      note(options);
      return proceed(sink, options);
    };
  }

  std::string put(std::string_view bytes) {
    return must(store.behind().put(take, Payload::from_string(std::string(bytes)))).etag;
  }
  void note(const GetOptions& options) {
    const std::scoped_lock lock(mutex);
    asked.push_back(
        fmt::format("{} {}", options.range ? options.range->to_header() : "all", options.conditions.if_match));
  }
  Result<ObjectInfo> get(DownloadOptions options = {.part_size = 10}) { return store.get_to_file(take, path, options); }
  /// That nothing has come of a get.
  void check_untouched() {
    CHECK(text_of(path) == "old");
    CHECK(names_in(folder.path()) == std::vector<std::string>{"take.wav"});
  }
};

/// Gives these bytes, whatever was asked for, and says `info` of them.
auto giving(std::string_view bytes, ObjectInfo info) {
  return [=](const ByteSink& sink, const GetOptions&, const HookedStore::Proceed&) -> Result<ObjectInfo> {
    if (auto taken = sink(as_bytes(bytes)); !taken) return taken.error();
    return info;
  };
}

std::string song_sha256() { return to_hex(sha256(song)); }

/// Turns a bit of the last byte of each piece.
ByteSink flipping(const ByteSink& sink) {
  return [&sink](ByteSpan piece) -> Result<void> {
    std::vector<std::byte> bytes(piece.begin(), piece.end());
    bytes.back() ^= std::byte{4};
    return sink(bytes);
  };
}

}  // namespace

TEST_CASE("an object is read in parts, all but the first pinned to its ETag", "[download]") {
  Fixture f;
  const std::string etag = must(f.store.head(take)).etag;
  const auto info = must(f.get({.part_size = 10, .parts_in_flight = 1}));
  CHECK(text_of(f.path) == song);
  CHECK(names_in(f.folder.path()) == std::vector<std::string>{"take.wav"});
  CHECK(info.size == song.size());
  CHECK(info.delivered.offset == 0);
  CHECK(info.delivered.length == song.size());
  CHECK(f.asked ==
        std::vector<std::string>{"bytes=0-9 ", "bytes=10-19 " + etag, "bytes=20-29 " + etag, "bytes=30-35 " + etag});
}

TEST_CASE("an object that fits into one part costs one get, an empty one two", "[download]") {
  Fixture f;
  for (const std::uint64_t part_size : {std::uint64_t{36}, std::uint64_t{37}, UINT64_MAX}) {
    f.asked.clear();
    must(f.get({.part_size = part_size}));
    CHECK(text_of(f.path) == song);
    CHECK(f.asked.size() == 1);
  }
  f.asked.clear();
  f.put("");
  CHECK(must(f.get()).size == 0);
  CHECK(text_of(f.path).empty());
  CHECK(f.asked == std::vector<std::string>{"bytes=0-9 ", "all "});
}

TEST_CASE("parts are read at once, and no more than asked for", "[download]") {
  Fixture f;
  std::latch three(3);
  int at_once = 0;
  int most = 0;
  f.store.on_get = [&](const ByteSink& sink, const GetOptions& options, const HookedStore::Proceed& proceed) {
    {
      const std::scoped_lock lock(f.mutex);
      most = std::max(most, ++at_once);
    }
    if (!options.conditions.if_match.empty()) three.arrive_and_wait();
    auto info = proceed(sink, options);
    const std::scoped_lock lock(f.mutex);
    --at_once;
    return info;
  };
  must(f.get({.part_size = 9, .parts_in_flight = 3}));
  CHECK(text_of(f.path) == song);
  CHECK(most == 3);
}

TEST_CASE("F45: an object that is replaced between two parts is an error, also in a store that ignores conditions",
          "[download]") {
  for (const bool ignores : {false, true}) {
    CAPTURE(ignores);
    Fixture f;
    f.store.on_get = [&](const ByteSink& sink, GetOptions options, const HookedStore::Proceed& proceed) {
      const bool first = options.conditions.if_match.empty();
      if (ignores) options.conditions = {};
      auto info = proceed(sink, options);
      if (first) f.put("another song, and one that is as long");
      return info;
    };
    const auto got = f.get();
    CHECK(code_of(got) == ErrorCode::precondition_failed);
    CHECK(got.error().message().find("replaced while it was read") != std::string::npos);
    CHECK(got.error().operation() == "get_to_file");
    CHECK(got.error().key() == take.str());
    f.check_untouched();
  }
}

TEST_CASE("the caller's conditions are those of the first part", "[download]") {
  Fixture f;
  CHECK(code_of(f.get({.conditions = {.if_none_match = "*"}})) == ErrorCode::not_modified);
  CHECK(code_of(f.get({.conditions = {.if_match = "\"other\""}})) == ErrorCode::precondition_failed);
  f.check_untouched();
  must(f.get({.conditions = {.if_match = "*"}, .part_size = 10}));
  CHECK(text_of(f.path) == song);
}

TEST_CASE("a part that fails ends the call with its error", "[download]") {
  Fixture f;
  f.store.on_get = [&](const ByteSink& sink, const GetOptions& options, const HookedStore::Proceed& proceed) {
    if (options.range == ByteRange::between(20, 29)) return Result<ObjectInfo>(Error(ErrorCode::unavailable, "gone"));
    return proceed(sink, options);
  };
  CHECK(f.get().error().message() == "gone");
  f.check_untouched();
  f.store.on_get = [&](const ByteSink& sink, const GetOptions& options, const HookedStore::Proceed& proceed) {
    if (!options.conditions.if_match.empty()) throw std::runtime_error("from the store");
    return proceed(sink, options);
  };
  CHECK(code_of(f.get()) == ErrorCode::internal);
  f.check_untouched();
  must(f.store.behind().remove(take));
  CHECK(code_of(f.get()) == ErrorCode::not_found);
  f.check_untouched();
}

TEST_CASE("F15: a store that gives other bytes than it was asked for is not believed", "[download]") {
  Fixture f;
  const ObjectInfo info{.key = take.str(), .size = 36, .etag = "\"e\"", .attributes = {}, .delivered = {0, 10}};
  const auto with = [&](std::uint64_t size, ByteRange::Slice delivered) {
    ObjectInfo changed = info;
    changed.size = size;
    changed.delivered = delivered;
    return changed;
  };
  for (const auto& [bytes, said] : {std::pair(song.substr(0, 11), with(36, {0, 11})),   // more than asked for
                                    std::pair(song.substr(0, 9), with(36, {0, 10})),    // fewer than it says
                                    std::pair(song.substr(0, 9), with(36, {0, 9})),     // not the whole part
                                    std::pair(song.substr(0, 10), with(36, {0, 10}))})  // the same for every part
  {
    f.store.on_get = giving(bytes, said);
    CHECK(code_of(f.get({.part_size = 10, .verify = false})) == ErrorCode::corrupt);
    f.check_untouched();
  }
  f.store.on_get = [&](const ByteSink& sink, const GetOptions& options, const HookedStore::Proceed& proceed) {
    auto got = proceed(sink, options);
    if (got && !options.conditions.if_match.empty()) got->size = 37;  // another length of the same object
    return got;
  };
  CHECK(code_of(f.get({.part_size = 10, .verify = false})) == ErrorCode::corrupt);
  f.check_untouched();
}

TEST_CASE("without a strong ETag the object is read in one piece", "[download]") {
  Fixture f;
  const std::string bytes = std::string(100'000, 'a') + std::string(100'000, 'b');
  f.put(bytes);
  f.store.on_get = [&](const ByteSink& sink, const GetOptions& options, const HookedStore::Proceed& proceed) {
    f.note(options);
    auto info = proceed(sink, options);
    if (info) info->etag = "W/" + info->etag;
    return info;
  };
  std::vector<std::uint64_t> done;
  must(f.get({.part_size = 150'000, .call = {.on_progress = [&](const Progress& p) { done.push_back(p.done); }}}));
  CHECK(text_of(f.path) == bytes);
  CHECK(f.asked == std::vector<std::string>{"bytes=0-149999 ", "all "});
  CHECK(done.size() > 3);
  CHECK(std::ranges::is_sorted(done));
}

TEST_CASE("F44: a part that is damaged on the way is read again, and one that stays so is not published",
          "[download]") {
  for (const int damages : {1, 2}) {
    Fixture f;
    std::atomic<int> left = damages;
    f.store.on_get = [&](const ByteSink& sink, const GetOptions& options, const HookedStore::Proceed& proceed) {
      const bool damaged = options.range == ByteRange::between(20, 29) && left-- > 0;
      auto info = proceed(damaged ? flipping(sink) : sink, options);
      if (info) info->digests.sha256 = song_sha256();
      return info;
    };
    const auto got = f.get();
    CHECK(left == (damages == 1 ? -1 : 0));
    if (damages == 1) {
      must(got);
      CHECK(text_of(f.path) == song);
    } else {
      CHECK(code_of(got) == ErrorCode::corrupt);
      CHECK(got.error().message().find("SHA256") != std::string::npos);
      f.check_untouched();
    }
  }
}

TEST_CASE("F44: what a store finds corrupt in a small object is read again too", "[download]") {
  Fixture f;
  int gets = 0;
  f.store.on_get = [&](const ByteSink& sink, const GetOptions& options, const HookedStore::Proceed& proceed) {
    CHECK(options.verify);
    auto info = proceed(sink, options);
    return ++gets == 1 ? Result<ObjectInfo>(Error(ErrorCode::corrupt, "damaged")) : info;
  };
  must(f.get({.part_size = 100}));
  CHECK(text_of(f.path) == song);
  CHECK(gets == 2);
}

TEST_CASE("F44: where the first part tells no digest, one look is taken, and none where nobody wants to know",
          "[download]") {
  for (const bool verify : {true, false}) {
    Fixture f;
    int looks = 0;
    f.store.on_head = [&](const HeadOptions& options, const HookedStore::ProceedHead& proceed) {
      looks += options.digests && !options.conditions.if_match.empty() ? 1 : 100;
      auto info = proceed(options);
      if (info) info->digests.sha256 = std::string(64, '0');
      return info;
    };
    const auto got = f.get({.part_size = 10, .verify = verify});
    CHECK(looks == (verify ? 2 : 0));
    if (verify) {
      CHECK(code_of(got) == ErrorCode::corrupt);
      f.check_untouched();
    } else {
      must(got);
    }
    looks = 0;
    must(f.get({.part_size = 100, .verify = verify}));
    CHECK(looks == 0);
  }
}

TEST_CASE("F45: an object that is replaced before that look is an error, and so is a look that fails", "[download]") {
  Fixture f;
  f.store.on_head = [&](const HeadOptions& options, const HookedStore::ProceedHead& proceed) {
    f.put("another song");
    return proceed(options);
  };
  CHECK(f.get().error().message().find("replaced while it was read") != std::string::npos);
  f.put(song);
  f.store.on_head = [&](const HeadOptions&, const HookedStore::ProceedHead&) -> Result<ObjectInfo> {
    return Error(ErrorCode::permission_denied, "no looking");
  };
  CHECK(f.get().error().message() == "no looking");
  f.check_untouched();
}

TEST_CASE("options that make no sense are refused before anything happens", "[download]") {
  Fixture f;
  for (const DownloadOptions& options : {DownloadOptions{.part_size = 0}, DownloadOptions{.parts_in_flight = 0},
                                         DownloadOptions{.parts_in_flight = 65}}) {
    CHECK(code_of(f.get(options)) == ErrorCode::invalid_argument);
  }
  CHECK(code_of(f.store.get_to_file(take, f.folder.path())) == ErrorCode::invalid_argument);
  CHECK(f.asked.empty());
  f.check_untouched();
}

TEST_CASE("progress is told on the thread that called, does not go back, and ends at the whole", "[download]") {
  Fixture f;
  std::vector<Progress> seen;
  const auto self = std::this_thread::get_id();
  bool elsewhere = false;
  must(f.get({.part_size = 5, .call = {.on_progress = [&](const Progress& progress) {
                                elsewhere |= std::this_thread::get_id() != self;
                                seen.push_back(progress);
                              }}}));
  CHECK_FALSE(elsewhere);
  REQUIRE(seen.size() >= 2);
  CHECK(seen.front().done == 5);
  CHECK(seen.front().total == 0);
  CHECK(std::ranges::is_sorted(seen, {}, &Progress::done));
  CHECK(seen.back().done == song.size());
  CHECK(seen.back().total == song.size());
}

TEST_CASE("a progress callback that throws ends the call with internal, in the first part and behind it",
          "[download]") {
  for (const std::uint64_t from : {0U, 11U}) {
    Fixture f;
    const auto callback = [&](const Progress& progress) {
      if (progress.done >= from) throw std::runtime_error("from the callback");
    };
    CHECK(code_of(f.get({.part_size = 10, .call = {.on_progress = callback}})) == ErrorCode::internal);
    f.check_untouched();
  }
}

TEST_CASE("a stop ends the parts that are under way, and so does the deadline", "[download]") {
  for (const bool by_stop : {true, false}) {
    CAPTURE(by_stop);
    Fixture f;
    std::stop_source stop;
    f.store.on_get = [&](const ByteSink& sink, const GetOptions& options, const HookedStore::Proceed& proceed) {
      if (options.conditions.if_match.empty()) return proceed(sink, options);
      if (by_stop) stop.request_stop();
      const CallGuard guard(options.call);
      while (guard.check()) std::this_thread::yield();
      return Result<ObjectInfo>(guard.check().error());
    };
    const auto began = std::chrono::steady_clock::now();
    const CallOptions call{.stop = stop.get_token(), .deadline = by_stop ? 0ms : 50ms};
    const auto got = f.get({.part_size = 10, .call = call});
    CHECK(code_of(got) == (by_stop ? ErrorCode::cancelled : ErrorCode::timed_out));
    CHECK(got.error().message() == (by_stop ? "the caller asked to stop" : "the call's deadline of 50 ms has passed"));
    CHECK(std::chrono::steady_clock::now() - began < 10s);
    f.check_untouched();
  }
}

}  // namespace audiostore
