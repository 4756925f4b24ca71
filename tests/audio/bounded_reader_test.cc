#include "audio/bounded_reader.h"

#include "audio/payload_sources.h"

#include <catch2/catch.hpp>

#include <limits>

namespace audiostore::audio_test {

TEST_CASE("Numbers and text are read where they are, and nowhere else", "[audio]") {
  const Payload payload = Payload::from_string("\x01\x02\x03\x04\x05\x06\x07\x08");
  BoundedReader reader(payload);
  CHECK(reader.big_endian(0, 4) == 0x01020304U);
  CHECK(reader.little_endian(0, 4) == 0x04030201U);
  CHECK(reader.big_endian(0, 8) == 0x0102030405060708U);
  CHECK(reader.big_endian(7, 1) == 8U);
  CHECK_FALSE(reader.big_endian(8, 1));
  CHECK_FALSE(reader.big_endian(5, 4));
  CHECK_FALSE(reader.big_endian(std::numeric_limits<std::uint64_t>::max(), 4));
  CHECK(reader.has(6, "\x07\x08"));
  CHECK_FALSE(reader.has(6, "\x07\x08\x09"));
  CHECK_FALSE(reader.has(8, "\x08"));
  CHECK(reader.text(5, 100) == "\x06\x07\x08");
  CHECK(reader.text(8, 1).empty());
  CHECK(reader.text(std::numeric_limits<std::uint64_t>::max(), 1).empty());
}

TEST_CASE("What crosses the border of two pieces is whole", "[audio]") {
  std::string bytes(2 * BoundedReader::piece_bytes, 'a');
  bytes.replace(BoundedReader::piece_bytes - 2, 4, "wxyz");
  const Payload payload = Payload::from_string(bytes);
  BoundedReader reader(payload);
  CHECK(reader.has(0, "aa"));
  CHECK(reader.has(BoundedReader::piece_bytes - 2, "wxyz"));
  CHECK(reader.has(0, "aa"));
}

TEST_CASE("The reader stops giving bytes at its bound", "[audio]") {
  const auto source = std::make_shared<SynthesizedSource>("", std::uint64_t{1} << 40U);
  const Payload payload(source);
  BoundedReader reader(payload);
  std::uint64_t served = 0;
  for (std::uint64_t i = 0; i < BoundedReader::max_pieces; ++i) served += reader.big_endian(i << 20U, 4) ? 1U : 0U;
  CHECK_FALSE(reader.is_exhausted());
  for (std::uint64_t i = 100; i < 1000; ++i) served += reader.big_endian(i << 20U, 4) ? 1U : 0U;
  CHECK(reader.is_exhausted());
  CHECK(served == BoundedReader::max_pieces);
  CHECK(source->reads().count == BoundedReader::max_pieces);
  CHECK(source->reads().bytes == BoundedReader::max_pieces * BoundedReader::piece_bytes);
  CHECK(reader.text(0, 10).empty());
  CHECK_FALSE(reader.failure());
}

TEST_CASE("Reading the same piece again costs nothing", "[audio]") {
  const auto source = std::make_shared<SynthesizedSource>("", 5000);
  const Payload payload(source);
  BoundedReader reader(payload);
  for (std::uint64_t i = 0; i + 4 < BoundedReader::piece_bytes; ++i) REQUIRE(reader.big_endian(i, 4));
  CHECK(source->reads().count == 1);
}

TEST_CASE("A payload that fails gives nothing more and says why", "[audio]") {
  const auto source = std::make_shared<SynthesizedSource>(
      "RIFF", 100, []() -> Result<void> { return Error(ErrorCode::corrupt, "the file shrank"); });
  const Payload payload(source);
  BoundedReader reader(payload);
  CHECK_FALSE(reader.has(0, "RIFF"));
  CHECK_FALSE(reader.has(0, "RIFF"));
  REQUIRE(reader.failure());
  CHECK(reader.failure()->code() == ErrorCode::corrupt);
  CHECK(source->reads().count == 1);
}

}  // namespace audiostore::audio_test
