// stored_payload(): what it reads, how often it asks for it, and what becomes of an object that changes.
#include <audiostore/audio.h>
#include <audiostore/file_store.h>
#include <audiostore/memory_store.h>
#include <audiostore/stored_payload.h>

#include "support/files.h"
#include "support/hooked_store.h"
#include "support/random.h"
#include "support/recording_store.h"
#include "support/results.h"
#include "support/temp_folder.h"

#include <catch2/catch.hpp>

#include <atomic>
#include <mutex>
#include <thread>

namespace audiostore {
namespace {

using namespace std::chrono_literals;

const ObjectKey take = ObjectKey::parse("takes/1.wav").value();
constexpr std::size_t block = std::size_t{64} * 1024;

/// The bytes of `payload` from `offset` on.
Result<std::string> read(const Payload& payload, std::uint64_t offset, std::size_t count) {
  std::string bytes(count, '\0');
  return payload.read_at(offset, std::as_writable_bytes(std::span(bytes.data(), count))).transform([&] {
    return bytes;
  });
}

/// A store with one object, which notes the ranges that it is asked for.
struct Fixture {
  std::shared_ptr<HookedStore> store = std::make_shared<HookedStore>();
  std::string bytes = Random(7).bytes(5 * block + 123);
  ObjectInfo info = put(bytes);
  std::mutex mutex;
  std::vector<GetOptions> asked;

  Fixture() {
    store->on_get = [this](const ByteSink& sink, const GetOptions& options, const HookedStore::Proceed& proceed) {
      {
        const std::scoped_lock lock(mutex);
        asked.push_back(options);
      }
      return proceed(sink, options);
    };
  }

