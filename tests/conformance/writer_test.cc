// Objects whose bytes come while they are being made.
#include "conformance/fixture.h"

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
