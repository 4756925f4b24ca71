// probe_audio() on MP4 and WebM files that no encoder writes, or only some do.
#include "audio/probe_claims.h"

#include <catch2/catch.hpp>

#include <bit>
#include <limits>

namespace audiostore::audio_test {
namespace {

using namespace std::string_literals;

constexpr unsigned all_ones = 0xffffffff;

std::string full_box(std::string_view type, std::string_view fields, unsigned version = 0, unsigned flags = 0) {
  return box(type, big(version, 1) + big(flags, 3).append(fields));
}
/// mvhd or mdhd.
std::string header(std::string_view type, unsigned scale, unsigned duration) {
  return full_box(type, big(0, 8) + big(scale, 4) + big(duration, 4) + big(0, 4));
}
std::string wide_header(std::string_view type, unsigned scale, std::uint64_t duration) {
  return full_box(type, big(0, 16) + big(scale, 4) + big(duration, 8) + big(0, 4), 1);
}
std::string sample_entry(std::string_view codec, unsigned channels, unsigned rate, std::string_view boxes = {}) {
  return box(codec, big(0, 6) + big(1, 2) + big(0, 8) + big(channels, 2) + big(16, 2) + big(0, 4) +
                        big(std::uint64_t{rate} << 16U, 4).append(boxes));
}
std::string track_of(std::string_view handler, unsigned id, std::string_view mdhd, std::string_view entry) {
  const std::string stsd = full_box("stsd", big(1, 4).append(entry));
  const std::string mdia =
      std::string(mdhd) + full_box("hdlr", big(0, 4).append(handler).append(13, '\0')) + box("minf", box("stbl", stsd));
  return box("trak", full_box("tkhd", big(0, 8) + big(id, 4)) + box("mdia", mdia));
}
const std::string entry = sample_entry("mp4a", 2, 44'100);
const std::string sound = track_of("soun", 1, header("mdhd", 1000, 250), entry);
std::string movie(std::string_view boxes) { return ftyp() + box("moov", boxes) + box("mdat", std::string(100, 'x')); }

/// An esds box whose decoder is told `config`.
std::string esds(std::string_view config, unsigned object, unsigned es_flags) {
  const std::string specific = big(5, 1) + "\x80\x80\x80" + big(config.size(), 1).append(config);
  const std::string decoder = big(object, 1) + std::string(12, '\0') + specific;
  const std::string es = big(1, 2) + big(es_flags, 1) + big(4, 1) + big(decoder.size(), 1).append(decoder);
  return full_box("esds", big(3, 1) + big(es.size(), 1).append(es));
}
std::string aac(std::string_view config, unsigned object = 0x40, unsigned es_flags = 0) {
  const std::string coded = sample_entry("mp4a", 2, 44'100, esds(config, object, es_flags));
  return movie(header("mvhd", 1000, 500) + track_of("soun", 1, header("mdhd", 1000, 250), coded));
}

const std::vector<Claim> movie_claims{
    {"as the movie says", movie(header("mvhd", 1000, 500) + sound), "2 x 44100 Hz, 500 ms"},
    {"in 64 bits", movie(wide_header("mvhd", 48'000, 24'000) + sound), "2 x 44100 Hz, 500 ms"},
    {"as the track says, without a movie header", movie(sound), "2 x 44100 Hz, 250 ms"},
    {"where the movie has none", movie(header("mvhd", 1000, 0) + sound), "2 x 44100 Hz, 250 ms"},
    {"where the movie does not know", movie(header("mvhd", 1000, all_ones) + sound), "2 x 44100 Hz, 250 ms"},
    {"the same in 64 bits", movie(wide_header("mvhd", 1000, UINT64_MAX) + sound), "2 x 44100 Hz, 250 ms"},
    {"where the movie has no time scale", movie(header("mvhd", 0, 500) + sound), "2 x 44100 Hz, 250 ms"},
    {"a movie header that is cut off", movie(full_box("mvhd", big(0, 8) + big(1000, 4)) + sound),
     "2 x 44100 Hz, 250 ms"},
    {"more than a second a byte", movie(wide_header("mvhd", 1, 1'000'000) + sound), "2 x 44100 Hz"},
    {"the longest there is", movie(wide_header("mvhd", 1, UINT64_MAX - 1) + sound), "2 x 44100 Hz, 250 ms"},
    {"neither knows", movie(track_of("soun", 1, header("mdhd", 1000, all_ones), entry)), "2 x 44100 Hz"},
    {"the sound behind words", movie(track_of("text", 1, header("mdhd", 1, 9), sample_entry("tx3g", 9, 9)) + sound),
     "2 x 44100 Hz, 250 ms"},
    {"no sample entry", movie(track_of("soun", 1, header("mdhd", 1000, 250), "")), "0 x 0 Hz, 250 ms"},
    {"a sample entry that is cut off", movie(track_of("soun", 1, header("mdhd", 1000, 250), box("mp4a", big(7, 20)))),
     "0 x 0 Hz, 250 ms"},
    {"a codec without a descriptor",
     movie(track_of("soun", 1, header("mdhd", 1000, 250), sample_entry("Opus", 1, 48'000))), "1 x 48000 Hz, 250 ms"},
};

const std::vector<Claim> aac_claims{
    {"mono at 48 kHz, whatever the entry says", aac(big(0b00010'0011'0001'000, 2)), "1 x 48000 Hz, 500 ms"},
    {"seven and one channels", aac(big(0b00010'0011'0111'000, 2)), "8 x 48000 Hz, 500 ms"},
    {"channels that the stream tells", aac(big(0b00010'0011'0000'000, 2)), "2 x 48000 Hz, 500 ms"},
    {"channels that are reserved", aac(big(0b00010'0011'1111'000, 2)), "2 x 48000 Hz, 500 ms"},
    {"a rate that is reserved", aac(big(0b00010'1101'0001'000, 2)), "1 x 44100 Hz, 500 ms"},
    {"a rate that is written out", aac(big(0b00010'1111ULL << 31U | 12'345ULL << 7U | 1U << 3U, 5)),
     "1 x 12345 Hz, 500 ms"},
    {"spectral band replication", aac(big(std::uint64_t{0b00101'0111'0010'0100} << 7U, 3)), "2 x 44100 Hz, 500 ms"},
    {"an escaped type", aac(big(std::uint64_t{0b11111'000000'0011'0001} << 5U, 3)), "1 x 48000 Hz, 500 ms"},
    {"another codec", aac(big(0b00010'0011'0001'000, 2), 0x6b), "2 x 44100 Hz, 500 ms"},
    {"a descriptor with more fields", aac(big(0b00010'0011'0001'000, 2), 0x40, 0x80), "2 x 44100 Hz, 500 ms"},
    {"parametric stereo", aac(big(std::uint64_t{0b11101'0110'0001'0011} << 7U, 3)), "2 x 48000 Hz, 500 ms"},
    {"no config to speak of", aac("x"), "2 x 44100 Hz, 500 ms"},
};

// Fragments of track 1, whose time has 1,000 units in a second.
std::string tfhd(unsigned track, unsigned flags, std::string_view fields = {}) {
  return full_box("tfhd", big(track, 4).append(fields), 0, flags);
}
std::string tfdt(unsigned time) { return full_box("tfdt", big(time, 4)); }
std::string trun(unsigned samples, unsigned flags = 0, std::string_view fields = {}) {
  return full_box("trun", big(samples, 4).append(fields), 0, flags);
}
std::string fragment(std::string_view boxes) {
  return box("moof", full_box("mfhd", big(1, 4)).append(boxes)) + box("mdat", std::string(50, 'x'));
}
std::string part(unsigned time, std::string_view runs, unsigned track = 1) {
  return box("traf", tfhd(track, 0) + tfdt(time).append(runs));
}
std::string fragmented(std::string_view fragments, unsigned declared = 0, std::string_view more = {}) {
  const std::string trex = full_box("trex", big(1, 4) + big(1, 4) + big(20, 4) + big(0, 8));
  const std::string mehd = declared == 0 ? "" : full_box("mehd", big(declared, 4));
  return ftyp() +
         box("moov", header("mvhd", 1000, 7) + sound + box("mvex", mehd + trex).append(more)).append(fragments);
}
const std::string first = fragment(part(0, trun(10)));

const std::vector<Claim> fragment_claims{
    {"as it is declared", fragmented(first, 700), "2 x 44100 Hz, 700 ms"},
    {"declared as not known", fragmented(first, all_ones), "2 x 44100 Hz, 200 ms"},
    {"one fragment", fragmented(first), "2 x 44100 Hz, 200 ms"},
    {"no fragment", fragmented(""), "2 x 44100 Hz"},
    {"two fragments", fragmented(first + fragment(part(1000, trun(10)))), "2 x 44100 Hz, 1200 ms"},
    {"a gap in front", fragmented(fragment(part(5000, trun(10))) + fragment(part(6000, trun(5)))),
     "2 x 44100 Hz, 1100 ms"},
    {"a fragment of another track behind", fragmented(first + fragment(part(9000, trun(10), 2))),
     "2 x 44100 Hz, 200 ms"},
    {"the track behind another one", fragmented(first + fragment(part(9000, trun(1), 2) + part(300, trun(10)))),
     "2 x 44100 Hz, 500 ms"},
    {"a last fragment that is cut off", fragmented(first + fragment(part(9000, trun(10))).substr(0, 60)),
     "2 x 44100 Hz, 200 ms"},
    {"several runs", fragmented(first + fragment(part(1000, trun(10) + trun(5)))), "2 x 44100 Hz, 1300 ms"},
    {"samples with a duration each",
     fragmented(first +
                fragment(part(1000, trun(2, 0x301, big(0, 4) + big(30, 4) + big(9, 4) + big(40, 4) + big(9, 4))))),
     "2 x 44100 Hz, 1070 ms"},
    {"more samples than the run has", fragmented(first + fragment(part(1000, trun(3, 0x100, big(30, 4) + big(40, 4))))),
     "2 x 44100 Hz, 200 ms"},
    {"fields that the run has not", fragmented(first + fragment(part(1000, trun(0, 0x105)))), "2 x 44100 Hz, 200 ms"},
    {"samples of the fragment's duration",
     fragmented(first +
                fragment(box("traf", tfhd(1, 0x0b, big(0, 8) + big(1, 4) + big(50, 4)) + tfdt(1000) + trun(4)))),
     "2 x 44100 Hz, 1200 ms"},
    {"a time of 64 bits",
     fragmented(first + fragment(box("traf", tfhd(1, 0) + full_box("tfdt", big(1000, 8), 1) + trun(10)))),
     "2 x 44100 Hz, 1200 ms"},
    {"a time at the end of 64 bits",
     fragmented(first + fragment(box("traf", tfhd(1, 0) + full_box("tfdt", big(UINT64_MAX - 5, 8), 1) + trun(10)))),
     "2 x 44100 Hz, 200 ms"},
    {"a time over a second a byte", fragmented(first + fragment(part(all_ones, trun(10)))), "2 x 44100 Hz"},
    {"a fragment without a time", fragmented(first + fragment(box("traf", tfhd(1, 0) + trun(10)))),
     "2 x 44100 Hz, 200 ms"},
    {"a first fragment without a time",
     fragmented(fragment(box("traf", tfhd(1, 0) + trun(10))) + fragment(part(9, trun(1)))), "2 x 44100 Hz"},
    {"time that runs backwards", fragmented(fragment(part(5000, trun(1))) + fragment(part(10, trun(1)))),
     "2 x 44100 Hz"},
    {"the word moof in the sound", fragmented(first + box("mdat", "xxxxmoof" + big(0, 30))), "2 x 44100 Hz, 200 ms"},
    {"the last fragment out of reach", fragmented(first + box("mdat", std::string(std::size_t{1} << 20U, 'x'))),
     "2 x 44100 Hz"},
};

std::string long_element(std::uint64_t id, unsigned id_width, std::string_view body) {
  return big(id, id_width) + big(0x01ULL << 56U | body.size(), 8).append(body);
}
std::string open_element(std::uint64_t id) { return big(id, 4) + big(0x01ffffffffffffff, 8); }
std::string duration_of(double value) { return element(0x4489, 2, big(std::bit_cast<std::uint64_t>(value), 8)); }
std::string duration_of(float value) { return element(0x4489, 2, big(std::bit_cast<std::uint32_t>(value), 4)); }
std::string scale(std::uint64_t nanoseconds) { return element(0x2ad7b1, 3, big(nanoseconds, 8)); }
std::string audio_of(double rate, unsigned channels) {
  return element(0xe1, 1,
                 element(0xb5, 1, big(std::bit_cast<std::uint64_t>(rate), 8)) + element(0x9f, 1, big(channels, 1)));
}
std::string tracks_of(std::string_view audio) {
  return element(0x1654ae6b, 4, element(0xae, 1, element(0x83, 1, "\2").append(audio)));
}
const std::string stereo = tracks_of(audio_of(48'000, 2));
/// A recorder's file: nothing is closed.
std::string live(std::string_view info, std::string_view clusters, std::string_view tracks = stereo) {
  return webm_header() + open_element(0x18538067) + element(0x1549a966, 4, info).append(tracks).append(clusters);
}
std::string cluster(unsigned time, std::string_view blocks) {
  return open_element(0x1f43b675) + element(0xe7, 1, big(time, 4)).append(blocks);
}
std::string block(int time, std::string_view track = "\x81") {
  return element(0xa3, 1, std::string(track) + big(static_cast<std::uint16_t>(time), 2) + "\x80some sound");
}
const std::string clusters = cluster(0, block(0) + block(20)) + cluster(400, block(0) + block(80) + block(60));

const std::vector<Claim> webm_claims{
    {"as it says", live(duration_of(500.4), clusters), "2 x 48000 Hz, 500 ms"},
    {"in 32 bits", live(duration_of(500.6F), clusters), "2 x 48000 Hz, 501 ms"},
    {"in other units", live(scale(100'000) + duration_of(5000.0), clusters), "2 x 48000 Hz, 500 ms"},
    {"more than a second a byte", live(duration_of(1e9), clusters), "2 x 48000 Hz"},
    {"by its last block", live("", clusters), "2 x 48000 Hz, 480 ms"},
    {"by its last block in other units", live(scale(500'000), clusters), "2 x 48000 Hz, 240 ms"},
    {"no time at all", live(duration_of(0.0), clusters), "2 x 48000 Hz, 480 ms"},
    {"no number", live(duration_of(std::numeric_limits<double>::quiet_NaN()), clusters), "2 x 48000 Hz, 480 ms"},
    {"infinite", live(duration_of(std::numeric_limits<double>::infinity()), clusters), "2 x 48000 Hz, 480 ms"},
    {"negative", live(duration_of(-500.0), clusters), "2 x 48000 Hz, 480 ms"},
    {"of three bytes", live(element(0x4489, 2, "xyz"), clusters), "2 x 48000 Hz, 480 ms"},
    {"units of no time", live(scale(0) + duration_of(500.0), clusters), "2 x 48000 Hz"},
    {"units of all time", live(scale(UINT64_MAX) + duration_of(500.0), clusters), "2 x 48000 Hz"},
    {"a beginning that is not 0", live("", cluster(1000, block(0)) + cluster(2000, block(5))), "2 x 48000 Hz, 1005 ms"},
    {"time that runs backwards", live("", cluster(1000, block(0)) + cluster(20, block(5))), "2 x 48000 Hz"},
    {"a block before its cluster", live("", cluster(0, block(0)) + cluster(400, block(-20))), "2 x 48000 Hz, 400 ms"},
    {"a cluster without blocks", live("", cluster(0, block(0)) + cluster(400, "")), "2 x 48000 Hz, 400 ms"},
    {"a cluster behind a checksum",
     live("", cluster(0, block(0)) + open_element(0x1f43b675) + element(0xbf, 1, big(0, 4)) +
                  element(0xe7, 1, big(300, 2))),
     "2 x 48000 Hz, 300 ms"},
    {"a cluster without a time", live("", cluster(0, block(20)) + open_element(0x1f43b675) + block(90)),
     "2 x 48000 Hz, 20 ms"},
    {"a first cluster without a time", live("", open_element(0x1f43b675) + block(90) + cluster(0, block(20))),
     "2 x 48000 Hz"},
    {"a block that is cut off", live("", cluster(0, block(20) + block(40).substr(0, 8))), "2 x 48000 Hz, 20 ms"},
    {"blocks in groups",
     live("", cluster(0, block(20) + element(0xa0, 1,
                                             element(0xfb, 1, "x") +
                                                 element(0xa1, 1, "\x81" + big(60, 2) + std::string(2, 'x'))))),
     "2 x 48000 Hz, 60 ms"},
    {"a group without a block", live("", cluster(0, block(20) + element(0xa0, 1, element(0xfb, 1, "x")))),
     "2 x 48000 Hz, 20 ms"},
    {"a track with a long number", live("", cluster(0, block(20, "\x40\x81"))), "2 x 48000 Hz, 20 ms"},
    {"a block too short for its time", live("", cluster(0, element(0xa3, 1, "\x81x") + block(20))),
     "2 x 48000 Hz, 20 ms"},
    {"a block of no track", live("", cluster(0, element(0xa3, 1, std::string(4, '\0')) + block(20))),
     "2 x 48000 Hz, 20 ms"},
    {"other elements behind", live("", cluster(0, block(20)) + long_element(0x1c53bb6b, 4, block(99))),
     "2 x 48000 Hz, 20 ms"},
    {"a cluster far from the end",
     live("", cluster(0, block(0)) + cluster(400, long_element(0xec, 1, std::string(900'000, 'x')) + block(80))),
     "2 x 48000 Hz, 480 ms"},
    {"a cluster too far from the end",
     live("", cluster(0, block(0)) + cluster(400, long_element(0xec, 1, std::string(std::size_t{1} << 20U, 'x')))),
     "2 x 48000 Hz"},
    {"no cluster", live("", ""), "2 x 48000 Hz"},
    {"no words on the sound", live("", clusters, tracks_of("")), "0 x 0 Hz, 480 ms"},
    {"what is not said is 8 kHz and one channel", live("", clusters, tracks_of(element(0xe1, 1, ""))),
     "1 x 8000 Hz, 480 ms"},
    {"no channels", live("", clusters, tracks_of(audio_of(48'000, 0))), "0 x 48000 Hz, 480 ms"},
    {"a rate of gigahertz", live("", clusters, tracks_of(audio_of(1e300, 2))), "2 x 0 Hz, 480 ms"},
    {"a rate that is none", live("", clusters, tracks_of(audio_of(std::numeric_limits<double>::quiet_NaN(), 2))),
     "2 x 0 Hz, 480 ms"},
    {"the sound behind a picture",
     live("", clusters,
          element(0x1654ae6b, 4, track_entry(1) + element(0xae, 1, element(0x83, 1, "\2") + audio_of(44'100, 1)))),
     "1 x 44100 Hz, 480 ms"},
};

}  // namespace

TEST_CASE("MP4 files are as long as their movie, or their sound track", "[probe]") { check(movie_claims); }
TEST_CASE("AAC in MP4 is as its decoder is told", "[probe]") { check(aac_claims); }
TEST_CASE("Fragmented MP4 files end with their last fragment", "[probe]") { check(fragment_claims); }
TEST_CASE("WebM files are as long as they say, or to their last block", "[probe]") { check(webm_claims); }

}  // namespace audiostore::audio_test
