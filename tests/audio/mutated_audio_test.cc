#include "audio/audio_bytes.h"
#include "support/random.h"

#include <catch2/catch.hpp>

#include <array>

namespace audiostore::audio_test {
namespace {

/// Mostly in the head, where the structure is.
std::size_t somewhere(Random& random, const std::string& bytes) {
  return random.below(random.below(4) == 0 ? bytes.size() : std::min<std::size_t>(bytes.size(), 128));
}

void mutate(Random& random, std::string& bytes) {
  constexpr std::array<unsigned char, 8> edges{0x00, 0x01, 0x7f, 0x80, 0xfe, 0xff, 0x08, 0x10};
  const std::size_t at = somewhere(random, bytes);
  switch (random.below(6)) {
    case 0: bytes[at] = static_cast<char>(random.below(256)); break;
    case 1: bytes[at] = static_cast<char>(edges[random.below(edges.size())]); break;
    case 2: bytes.replace(at, 8, std::string(std::min<std::size_t>(8, bytes.size() - at), '\xff')); break;
    case 3: bytes.erase(at, 1 + random.below(16)); break;
    case 4: bytes.insert(at, bytes.substr(somewhere(random, bytes), 1 + random.below(64))); break;
    default: bytes.resize(at + 1); break;
  }
}

}  // namespace

TEST_CASE("Mutated files never do harm, and every verdict is one of the two", "[audio][random]") {
  const auto seed = test_seed();
  WARN("seed " << seed);
  Random random(seed);
  for (const std::string& name : file_names()) {
    const std::string original = file(name);
    for (int round = 0; round < 400; ++round) {
      std::string bytes = original;
      for (std::size_t i = random.below(4) + 1; i > 0 && !bytes.empty(); --i) mutate(random, bytes);
      const auto result = sniff_audio(Payload::from_memory(as_bytes(bytes)));
      if (result) continue;
      INFO(name << ", round " << round << ", seed " << seed);
      REQUIRE(result.error().code() == ErrorCode::unsupported_media_type);
      REQUIRE_THAT(result.error().message(), Catch::Contains("; found "));
    }
  }
}

TEST_CASE("Random bytes are not audio", "[audio][random]") {
  const auto seed = test_seed();
  WARN("seed " << seed);
  Random random(seed);
  for (int round = 0; round < 4000; ++round) {
    std::string bytes = random.bytes(6000);               // three MP3 frames fit in
    if (round % 2 == 0) bytes.replace(0, 2, "\xff\xfb");  // give MP3 its chance
    INFO("round " << round << ", seed " << seed);
    REQUIRE_FALSE(sniff_audio(Payload::from_memory(as_bytes(bytes))));
  }
}

}  // namespace audiostore::audio_test
