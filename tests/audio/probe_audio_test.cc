// probe_audio() on what encoders write, and its bounds.
#include "audio/payload_sources.h"
#include "audio/probe_bytes.h"
#include "audio/probers.h"
#include "support/random.h"
#include "support/results.h"

#include <catch2/catch.hpp>

#include <fmt/format.h>

#include <memory>
#include <set>

namespace audiostore::audio_test {
namespace {

using namespace std::chrono_literals;

struct RealFile {
  std::string name;
  std::string properties;
};

// The figures are those of ffprobe 7 (of its formats and streams), where nothing else is said.
const std::vector<RealFile> real_files{
    {"pcm.wav", "1 x 8000 Hz, 200 ms"},
    {"float.wav", "1 x 8000 Hz, 200 ms"},
    {"ulaw.wav", "1 x 8000 Hz, 200 ms"},
    {"extensible.wav", "1 x 8000 Hz, 200 ms"},
    {"extensible_float.wav", "1 x 8000 Hz, 200 ms"},
    {"broadcast.wav", "1 x 8000 Hz, 200 ms"},
    {"rf64.wav", "1 x 8000 Hz, 200 ms"},
    {"bw64.wav", "1 x 8000 Hz, 200 ms"},
    {"piped.wav", "1 x 8000 Hz, 200 ms"},
    {"size0.wav", "1 x 8000 Hz, 200 ms"},
    {"sizeff.wav", "1 x 8000 Hz, 200 ms"},
    {"opus.webm", "1 x 48000 Hz, 208 ms"},
    {"vorbis.webm", "1 x 48000 Hz, 203 ms"},
    {"video.webm", "1 x 48000 Hz, 208 ms"},
    // ffprobe has no duration; its packets are at 0, 21 ... 201 ms, the last one of 7 ms.
    {"live.webm", "1 x 48000 Hz, 201 ms"},
    {"recorder.webm", "1 x 48000 Hz, 201 ms"},
    {"plain.mp3", "1 x 44100 Hz, 235 ms"},
    {"id3v24.mp3", "1 x 44100 Hz, 200 ms"},
    {"mpeg2.mp3", "1 x 22050 Hz, 200 ms"},
    {"mpeg25.mp3", "1 x 8000 Hz, 200 ms"},
    // What was encoded (make.sh); ffprobe says 255 ms, and decodes 210.
    {"id3.mp3", "1 x 44100 Hz, 200 ms"},
    // What was encoded, and mutagen 1.48 says; ffprobe's 207 ms count what the decoder skips.
    {"opus.ogg", "1 x 48000 Hz, 200 ms"},
    {"vorbis.ogg", "1 x 48000 Hz, 200 ms"},
    {"flac.ogg", "1 x 8000 Hz, 200 ms"},
    {"theora.ogg", "1 x 48000 Hz, 200 ms"},
    {"normal.m4a", "1 x 44100 Hz, 200 ms"},
    {"faststart.m4a", "1 x 44100 Hz, 200 ms"},
    {"alac.m4a", "1 x 44100 Hz, 200 ms"},
    {"audio.mp4", "1 x 44100 Hz, 200 ms"},
    {"video.mp4", "1 x 48000 Hz, 200 ms"},
    {"fragmented.mp4", "1 x 44100 Hz, 223 ms"},
    {"fragmented_video.mp4", "1 x 48000 Hz, 221 ms"},
    {"plain.flac", "1 x 8000 Hz, 200 ms"},
    {"id3_in_front.flac", "1 x 8000 Hz, 200 ms"},
    {"plain.aiff", "1 x 8000 Hz, 200 ms"},
    {"plain.aifc", "1 x 8000 Hz, 200 ms"},
};

/// All that a file may claim, whatever its bytes are.
void check_is_sane(const Result<AudioProperties>& properties, const Result<AudioInfo>& sniffed, std::size_t size) {
  REQUIRE(properties.has_value() == sniffed.has_value());
  if (!properties) {
    REQUIRE(properties.error().to_string() == sniffed.error().to_string());
    return;
  }
  REQUIRE(properties->format == sniffed->format);
  REQUIRE(properties->has_video == sniffed->has_video);
  REQUIRE(properties->channels >= 0);
  REQUIRE(properties->channels <= 255);
  REQUIRE(properties->sample_rate <= 1'048'575);
  const auto duration = properties->duration.value_or(0ms);
  REQUIRE(duration >= 0ms);
  REQUIRE(duration < std::chrono::seconds(size));
}

/// Bytes that are read in a way that counts.
struct Counted {
  explicit Counted(const std::string& bytes)
      : source(std::make_shared<SynthesizedSource>(bytes, bytes.size())), payload(source) {}
  std::shared_ptr<SynthesizedSource> source;
  Payload payload;
};

std::string repeated(std::string_view text, std::size_t size) {
  std::string bytes;
  while (bytes.size() < size) bytes += text;
  return bytes;
}

}  // namespace

TEST_CASE("Real files have the properties that other programs tell", "[probe]") {
  for (const RealFile& real : real_files) {
    INFO(real.name);
    CHECK(probed(file(real.name)) == real.properties);
  }
}

TEST_CASE("Every real file is probed or refused", "[probe]") {
  std::set<std::string> expected;
  for (const RealFile& real : real_files) expected.insert(real.name);
  for (const std::string& name : file_names()) {
    INFO(name);
    const std::string bytes = file(name);
    const Payload payload = Payload::from_memory(as_bytes(bytes));
    CHECK(sniff_audio(payload).has_value() == expected.contains(name));
    check_is_sane(probe_audio(payload), sniff_audio(payload), bytes.size());
  }
}

TEST_CASE("A picture beside the sound is told", "[probe]") {
  CHECK(must(probe_audio(Payload::from_string(file("video.webm")))).has_video);
  CHECK_FALSE(must(probe_audio(Payload::from_string(file("opus.webm")))).has_video);
  CHECK(must(probe_audio(Payload::from_string(file("video.mp4")))).format == AudioFormat::mp4);
}

TEST_CASE("A file that is cut off has no more sound than the whole one", "[probe]") {
  for (const RealFile& real : real_files) {
    const std::string bytes = file(real.name);
    const auto whole = must(probe_audio(Payload::from_memory(as_bytes(bytes))));
    for (std::size_t length = 0; length < bytes.size(); ++length) {
      const auto cut = probe_audio(Payload::from_memory(as_bytes(bytes).first(length)));
      if (!cut || cut->duration.value_or(0ms) <= *whole.duration + 25ms) continue;  // an MP3's padding comes to light
      FAIL_CHECK(real.name << " cut to " << length << " bytes: " << told(cut));
    }
  }
}

TEST_CASE("Mutated files are never probed to nonsense", "[probe][random]") {
  const auto seed = test_seed();
  WARN("seed " << seed);
  Random random(seed);
  for (const RealFile& real : real_files) {
    const std::string original = file(real.name);
    for (int round = 0; round < 200; ++round) {
      INFO(real.name << ", round " << round << ", seed " << seed);
      std::string bytes = original;
      for (std::size_t i = random.below(6) + 1; i > 0; --i) {
        const std::size_t at = random.below(bytes.size());
        bytes[at] = static_cast<char>(random.below(2) == 0 ? 0xff : random.below(256));
      }
      if (random.below(4) == 0) bytes.resize(random.below(bytes.size()));
      const Payload payload = Payload::from_memory(as_bytes(bytes));
      check_is_sane(probe_audio(payload), sniff_audio(payload), bytes.size());
    }
  }
}

TEST_CASE("Units become milliseconds without ever running over", "[probe]") {
  CHECK(time_of(0, 48'000) == 0ms);
  CHECK(time_of(1, 3) == 333ms);
  CHECK(time_of(2, 3) == 667ms);
  CHECK(time_of(24, 48'000) == 1ms);
  CHECK(time_of(23, 48'000) == 0ms);
  CHECK(time_of(1, 0) == std::nullopt);
  CHECK(time_of(UINT64_MAX, UINT64_MAX) == 1000ms);
  CHECK(time_of(UINT64_MAX - 1, UINT64_MAX) == std::nullopt);
  CHECK(time_of(UINT64_MAX, 1) == std::nullopt);
  CHECK(time_of(UINT64_MAX, 1000) == std::nullopt);
  CHECK(time_of(INT64_MAX, 1000) == std::chrono::milliseconds::max());
}

TEST_CASE("Small files are probed with a few reads", "[probe]") {
  for (const RealFile& real : real_files) {
    INFO(real.name);
    const Counted file_bytes(file(real.name));
    must(probe_audio(file_bytes.payload));
    CHECK(file_bytes.source->reads().count <= 12);
  }
}

TEST_CASE("Files made of nothing but places to look at cost no more than the bound", "[probe]") {
  constexpr std::size_t size = std::size_t{3} << 20U;
  const std::string moof = box("moof", box("mfhd", big(0, 8)) + box("traf", box("tfhd", big(0, 8))));
  const std::string nested_moof = big(0x100000, 4) + "moof" + box("mfhd", big(0, 8));
  const std::string cluster = big(0x1f43b675, 4) + big(0x01ffffffffffffff, 8) + element(0xe7, 1, big(7, 1));
  const std::string fragmented = file("fragmented.mp4");
  const std::string recorder = file("recorder.webm");
  const std::string opus = file("opus.ogg");
  const std::vector<std::string> hostile{
      fragmented + repeated(moof, size),
      fragmented + box("mdat", repeated(nested_moof, size)),
      recorder + repeated(cluster, size),
      recorder + repeated(element(0xec, 1, ""), size),
      recorder + repeated(big(0x1f43b675, 4), size),
      opus + repeated("OggS", size),
      opus + repeated(ogg_page("x", 0), size),
      file("plain.mp3") + repeated(mp3_frame(), size),
      wav(wav_chunk("fmt ", pcm_fmt(2)) + repeated(wav_chunk("junk", ""), size) + wav_chunk("data", "x")),
  };
  for (std::size_t i = 0; i < hostile.size(); ++i) {
    INFO(i);
    const Counted bytes(hostile[i]);
    check_is_sane(probe_audio(bytes.payload), sniff_audio(Payload::from_memory(as_bytes(hostile[i]))),
                  hostile[i].size());
    CHECK(bytes.source->reads().count <= 2 * 64 + 576);
  }
}

TEST_CASE("A payload that cannot be read is not audio without properties", "[probe]") {
  for (const char* name : {"recorder.webm", "opus.ogg", "fragmented.mp4", "pcm.wav", "plain.mp3"}) {
    const std::string bytes = file(name);
    const Counted whole(bytes);
    must(probe_audio(whole.payload));
    for (int fails = 1; fails <= whole.source->reads().count; ++fails) {
      INFO(name << ", read " << fails);
      int reads = 0;
      const Payload payload(std::make_shared<SynthesizedSource>(bytes, bytes.size(), [&]() -> Result<void> {
        return ++reads == fails ? Error(ErrorCode::unavailable, "out of order") : Result<void>();
      }));
      CHECK(code_of(probe_audio(payload)) == ErrorCode::unavailable);
    }
  }
}

TEST_CASE("A payload of any size is probed", "[probe]") {
  const std::string head = file("sizeff.wav").substr(0, 44);
  const Payload longer_than_riff(std::make_shared<SynthesizedSource>(head, 44 + std::uint64_t{16'000} * 400'000));
  CHECK(told(probe_audio(longer_than_riff)) == "1 x 8000 Hz, 400000000 ms");
  static_cast<void>(probe_audio(Payload(std::make_shared<SynthesizedSource>(head, UINT64_MAX))));
  static_cast<void>(probe_audio(Payload(std::make_shared<SynthesizedSource>(file("recorder.webm"), UINT64_MAX))));
}

}  // namespace audiostore::audio_test
