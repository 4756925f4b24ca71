// probe_audio() on WAV, AIFF, FLAC, Ogg and MP3 files that no encoder writes, or only some do.
#include "audio/probe_claims.h"

#include <catch2/catch.hpp>

namespace audiostore::audio_test {
namespace {

using namespace std::string_literals;

const std::string half_second(8000, '\0');  // of 8 kHz, one channel, 16 bits

/// A WAV file of that fmt chunk, with those chunks behind it.
std::string wav_of(std::string_view fmt, std::string_view chunks) { return wav(wav_chunk("fmt ", fmt).append(chunks)); }
std::string extensible_fmt(unsigned tag) {
  return pcm_fmt(0xfffe, 2, 8000, 4) + little(22, 2) + little(16, 2) + little(3, 4) + little(tag, 2) +
         std::string(14, '\0');
}
/// `bytes` with the number at `offset` replaced.
std::string with(std::string bytes, std::size_t offset, std::string_view number) {
  return bytes.replace(offset, number.size(), number);
}
std::string rf64(std::uint64_t data_size) {
  const std::string ds64 = wav_chunk("ds64", little(0, 8) + little(data_size, 8) + little(0, 8) + little(0, 4));
  const std::string head = "RF64" + little(0xffffffff, 4) + "WAVE" + ds64 + wav_chunk("fmt ", pcm_fmt());
  return head + "data" + little(0xffffffff, 4) + half_second;
}

const std::string data = wav_chunk("data", half_second);
constexpr std::size_t wav_data_size = 40;

const std::vector<Claim> wav_claims{
    {"as it is", wav_of(pcm_fmt(), data), "1 x 8000 Hz, 500 ms"},
    {"extensible PCM in stereo", wav_of(extensible_fmt(1), data), "2 x 8000 Hz, 250 ms"},
    {"extensible float", wav_of(extensible_fmt(3), data), "2 x 8000 Hz, 250 ms"},
    {"chunks behind the data", wav_of(pcm_fmt(), data + wav_chunk("LIST", half_second)), "1 x 8000 Hz, 500 ms"},
    {"a data size over the file's", with(wav_of(pcm_fmt(), data), wav_data_size, little(80'000, 4)),
     "1 x 8000 Hz, 500 ms"},
    {"no data, as the file's size says", wav_of(pcm_fmt(), wav_chunk("data", "") + wav_chunk("LIST", half_second)),
     "1 x 8000 Hz, 0 ms"},
    {"a live header that counts itself",
     with(with(wav_of(pcm_fmt(), data), wav_data_size, little(0, 4)), 4, little(36, 4)), "1 x 8000 Hz, 500 ms"},
    {"RF64", rf64(4000), "1 x 8000 Hz, 250 ms"},
    {"RF64 that is live", rf64(0), "1 x 8000 Hz, 500 ms"},
    {"RF64 of the largest size", rf64(UINT64_MAX), "1 x 8000 Hz, 500 ms"},
    {"RIFF with a ds64 chunk, which means nothing there", with(rf64(4000), 0, "RIFF"), "1 x 8000 Hz, 500 ms"},
    {"blocks that no sample fits", wav_of(pcm_fmt(1, 2, 8000, 3), data), "2 x 8000 Hz"},
    {"samples of nine bytes", wav_of(pcm_fmt(1, 1, 8000, 9), data), "1 x 8000 Hz"},
    {"256 channels", wav_of(pcm_fmt(1, 256, 8000, 512), data), "0 x 8000 Hz, 2 ms"},
    {"the most channels", wav_of(pcm_fmt(1, 255, 8000, 510), data), "255 x 8000 Hz, 2 ms"},
    {"a rate of gigahertz", wav_of(pcm_fmt(1, 1, 0xffffffff, 2), data), "1 x 0 Hz"},
    {"the highest rate", wav_of(pcm_fmt(1, 1, 1'048'575, 2), data), "1 x 1048575 Hz, 4 ms"},
    {"1 Hz, of 4,000 samples in 8,044 bytes", wav_of(pcm_fmt(1, 1, 1, 2), data), "1 x 1 Hz, 4000000 ms"},
    {"a codec with its number of samples", wav_of(pcm_fmt(2), wav_chunk("fact", little(2000, 4)) + data),
     "1 x 8000 Hz, 250 ms"},
    {"a codec with more samples than a second a byte",
     wav_of(pcm_fmt(2), wav_chunk("fact", little(0xfffffffe, 4)) + data), "1 x 8000 Hz"},
    {"a codec that does not know", wav_of(pcm_fmt(2), wav_chunk("fact", little(0xffffffff, 4)) + data),
     "1 x 8000 Hz, 500 ms"},
    {"a codec with its rate of bytes", wav_of(pcm_fmt(2), data), "1 x 8000 Hz, 500 ms"},
    {"a codec without", wav_of(with(pcm_fmt(2), 8, little(0, 4)), data), "1 x 8000 Hz"},
    {"PCM with a fact chunk", wav_of(pcm_fmt(), wav_chunk("fact", little(1, 4)) + data), "1 x 8000 Hz, 500 ms"},
};

std::string aiff_chunk(std::string_view id, std::string_view body) {
  return std::string(id).append(big(body.size(), 4)).append(body).append(body.size() % 2, '\0');
}
const std::string rate_8000 = "\x40\x0b\xfa\0\0\0\0\0\0\0"s;
std::string comm(unsigned channels, unsigned frames, std::string_view rate, unsigned bits = 16) {
  return big(channels, 2) + big(frames, 4) + big(bits, 2).append(rate);
}
std::string aiff(std::string_view comm, std::string_view form = "AIFF",
                 const std::string& sound = aiff_chunk("SSND", big(0, 8) + half_second)) {
  const std::string chunks = aiff_chunk("COMM", comm) + sound;
  return "FORM" + big(chunks.size() + 4, 4).append(form).append(chunks);
}
std::string aifc(std::string_view compression, unsigned frames, unsigned bits = 16) {
  return aiff(comm(1, frames, rate_8000, bits).append(compression).append(2, '\0'), "AIFC");
}

const std::vector<Claim> aiff_claims{
    {"as it is", aiff(comm(1, 4000, rate_8000)), "1 x 8000 Hz, 500 ms"},
    {"fewer frames than there is room for", aiff(comm(1, 2000, rate_8000)), "1 x 8000 Hz, 250 ms"},
    {"more frames than there is room for", aiff(comm(1, 0xffffffff, rate_8000)), "1 x 8000 Hz, 500 ms"},
    {"no frames, as nobody went back", aiff(comm(1, 0, rate_8000)), "1 x 8000 Hz, 500 ms"},
    {"no frames and no sound", aiff(comm(1, 0, rate_8000), "AIFF", aiff_chunk("SSND", big(0, 8))), "1 x 8000 Hz, 0 ms"},
    {"a sound chunk of size 0, as nobody went back",
     aiff(comm(1, 0, rate_8000), "AIFF", "SSND" + big(0, 4) + big(0, 8) + half_second), "1 x 8000 Hz, 500 ms"},
    {"a sound chunk without its own fields", aiff(comm(1, 0, rate_8000), "AIFF", aiff_chunk("SSND", "x")),
     "1 x 8000 Hz, 0 ms"},
    {"stereo of 24 bits", aiff(comm(2, 1000, rate_8000, 24)), "2 x 8000 Hz, 125 ms"},
    {"12 bits, which take 16", aiff(comm(1, 0, rate_8000, 12)), "1 x 8000 Hz, 500 ms"},
    {"44.1 kHz", aiff(comm(1, 4000, "\x40\x0e\xac\x44\0\0\0\0\0\0"s)), "1 x 44100 Hz, 91 ms"},
    {"22,254.54 Hz, an old Macintosh's", aiff(comm(1, 4000, "\x40\x0d\xad\xdd\x17\x45\xd1\x74\x5d\x17"s)),
     "1 x 22254 Hz, 180 ms"},
    {"a rate of 0", aiff(comm(1, 4000, std::string(10, '\0'))), "1 x 0 Hz"},
    {"a rate below 1", aiff(comm(1, 4000, "\x3f\xfe\x80\0\0\0\0\0\0\0"s)), "1 x 0 Hz"},
    {"a negative rate", aiff(comm(1, 4000, "\xc0\x0b\xfa\0\0\0\0\0\0\0"s)), "1 x 0 Hz"},
    {"an infinite rate", aiff(comm(1, 4000, "\x7f\xff\x80\0\0\0\0\0\0\0"s)), "1 x 0 Hz"},
    {"a rate of 32 bits", aiff(comm(1, 4000, "\x40\x1e\xff\xff\xff\xff\0\0\0\0"s)), "1 x 0 Hz"},
    {"a rate of 33 bits", aiff(comm(1, 4000, "\x40\x1f\xff\xff\xff\xff\0\0\0\0"s)), "1 x 0 Hz"},
    {"samples of no bits", aiff(comm(1, 4000, rate_8000, 0)), "1 x 8000 Hz"},
    {"little-endian PCM", aifc("sowt", 0), "1 x 8000 Hz, 500 ms"},
    {"mu-law, whose 16 bits take 8", aifc("ulaw", 8000), "1 x 8000 Hz, 1000 ms"},
    {"float", aifc("fl32", 4000, 16), "1 x 8000 Hz, 250 ms"},
    {"a codec with blocks", aifc("ima4", 100), "1 x 8000 Hz"},
};

/// A FLAC file of nothing but its STREAMINFO.
std::string stream_info(std::uint64_t rate, std::uint64_t channels, std::uint64_t samples) {
  return big(4096, 2) + big(4096, 2) + big(0, 6) +
         big(rate << 44U | (channels - 1) << 41U | 15ULL << 36U | samples, 8) + std::string(16, '\0');
}
std::string flac(std::string_view info) { return "fLaC" + big(0x80, 1) + big(34, 3).append(info); }

const std::vector<Claim> flac_claims{
    {"as it is", flac(stream_info(48'000, 2, 24'000)), "2 x 48000 Hz, 500 ms"},
    {"the most of everything", flac(stream_info(0xfffff, 8, 1)), "8 x 1048575 Hz, 0 ms"},
    {"samples that nobody counted", flac(stream_info(48'000, 1, 0)), "1 x 48000 Hz"},
    {"samples for years", flac(stream_info(48'000, 1, (1ULL << 36U) - 1)), "1 x 48000 Hz"},
    {"behind a tag", id3("x") + flac(stream_info(48'000, 2, 24'000)), "2 x 48000 Hz, 500 ms"},
};

/// An Ogg page of stream `serial` that ends at `granule`.
std::string page(std::string_view packet, unsigned flags, std::uint64_t granule, unsigned serial = 1) {
  return with(with(ogg_page(packet, flags), 6, little(granule, 8)), 14, little(serial, 4));
}
std::string opus_head(unsigned channels, unsigned pre_skip) {
  return "OpusHead\1" + big(channels, 1) + little(pre_skip, 2) + little(44'100, 4) + big(0, 3);
}
std::string vorbis_head(unsigned rate) {
  return "\1vorbis" + little(0, 4) + big(2, 1) + little(rate, 4) + std::string(14, '\0');
}
const std::string opus = page(opus_head(2, 312), 2, 0);
constexpr std::uint64_t none = UINT64_MAX;

const std::vector<Claim> ogg_claims{
    {"Opus", opus + page("x", 4, 24'312), "2 x 48000 Hz, 500 ms"},
    {"Vorbis", page(vorbis_head(8000), 2, 0) + page("x", 4, 4000), "2 x 8000 Hz, 500 ms"},
    {"FLAC",
     page("\x7f"
          "FLAC\1\0\0\1"s +
              flac(stream_info(8000, 1, 0)),
          2, 0) +
         page("x", 4, 4000),
     "1 x 8000 Hz, 500 ms"},
    {"FLAC that is cut off",
     page("\x7f"
          "FLAC",
          2, 0) +
         page("x", 4, 4000),
     "0 x 0 Hz"},
    {"Opus that is cut off", page(opus_head(2, 312).substr(0, 18), 2, 0) + page("x", 4, 24'312), "0 x 0 Hz"},
    {"Vorbis that is cut off", page(vorbis_head(8000).substr(0, 29), 2, 0) + page("x", 4, 24'312), "0 x 0 Hz"},
    {"pages behind on which nothing ends", opus + page("x", 0, 24'312) + page("x", 4, none), "2 x 48000 Hz, 500 ms"},
    {"no page on which anything ends", opus + page("x", 0, none), "2 x 48000 Hz"},
    {"a last page that is cut off", opus + page("x", 0, 24'312) + page("xyz", 4, 48'312).substr(0, 30),
     "2 x 48000 Hz, 500 ms"},
    {"another stream's page behind", opus + page("x", 4, 24'312) + page("x", 0, 1'000'000, 2), "2 x 48000 Hz, 500 ms"},
    {"the sound behind a picture",
     page("\x80theora", 2, 0, 7) + page(opus_head(1, 0), 2, 0) + page("x", 0, 24'000) + page("x", 0, 99, 7),
     "1 x 48000 Hz, 500 ms"},
    {"a stream chained behind", opus + page("x", 4, 24'312) + page(opus_head(2, 0), 2, 0, 2), "2 x 48000 Hz"},
    {"a stream chained behind with sound",
     opus + page("x", 4, 24'312) + page(opus_head(2, 0), 2, 0, 2) + page("x", 4, 100, 2), "2 x 48000 Hz"},
    {"less than what is skipped", opus + page("x", 4, 311), "2 x 48000 Hz"},
    {"just what is skipped", opus + page("x", 4, 312), "2 x 48000 Hz, 0 ms"},
    {"the largest position", opus + page("x", 4, none - 1), "2 x 48000 Hz"},
    {"a position over a second a byte", opus + page("x", 4, 4'800'000), "2 x 48000 Hz"},
    {"Vorbis of no rate", page(vorbis_head(0), 2, 0) + page("x", 4, 4000), "2 x 0 Hz"},
    {"Vorbis of gigahertz", page(vorbis_head(0xffffffff), 2, 0) + page("x", 4, 4000), "2 x 0 Hz"},
    {"sound for longer than the tail", opus + page("x", 4, 24'312) + std::string(std::size_t{1} << 20U, '\0'),
     "2 x 48000 Hz"},
};

/// `count` MP3 frames, of 1,152 samples at 44.1 kHz.
std::string frames(int count) {
  std::string bytes;
  for (int i = 0; i < count; ++i) bytes += mp3_frame();
  return bytes;
}
std::string xing(std::string_view name, unsigned flags, std::string_view fields) {
  return with(mp3_frame(), 36, std::string(name) + big(flags, 4).append(fields)) + frames(10);
}
std::string lame(unsigned front, unsigned back) {
  return "LAME3.100" + std::string(12, '\0') + big(front << 12U | back, 3);
}
std::string vbri(unsigned count) {
  return with(mp3_frame(), 36, "VBRI" + std::string(10, '\0') + big(count, 4)) + frames(10);
}
const std::string ape_footer =
    "APETAGEX" + little(2000, 4) + little(1000 + 32, 4) + little(1, 4) + big(0x00000080, 4) + big(0, 8);
const std::string ape = "APETAGEX" + std::string(24 + 1000, '\0') + ape_footer;
const std::string id3v1 = "TAG" + std::string(125, '\0');

const std::vector<Claim> mp3_claims{
    {"ten frames", frames(10), "2 x 44100 Hz, 261 ms"},
    {"a thousand, of which the first are looked at", frames(1000), "2 x 44100 Hz, 26122 ms"},
    {"one channel", with(frames(10), 3, "\xc4"), "1 x 44100 Hz, 261 ms"},
    {"tags in front and behind", id3(std::string(5000, 'x')) + frames(10) + ape + id3v1, "2 x 44100 Hz, 261 ms"},
    {"a tag behind that is longer than the file", frames(10) + with(ape_footer, 12, little(0xffffffff, 4)),
     "2 x 44100 Hz, 263 ms"},
    {"Xing's number of frames", xing("Xing", 1, big(100, 4)), "2 x 44100 Hz, 2612 ms"},
    {"the same at a constant rate", xing("Info", 1, big(100, 4)), "2 x 44100 Hz, 2612 ms"},
    {"with LAME's padding", xing("Info", 15, big(100, 4) + std::string(108, '\0') + lame(576, 1000)),
     "2 x 44100 Hz, 2577 ms"},
    {"with padding and fewer fields", xing("Info", 1, big(100, 4) + lame(576, 1000)), "2 x 44100 Hz, 2577 ms"},
    {"with more padding than sound", xing("Info", 1, big(1, 4) + lame(4095, 4095)), "2 x 44100 Hz, 26 ms"},
    {"Xing without a number", xing("Xing", 2, big(100, 4)), "2 x 44100 Hz, 287 ms"},
    {"Xing with more frames than fit", xing("Xing", 1, big(0xffffffff, 4)), "2 x 44100 Hz, 287 ms"},
    {"Xing with none", xing("Xing", 1, big(0, 4)), "2 x 44100 Hz, 287 ms"},
    {"VBRI's number of frames", vbri(100), "2 x 44100 Hz, 2612 ms"},
    {"VBRI with more frames than fit", vbri(0xffffffff), "2 x 44100 Hz, 287 ms"},
    {"sound that ends in noise", frames(10) + std::string(417, 'x'), "2 x 44100 Hz, 287 ms"},
};

}  // namespace

TEST_CASE("WAV files have the sound that there is room for", "[probe]") { check(wav_claims); }
TEST_CASE("AIFF files have the sound that there is room for", "[probe]") { check(aiff_claims); }
TEST_CASE("FLAC files have as much sound as they say, if it can be", "[probe]") { check(flac_claims); }
TEST_CASE("Ogg files end where their last page says", "[probe]") { check(ogg_claims); }
TEST_CASE("MP3 files have as many frames as they say, or as there seem to be", "[probe]") { check(mp3_claims); }

}  // namespace audiostore::audio_test
