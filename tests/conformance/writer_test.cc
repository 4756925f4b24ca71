// Objects whose bytes come while they are being made.
#include "conformance/fixture.h"

#include <thread>

using namespace audiostore;
using namespace audiostore::conformance;

namespace {

/// Writes `bytes` in pieces that fit no part.
Result<void> write_all(ObjectWriter& writer, const std::string& bytes, std::size_t piece = 7777) {
  for (std::size_t at = 0; at < bytes.size(); at += piece) {
    if (auto written = writer.write(as_bytes(std::string_view(bytes).substr(at, piece))); !written) return written;
  }
  return {};
}

}  // namespace

TEST_CASE_METHOD(Fixture, "a writer publishes what was written, whole and with its attributes, when it is finished") {
  for (const std::size_t size : {std::size_t{0}, std::size_t{1}, harness.three_parts() + 1}) {
    CAPTURE(size);
    const ObjectKey to = key("written-" + std::to_string(size));
    const std::string bytes = pattern(size);
    const auto writer = must(store.writer(to, {.attributes = {.content_type = "audio/wav", .metadata = {{"a", "b"}}}}));
    must(write_all(*writer, bytes));
    CHECK(writer->written() == size);
    CHECK_FALSE(exists(to));
    const PutResult result = must(writer->finish());
    CHECK(bytes_of(to) == bytes);
    const ObjectInfo info = must(store.head(to));
    CHECK(info.etag == result.etag);
    CHECK(info.attributes.content_type == "audio/wav");
    CHECK(info.attributes.metadata == Metadata{{"a", "b"}});
  }
}

TEST_CASE_METHOD(Fixture, "a writer that is dropped or aborted leaves nothing behind and what was there as it was") {
  const std::string bytes = pattern(harness.three_parts() + 1);
  put(key(), "old");
  for (const bool aborted : {true, false}) {
    const auto writer = must(store.writer(key()));
    must(write_all(*writer, bytes));
    if (aborted) {
      must(writer->abort());
      CHECK(code_of(writer->write(as_bytes("x"))) == ErrorCode::invalid_argument);
      CHECK(code_of(writer->finish()) == ErrorCode::invalid_argument);
    }
  }
  CHECK(bytes_of(key()) == "old");
  CHECK(must(store.list_uploads({.prefix = prefix()})).empty());
}

TEST_CASE_METHOD(Fixture, "an object of several parts is stored as it is and replaced as a whole") {
  const std::string bytes = pattern(harness.three_parts() + 1);
  put(key(), "old");
  put(key(), bytes);
  CHECK(bytes_of(key()) == bytes);
  CHECK(must(store.list_uploads({.prefix = prefix()})).empty());
}

TEST_CASE_METHOD(Fixture, "a writer takes pieces of any size") {
  const std::string bytes = pattern(1000);
  const auto writer = must(store.writer(key()));
  must(writer->write({}));
  must(write_all(*writer, bytes.substr(0, 10), 1));
  must(write_all(*writer, bytes.substr(10)));
  must(writer->finish());
  CHECK(bytes_of(key()) == bytes);
}

TEST_CASE_METHOD(Fixture, "a writer that has ended takes nothing more") {
  constexpr auto ended = ErrorCode::invalid_argument;
  const auto finished = must(store.writer(key()));
  must(write_all(*finished, "bytes"));
  must(finished->finish());
  CHECK(code_of(write_all(*finished, "more")) == ended);
  CHECK(code_of(finished->finish()) == ended);
  CHECK(code_of(finished->abort()) == ended);
  CHECK(bytes_of(key()) == "bytes");

  const auto aborted = must(store.writer(key("aborted")));
  must(aborted->abort());
  CHECK(code_of(write_all(*aborted, "more")) == ended);
  CHECK(code_of(aborted->finish()) == ended);
  must(aborted->abort());
  CHECK_FALSE(exists(key("aborted")));
}

TEST_CASE_METHOD(Fixture, "a stop ends a writer, and nothing is left of it") {
  for (const bool at_finish : {false, true}) {
    std::stop_source stop;
    const auto writer = must(store.writer(key(), {.call = {.stop = stop.get_token()}}));
    must(write_all(*writer, pattern(harness.three_parts() + 1)));
    stop.request_stop();
    if (!at_finish) CHECK(code_of(write_all(*writer, "more")) == ErrorCode::cancelled);
    const auto finished = writer->finish();
    CHECK(code_of(finished) == ErrorCode::cancelled);
    CHECK(finished.error().key() == key().str());
    CHECK_FALSE(exists(key()));
    CHECK(must(store.list_uploads({.prefix = prefix()})).empty());
  }
}

TEST_CASE_METHOD(Fixture, "a writer that is to create loses to whoever is first") {
  const PutOptions create{.mode = PutMode::create};
  auto writer = store.writer(key(), create);
  if (!writer && writer.error().code() == ErrorCode::unsupported) return;  // the length decides, and is not known
  for (const std::size_t size : {std::size_t{10}, harness.three_parts() + 1}) {
    const ObjectKey here = key(std::to_string(size));
    writer = store.writer(here, create);
    must(write_all(**writer, pattern(size)));
    put(here, "first");
    CHECK(code_of((*writer)->finish()) == ErrorCode::already_exists);
    CHECK(bytes_of(here) == "first");
    must(store.remove(here));
    writer = store.writer(here, create);
    must(write_all(**writer, pattern(size)));
    must((*writer)->finish());
    CHECK(bytes_of(here) == pattern(size));
  }
}

TEST_CASE_METHOD(Fixture, "writers are refused attributes that no object can have") {
  CHECK(code_of(store.writer(key(), {.attributes = {.content_type = "a\nb"}})) == ErrorCode::invalid_argument);
  CHECK(code_of(store.writer(key(), {.resume_from = UploadCheckpoint{}})) == ErrorCode::invalid_argument);
}

TEST_CASE_METHOD(Fixture, "writers of many threads do not meet") {
  constexpr int writers = 8;
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < writers; ++i) {
      threads.emplace_back([this, i] {
        auto writer = store.writer(key(std::to_string(i)));
        for (int n = 0; writer && n < 20; ++n) {
          if (!write_all(**writer, std::string(7'000, static_cast<char>('a' + i)))) return;
        }
        if (writer) static_cast<void>((*writer)->finish());
      });
    }
  }
  for (int i = 0; i < writers; ++i) {
    CHECK(bytes_of(key(std::to_string(i))) == std::string(140'000, static_cast<char>('a' + i)));
  }
}