  ObjectInfo put(const std::string& text) {
    must(store->behind().put(take, Payload::from_string(text)));
    return must(store->behind().head(take));
  }
  [[nodiscard]] Payload payload(const CallOptions& call = {}) const { return stored_payload(store, take, info, call); }
  void check_reads(const Payload& payload, std::uint64_t offset, std::size_t count) {
    CAPTURE(offset, count);
    CHECK(must(read(payload, offset, count)) == bytes.substr(offset, count));
  }
  [[nodiscard]] std::string last_range() const { return asked.back().range->to_header(); }
};

/// Reads a WAV file out of `store`, as an application does that looks at an upload.
void check_is_wav(const std::shared_ptr<ObjectStore>& store) {
  const std::string wav = text_of(std::string(AUDIOSTORE_TESTDATA) + "/audio/pcm.wav");
  must(store->put(take, Payload::from_string(wav)));
  const ObjectInfo info = must(store->head(take));
  const Payload payload = stored_payload(store, take, info);
  CHECK(must(inspect_audio(payload, {})).format == AudioFormat::wav);
  CHECK(payload.size() == wav.size());
  CHECK(must(read(payload, 0, wav.size())) == wav);
  must(store->put(take, Payload::from_string(wav + "more")));
  CHECK(code_of(inspect_audio(stored_payload(store, take, info), {})) == ErrorCode::corrupt);
}

}  // namespace

TEST_CASE("an object in memory and one on a disk are inspected where they are", "[stored_payload]") {
  check_is_wav(make_memory_store());
  const TempFolder folder;
  check_is_wav(must(make_file_store(folder.path())));
}

TEST_CASE("a payload asks for nothing before it is read, and for nothing to read no bytes", "[stored_payload]") {
  Fixture f;
  const Payload payload = f.payload();
  CHECK(payload.size() == f.bytes.size());
  must(payload.read_at(17, {}));
  CHECK(f.asked.empty());
}

TEST_CASE("an object of no bytes needs no request", "[stored_payload]") {
  Fixture f;
  f.info = f.put("");
  must(f.payload().read_all([](ByteSpan) { return Result<void>(); }));
  CHECK(f.asked.empty());
}

TEST_CASE("short reads close together cost one request", "[stored_payload]") {
  Fixture f;
  const Payload payload = f.payload();
  f.check_reads(payload, 100, 4);
  CHECK(f.last_range() == "bytes=100-65635");
  f.check_reads(payload, 100, 4096);
  f.check_reads(payload, 100 + block - 1, 1);
  CHECK(f.asked.size() == 1);
  f.check_reads(payload, 100 + block - 1, 2);
  f.check_reads(payload, 99, 1);
  CHECK(f.asked.size() == 3);
}

TEST_CASE("reads near the end cost one request, also from the back to the front", "[stored_payload]") {
  Fixture f;
  const Payload payload = f.payload();
  const std::size_t size = f.bytes.size();
  f.check_reads(payload, size - 10, 10);
  CHECK(f.last_range() == "bytes=262267-327802");
  for (std::size_t back = 4096; back <= block; back += 4096) f.check_reads(payload, size - back, 4096);
  CHECK(f.asked.size() == 1);
}

TEST_CASE("long reads ask for just their bytes, and leave what short ones have fetched", "[stored_payload]") {
  Fixture f;
  const Payload payload = f.payload();
  f.check_reads(payload, 0, 10);
  f.check_reads(payload, 1, block);
  CHECK(f.last_range() == "bytes=1-65536");
  f.check_reads(payload, 0, f.bytes.size());
  f.check_reads(payload, 0, 1);
  CHECK(f.asked.size() == 3);
}

TEST_CASE("an object that is shorter than what is read ahead is read whole", "[stored_payload]") {
  Fixture f;
  f.bytes = "0123456789";
  f.info = f.put(f.bytes);
  const Payload payload = f.payload();
  f.check_reads(payload, 9, 1);
  f.check_reads(payload, 0, 10);
  CHECK(f.asked.size() == 1);
  CHECK(code_of(read(payload, 5, 6)) == ErrorCode::invalid_argument);
}

TEST_CASE("looking into a real recording costs one request", "[stored_payload]") {
  Fixture f;
  f.info = f.put(text_of(std::string(AUDIOSTORE_TESTDATA) + "/audio/recorder.webm"));
  const Payload payload = f.payload();
  CHECK(must(sniff_audio(payload)).format == AudioFormat::webm);
  CHECK(must(probe_audio(payload)).duration == 201ms);
  CHECK(f.asked.size() == 1);
}

TEST_CASE("random reads give the object's bytes", "[stored_payload]") {
  Fixture f;
  const Payload payload = f.payload();
  const auto seed = test_seed();
  INFO("seed " << seed);
  Random random(seed);
  for (int i = 0; i < 200; ++i) {
    const std::size_t offset = random.below(f.bytes.size());
    const std::size_t most = std::min(f.bytes.size() - offset, random.below(2) == 0 ? 5000 : 2 * block);
    f.check_reads(payload, offset, random.below(most + 1));
  }
}

TEST_CASE("threads may read a stored payload at once", "[stored_payload]") {
  Fixture f;
  const Payload payload = f.payload();
  std::atomic<int> wrong = 0;
  {
    std::vector<std::jthread> threads;
    for (unsigned int n = 0; n < 4; ++n) {
      threads.emplace_back([&, n] {
        Random random(n);
        for (int i = 0; i < 100; ++i) {
          const std::size_t offset = random.below(f.bytes.size() - 100);
          const auto got = read(payload, offset, 100);
          if (!got || *got != f.bytes.substr(offset, 100)) ++wrong;
        }
      });
    }
  }
  CHECK(wrong == 0);
}

TEST_CASE("every request is for the object with the ETag of its info", "[stored_payload]") {
  Fixture f;
  const Payload payload = f.payload();
  must(read(payload, 0, 1));
  CHECK(f.asked.back().conditions.if_match == f.info.etag);
  f.put("another object under the key");
  must(read(payload, 1, 1));
  const auto got = read(payload, 3 * block, 1);
  CHECK(code_of(got) == ErrorCode::corrupt);
  CHECK(got.error().key() == take.str());
  CHECK(got.error().operation() == "get");
  CHECK_FALSE(got.error().retryable());
  CHECK_THAT(got.error().message(), Catch::Contains("replaced"));
}

TEST_CASE("an object that was removed is corrupt, as a file that shrank is", "[stored_payload]") {
  Fixture f;
  must(f.store->behind().remove(take));
  const auto got = read(f.payload(), 0, 1);
  CHECK(code_of(got) == ErrorCode::corrupt);
  CHECK_THAT(got.error().message(), Catch::Contains("removed"));
}

TEST_CASE("a store that ignores the condition is found out", "[stored_payload]") {
  Fixture f;
  const Payload payload = f.payload();
  f.store->on_get = [](const ByteSink& sink, const GetOptions& options, const HookedStore::Proceed& proceed) {
    return proceed(sink, {.range = options.range});
  };
  f.put(std::string(f.bytes.size(), 'x'));
  CHECK(code_of(read(payload, 0, 10)) == ErrorCode::corrupt);
  CHECK(code_of(read(payload, 0, block)) == ErrorCode::corrupt);
  f.put("short");
  CHECK(code_of(read(payload, 100, 10)) == ErrorCode::corrupt);
}

TEST_CASE("a store that ignores the range writes nowhere else", "[stored_payload]") {
  const auto store = std::make_shared<RecordingStore>(system_clock());
  must(store->put(take, Payload::from_string(std::string(3 * block, 'x'))));
  const ObjectInfo info = must(store->head(take));
  CHECK(code_of(read(stored_payload(store, take, info), block, 10)) == ErrorCode::corrupt);
}

TEST_CASE("other bytes than those asked for are never taken", "[stored_payload]") {
  Fixture f;
  const auto answer_with = [&](ByteRange range) {
    f.store->on_get = [range](const ByteSink& sink, const GetOptions& options, const HookedStore::Proceed& proceed) {
      return proceed(sink, {.range = range, .conditions = options.conditions});
    };
  };
  answer_with(ByteRange::between(0, block - 2));
  CHECK(code_of(read(f.payload(), 0, block)) == ErrorCode::corrupt);
  answer_with(ByteRange::between(0, block));
  CHECK(code_of(read(f.payload(), 0, block)) == ErrorCode::corrupt);
  answer_with(ByteRange::between(1, block));
  CHECK(code_of(read(f.payload(), 0, block)) == ErrorCode::corrupt);
}

TEST_CASE("an object of another length than its info says is not read", "[stored_payload]") {
  Fixture f;
  f.info.size -= 1;
  CHECK(code_of(read(f.payload(), 0, 1)) == ErrorCode::corrupt);
}

TEST_CASE("an object whose ETag nobody knows is not read", "[stored_payload]") {
  Fixture f;
  f.info.etag.clear();
  CHECK(code_of(read(f.payload(), 0, 1)) == ErrorCode::invalid_argument);
  CHECK(f.asked.empty());
}

TEST_CASE("what else fails is told as the store tells it, and is not remembered", "[stored_payload]") {
  Fixture f;
  const Payload payload = f.payload();
  const auto works = f.store->on_get;
  f.store->on_get = [](const ByteSink&, const GetOptions&, const HookedStore::Proceed&) -> Result<ObjectInfo> {
    return Error(ErrorCode::unavailable, "out of order").with_http_status(503);
  };
  const auto got = read(payload, 0, 1);
  CHECK(code_of(got) == ErrorCode::unavailable);
  CHECK(got.error().http_status() == 503);
  CHECK(got.error().key() == take.str());
  CHECK(got.error().retryable());
  f.store->on_get = works;
  f.check_reads(payload, 0, 1);
}

TEST_CASE("the stop token holds for the payload's life, the deadline for each request", "[stored_payload]") {
  Fixture f;
  std::stop_source stop;
  int told = 0;
  const Payload payload =
      f.payload({.stop = stop.get_token(), .deadline = 1h, .on_progress = [&](const Progress&) { ++told; }});
  f.check_reads(payload, 0, 1);
  f.check_reads(payload, 2 * block, 1);
  CHECK(f.asked[0].call.deadline == 1h);
  CHECK(f.asked[1].call.deadline == 1h);
  CHECK(told == 0);
  stop.request_stop();
  CHECK(code_of(read(payload, 4 * block, 1)) == ErrorCode::cancelled);
}

TEST_CASE("the payload keeps the store", "[stored_payload]") {
  std::shared_ptr<ObjectStore> store = make_memory_store();
  must(store->put(take, Payload::from_string("some bytes")));
  const Payload payload = stored_payload(store, take, must(store->head(take)));
  store.reset();
  CHECK(must(read(payload, 5, 5)) == "bytes");
}

TEST_CASE("an object can be put into another store", "[stored_payload]") {
  Fixture f;
  const auto other = make_memory_store();
  must(other->put(take, f.payload()));
  CHECK(must(read_to_string(*other, take)) == f.bytes);
}

}  // namespace audiostore
