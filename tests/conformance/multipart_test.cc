// Objects that are large enough to go up in parts, where the store has parts. Everything holds where it has none, too.
#include "conformance/fixture.h"

#include <thread>

namespace audiostore::conformance {
namespace {

/// A put that is stopped when its upload has begun; nullopt where the store has no uploads, and the put went through.
struct Interrupted {
  std::optional<UploadCheckpoint> checkpoint;
  Result<PutResult> result = Error(ErrorCode::internal, "not put");
};

}  // namespace

class MultipartFixture : public Fixture {
 protected:
  /// Stops as soon as `parts` are there.
  Interrupted interrupt(const ObjectKey& to, const std::string& bytes, std::size_t parts = 0) {
    Interrupted put;
    std::stop_source stop;
    const auto note = [&](const UploadCheckpoint& now) {
      put.checkpoint = now;
      if (now.parts.size() >= parts) stop.request_stop();
    };
    put.result = store.put(
        to, Payload::from_string(bytes),
        {.attributes = {.content_type = "audio/wav"}, .on_checkpoint = note, .call = {.stop = stop.get_token()}});
    return put;
  }
  std::vector<UnfinishedUpload> unfinished() { return must(store.list_uploads({.prefix = prefix()})); }

  const std::string large = pattern(harness.three_parts() + 1);
};

TEST_CASE_METHOD(MultipartFixture, "a large object is as it was put, byte by byte", "[multipart]") {
  const PutResult result = put(key(), large, {.attributes = {.content_type = "audio/wav"}});
  const auto got = must(get(key()));
  CHECK(got.bytes == large);
  CHECK(got.info.size == large.size());
  CHECK(got.info.etag == result.etag);
  CHECK(got.info.attributes.content_type == "audio/wav");
  CHECK(got.info.attributes.metadata.empty());
  CHECK(unfinished().empty());
}

TEST_CASE_METHOD(MultipartFixture, "progress of a large put ends with the whole of it", "[multipart]") {
  std::vector<std::uint64_t> done;
  const auto note = [&](const Progress& progress) {
    CHECK(progress.total == large.size());
    done.push_back(progress.done);
  };
  put(key(), large, {.call = {.on_progress = note}});
  REQUIRE_FALSE(done.empty());
  CHECK(std::ranges::is_sorted(done));
  CHECK(done.back() == large.size());
}

TEST_CASE_METHOD(MultipartFixture, "a large put that is stopped leaves no upload, and the old object", "[multipart]") {
  put(key(), "old");
  std::stop_source stop;
  const CallOptions call{.stop = stop.get_token(), .on_progress = [&](const Progress& progress) {
                           if (progress.done > 0) stop.request_stop();
                         }};
  CHECK(code_of(store.put(key(), Payload::from_string(large), {.call = call})) == ErrorCode::cancelled);
  CHECK(bytes_of(key()) == "old");
  CHECK(unfinished().empty());
}

TEST_CASE_METHOD(MultipartFixture, "a large put that was stopped is resumed by its checkpoint", "[multipart]") {
  for (const std::size_t parts : {0U, 1U, 2U}) {
    CAPTURE(parts);
    const ObjectKey to = key(std::to_string(parts));
    const Interrupted put = interrupt(to, large, parts);
    if (!put.checkpoint) {
      must(put.result);
      continue;
    }
    CHECK(code_of(put.result) == ErrorCode::cancelled);
    CHECK_FALSE(exists(to));
    const UploadCheckpoint checkpoint = must(UploadCheckpoint::parse(put.checkpoint->to_string()));
    must(second.put(to, Payload::from_string(large), {.resume_from = checkpoint}));
    CHECK(bytes_of(to) == large);
    CHECK(must(get(to)).info.attributes.content_type == "audio/wav");
  }
  CHECK(unfinished().empty());
}

TEST_CASE_METHOD(MultipartFixture, "what has changed since the checkpoint is what is stored", "[multipart]") {
  const Interrupted put = interrupt(key(), large, 1);
  if (!put.checkpoint) return;
  std::string changed = large;
  changed.front() ^= 1;
  changed.back() ^= 1;
  must(store.put(key(), Payload::from_string(changed), {.resume_from = put.checkpoint}));
  CHECK(bytes_of(key()) == changed);
}

TEST_CASE_METHOD(MultipartFixture, "an upload that was completed or dropped is resumed all the same", "[multipart]") {
  const Interrupted put = interrupt(key(), large, 1);
  if (!put.checkpoint) return;
  UploadCheckpoint last = *put.checkpoint;
  const auto note = [&](const UploadCheckpoint& now) { last = now; };
  const PutResult stored =
      must(store.put(key(), Payload::from_string(large), {.on_checkpoint = note, .resume_from = put.checkpoint}));
  CHECK(must(store.put(key(), Payload::from_string(large), {.resume_from = last})).etag == stored.etag);

  const Interrupted dropped = interrupt(key("dropped"), large, 1);
  must(store.abort_upload(key("dropped"), dropped.checkpoint->upload_id));
  must(store.put(key("dropped"), Payload::from_string(large), {.resume_from = dropped.checkpoint}));
  CHECK(bytes_of(key("dropped")) == large);
  CHECK(unfinished().empty());
}

TEST_CASE_METHOD(MultipartFixture, "unfinished uploads are listed until they are dropped", "[multipart]") {
  const Interrupted a = interrupt(key("a b+c%/take"), large);
  const Interrupted b = interrupt(key("b"), large);
  if (!a.checkpoint) {
    CHECK(unfinished().empty());
    return;
  }
  const auto uploads = unfinished();
  REQUIRE(uploads.size() == 2);
  CHECK(uploads[0].key == key("a b+c%/take").str());
  CHECK(uploads[0].upload_id == a.checkpoint->upload_id);
  CHECK(uploads[1].key == key("b").str());
  CHECK(must(store.list_uploads({.prefix = prefix() + "b"})).size() == 1);
  CHECK(must(store.list_uploads({.prefix = prefix(), .begun_before = uploads[0].begun})).empty());
  CHECK(must(store.list_uploads({.prefix = prefix(), .begun_before = TimePoint::max()})).size() == 2);
  for (const auto& upload : uploads) must(second.abort_upload(must(ObjectKey::parse(upload.key)), upload.upload_id));
  CHECK(unfinished().empty());
  must(store.abort_upload(key("b"), b.checkpoint->upload_id));  // again
  CHECK_FALSE(exists(key("b")));
}

TEST_CASE_METHOD(MultipartFixture, "a large create has one winner", "[multipart]") {
  if (!can.conditional_put) return;
  const PutOptions create{.mode = PutMode::create};
  put(key(), "first");
  CHECK(code_of(store.put(key(), Payload::from_string(large), create)) == ErrorCode::already_exists);
  CHECK(bytes_of(key()) == "first");
  must(store.remove(key()));
  must(store.put(key(), Payload::from_string(large), create));
  CHECK(bytes_of(key()) == large);
  CHECK(unfinished().empty());
}

TEST_CASE_METHOD(MultipartFixture, "F70: of large puts at the same time one is stored, whole", "[multipart]") {
  constexpr int writers = 3;
  const auto bytes = [&](int writer) { return std::string(large.size(), static_cast<char>('a' + writer)); };
  std::atomic<int> stored = 0;
  std::atomic<int> other_errors = 0;
  std::atomic<int> replaced =
      0;  // where a service does not tell the ETag, and another writer was there before the look
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < writers; ++i) {
      threads.emplace_back([&, i] {
        const auto put = store.put(key(), Payload::from_string(bytes(i)));
        ++(put ? stored : replaced);
        if (!put) other_errors += put.error().code() == ErrorCode::conflict ? 0 : 1;
      });
    }
  }
  CHECK(stored > 0);
  CHECK(stored + replaced == writers);
  CHECK(other_errors == 0);
  const std::string found = bytes_of(key());
  CHECK(found == bytes(found.front() - 'a'));
  CHECK(unfinished().empty());
}

}  // namespace audiostore::conformance
