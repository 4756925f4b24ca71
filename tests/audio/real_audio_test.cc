#include "audio/audio_bytes.h"

#include <catch2/catch.hpp>

#include <algorithm>
#include <set>

namespace audiostore::audio_test {
namespace {

struct RealFile {
  std::string name;
  std::string verdict;  // or, for a refusal, what was found
};

const std::vector<RealFile> real_files{
    {"pcm.wav", "audio/wav"},
    {"float.wav", "audio/wav"},
    {"ulaw.wav", "audio/wav"},
    {"extensible.wav", "audio/wav"},
    {"extensible_float.wav", "audio/wav"},
    {"broadcast.wav", "audio/wav"},
    {"rf64.wav", "audio/wav"},
    {"bw64.wav", "audio/wav"},
    {"piped.wav", "audio/wav"},
    {"size0.wav", "audio/wav"},
    {"sizeff.wav", "audio/wav"},
    {"opus.webm", "audio/webm"},
    {"vorbis.webm", "audio/webm"},
    {"live.webm", "audio/webm"},
    {"recorder.webm", "audio/webm"},
    {"video.webm", "audio/webm with video"},
    {"silent_video.webm", "found a WebM file with video and no audio"},
    {"opus.mkv", "found a Matroska file"},
    {"plain.mp3", "audio/mpeg"},
    {"id3.mp3", "audio/mpeg"},
    {"id3v24.mp3", "audio/mpeg"},
    {"mpeg2.mp3", "audio/mpeg"},
    {"mpeg25.mp3", "audio/mpeg"},
    {"layer2.mp2", "found MPEG audio of layer I or II"},
    {"adts.aac", "found raw AAC (ADTS)"},
    {"id3_adts.aac", "found an ID3 tag in front of raw AAC (ADTS)"},
    {"opus.ogg", "audio/ogg"},
    {"vorbis.ogg", "audio/ogg"},
    {"flac.ogg", "audio/ogg"},
    {"speex.ogg", "found an Ogg file with audio that browsers do not play, e.g. Speex"},
    {"theora.ogg", "audio/ogg with video"},
    {"silent_theora.ogg", "found an Ogg file with video and no audio"},
    {"normal.m4a", "audio/mp4"},
    {"faststart.m4a", "audio/mp4"},
    {"alac.m4a", "audio/mp4"},
    {"audio.mp4", "audio/mp4"},
    {"fragmented.mp4", "audio/mp4"},
    {"video.mp4", "audio/mp4 with video"},
    {"fragmented_video.mp4", "audio/mp4 with video"},
    {"silent_video.mp4", "found an MP4 file with video and no audio"},
    {"quicktime.mov", "found a QuickTime movie"},
    {"audio.3gp", "found a 3GPP file"},
    {"plain.flac", "audio/flac"},
    {"id3_in_front.flac", "audio/flac"},
    {"plain.aiff", "audio/aiff"},
    {"plain.aifc", "audio/aiff"},
    {"video.avi", "found an AVI video"},
};

}  // namespace

TEST_CASE("Real files are what their encoders say", "[audio]") {
  for (const RealFile& real : real_files) {
    INFO(real.name);
    const std::string verdict = sniffed(file(real.name));
    if (real.verdict.starts_with("audio/")) {
      CHECK(verdict == real.verdict);
    } else {
      CHECK_THAT(verdict, Catch::StartsWith("unsupported_media_type: expected audio/wav, audio/webm, audio/mpeg, "
                                            "audio/ogg, audio/mp4, audio/flac or audio/aiff; found "));
      CHECK_THAT(verdict, Catch::EndsWith(real.verdict));
    }
  }
}

TEST_CASE("Every real file has its expectation", "[audio]") {
  std::set<std::string> expected;
  for (const RealFile& real : real_files) expected.insert(real.name);
  const auto names = file_names();
  CHECK(expected == std::set<std::string>(names.begin(), names.end()));
}

TEST_CASE("A file that is cut off is what it was, or refused", "[audio]") {
  for (const RealFile& real : real_files) {
    const std::string bytes = file(real.name);
    for (std::size_t length = 0; length < bytes.size(); ++length) {
      const std::string verdict = sniffed(std::string_view(bytes).substr(0, length));
      if (verdict == real.verdict || verdict.starts_with("unsupported_media_type: ")) continue;
      FAIL_CHECK(real.name << " cut to " << length << " bytes: " << verdict);
    }
  }
}

TEST_CASE("A head too short to hold any header is never audio", "[audio]") {
  for (const RealFile& real : real_files) {
    INFO(real.name);
    CHECK_THAT(sniffed(file(real.name).substr(0, 24)), Catch::StartsWith("unsupported_media_type: "));
  }
}

TEST_CASE("A live recording is accepted as its canonical type", "[audio]") {
  const AudioLimits defaults;
  for (const char* name : {"recorder.webm", "live.webm", "piped.wav", "size0.wav", "sizeff.wav", "plain.mp3"}) {
    INFO(name);
    CHECK(inspect_audio(Payload::from_string(file(name)), defaults).has_value());
  }
}

}  // namespace audiostore::audio_test
