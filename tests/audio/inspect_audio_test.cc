#include "audio/audio_bytes.h"
#include "audio/payload_sources.h"

#include <catch2/catch.hpp>

#include <limits>

namespace audiostore::audio_test {
namespace {

constexpr std::uint64_t hundred_mb = 104'857'600;

std::shared_ptr<SynthesizedSource> wav_of_size(std::uint64_t size) {
  return std::make_shared<SynthesizedSource>(file("pcm.wav").substr(0, 44), size);
}

struct DeclaredCase {
  std::string name;
  std::string declared;
  std::string verdict;
};

const std::vector<DeclaredCase> declared_cases{
    {"recorder.webm", "", "audio/webm"},
    {"recorder.webm", "audio/webm", "audio/webm"},
    {"recorder.webm", "audio/webm;codecs=opus", "audio/webm"},
    {"recorder.webm", "AUDIO/WEBM; Codecs=OPUS", "audio/webm"},
    {"recorder.webm", "video/webm", "audio/webm"},
    {"pcm.wav", "audio/x-wav", "audio/wav"},
    {"pcm.wav", "audio/wave", "audio/wav"},
    {"plain.mp3", "audio/mp3", "audio/mpeg"},
    {"plain.mp3", "audio/mpeg", "audio/mpeg"},
    {"plain.mp3", "audio/wav",
     "unsupported_media_type: expected the declared type 'audio/wav'; found audio/mpeg; declare that, or nothing"},
    {"pcm.wav", "audio/webm",
     "unsupported_media_type: expected the declared type 'audio/webm'; found audio/wav; declare that, or nothing"},
    {"pcm.wav", "text/html,foo",
     "unsupported_media_type: expected the declared type 'text/html,foo'; found audio/wav; declare that, or nothing"},
    {"pcm.wav", "audio/*",
     "unsupported_media_type: expected the declared type 'audio/*'; found audio/wav; declare that, or nothing"},
    {"pcm.wav", " ",
     "unsupported_media_type: expected the declared type ' '; found audio/wav; declare that, or nothing"},
    {"pcm.wav", "audio/wav\r\nX-Evil: 1",
     "unsupported_media_type: expected the declared type 'audio/wav\\x0d\\x0aX-Evil: 1'; found audio/wav; declare "
     "that, "
     "or nothing"},
    {"opus.ogg", "audio/ogg", "unsupported_media_type: expected audio/webm, audio/wav or audio/mpeg; found audio/ogg"},
    {"opus.mkv", "audio/webm",
     "unsupported_media_type: expected audio/webm, audio/wav or audio/mpeg; found a Matroska file"},
    {"video.webm", "audio/webm",
     "unsupported_media_type: expected sound alone; found audio/webm with a video track; record without video"},
};

}  // namespace

TEST_CASE("The declared type must agree with the bytes", "[audio]") {
  const AudioLimits defaults;
  for (const DeclaredCase& c : declared_cases) {
    INFO(c.name << " declared as '" << c.declared << "'");
    CHECK(verdict(inspect_audio(Payload::from_string(file(c.name)), defaults, c.declared)) == c.verdict);
  }
}

TEST_CASE("The defaults allow what the documentation says", "[audio]") {
  const AudioLimits defaults;
  CHECK(defaults.allowed == std::vector{AudioFormat::webm, AudioFormat::wav, AudioFormat::mp3});
  CHECK(defaults.max_bytes == hundred_mb);
  CHECK_FALSE(defaults.allow_video);
}

TEST_CASE("The list of formats can be widened and emptied", "[audio]") {
  const Payload flac = Payload::from_string(file("plain.flac"));
  AudioLimits limits;
  limits.allowed = {AudioFormat::flac};
  CHECK(verdict(inspect_audio(flac, limits)) == "audio/flac");
  limits.allowed = {};
  CHECK(verdict(inspect_audio(flac, limits)) == "unsupported_media_type: expected nothing; found audio/flac");
}

TEST_CASE("Video is accepted only when it is allowed and has sound", "[audio]") {
  AudioLimits limits;
  limits.allow_video = true;
  limits.allowed = {AudioFormat::webm, AudioFormat::mp4, AudioFormat::ogg};
  for (const char* name : {"video.webm", "video.mp4", "fragmented_video.mp4", "theora.ogg"}) {
    INFO(name);
    const Payload payload = Payload::from_string(file(name));
    CHECK_THAT(verdict(inspect_audio(payload, limits)), Catch::EndsWith(" with video"));
    AudioLimits without = limits;
    without.allow_video = false;
    CHECK_THAT(verdict(inspect_audio(payload, without)), Catch::Contains("with a video track"));
  }
  for (const char* name : {"silent_video.webm", "silent_video.mp4", "silent_theora.ogg"}) {
    INFO(name);
    CHECK_THAT(verdict(inspect_audio(Payload::from_string(file(name)), limits)), Catch::EndsWith("video and no audio"));
  }
}

TEST_CASE("No bytes are refused before anything else", "[audio]") {
  CHECK_THAT(verdict(inspect_audio(Payload(), {}, "text/html")), Catch::StartsWith("invalid_argument: "));
  CHECK_THAT(verdict(sniff_audio(Payload())), Catch::EndsWith("; found nothing"));
}

TEST_CASE("Exactly the limit is accepted, one byte more is refused unread", "[audio]") {
  const AudioLimits defaults;
  CHECK(verdict(inspect_audio(Payload(wav_of_size(hundred_mb)), defaults)) == "audio/wav");
  const auto over = wav_of_size(hundred_mb + 1);
  CHECK(verdict(inspect_audio(Payload(over), defaults, "text/html")) ==
        "too_large: the recording has 104857601 bytes, more than the limit of 104857600");
  CHECK(over->reads().count == 0);
}

TEST_CASE("The size is checked before the kind, and the kind before the declared type", "[audio]") {
  AudioLimits limits;
  limits.max_bytes = 10;
  CHECK_THAT(verdict(inspect_audio(Payload::from_string("<html></html>"), limits)), Catch::StartsWith("too_large: "));
  CHECK_THAT(verdict(inspect_audio(Payload::from_string("<html>"), limits, "text/html")),
             Catch::EndsWith("found an HTML document"));
}

TEST_CASE("A payload that fails is neither audio nor refused as something else", "[audio]") {
  const auto fail = []() -> Result<void> { return Error(ErrorCode::corrupt, "the file shrank"); };
  const Payload failing(std::make_shared<SynthesizedSource>("RIFF", 100, fail));
  CHECK(verdict(sniff_audio(failing)) == "corrupt: the file shrank");
  CHECK(verdict(inspect_audio(failing, {})) == "corrupt: the file shrank");
}

TEST_CASE("A payload that throws becomes an error", "[audio]") {
  const auto fail = []() -> Result<void> { throw std::runtime_error("no more tape"); };
  const Payload throwing(std::make_shared<SynthesizedSource>("RIFF", 100, fail));
  CHECK_THAT(verdict(sniff_audio(throwing)), Catch::StartsWith("internal: ") && Catch::Contains("no more tape"));
  CHECK_THAT(verdict(inspect_audio(throwing, {})), Catch::Contains("no more tape"));
}

TEST_CASE("However large a payload is, little of it is read", "[audio]") {
  // Zero bytes of each container's header send the walkers through the whole file if nothing stops them.
  const std::vector<std::string> heads{file("pcm.wav").substr(0, 12),
                                       file("plain.aiff").substr(0, 12),
                                       webm_header() + big(0x18538067, 4) + big(0x01ffffffffffffff, 8),
                                       ftyp(),
                                       ftyp() + box("free", "") + big(1, 4) + "free" + big(16, 8),
                                       file("opus.ogg").substr(0, 47),
                                       id3("x"),
                                       file("plain.mp3").substr(0, 4),
                                       ""};
  for (const std::string& head : heads) {
    for (const std::uint64_t size : {hundred_mb, std::numeric_limits<std::uint64_t>::max()}) {
      const auto source = std::make_shared<SynthesizedSource>(head, size);
      CHECK_THAT(verdict(sniff_audio(Payload(source))), Catch::StartsWith("unsupported_media_type: "));
      CHECK(source->reads().bytes <= 262'144);
    }
  }
}

}  // namespace audiostore::audio_test
