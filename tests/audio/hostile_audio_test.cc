#include "audio/audio_bytes.h"

#include <catch2/catch.hpp>

namespace audiostore::audio_test {
namespace {

using namespace std::string_literals;

struct HostileFile {
  std::string what;
  std::string bytes;
  std::string found;  // how the refusal ends
};

std::string fmt_and_data() { return wav_chunk("fmt ", pcm_fmt()) + wav_chunk("data", "\1\2"); }
std::string moov(std::string_view traks) { return box("moov", traks); }

/// Boxes of one type in each other.
std::string nested(std::string_view type, int depth) {
  std::string bytes;
  for (int i = 0; i < depth; ++i) bytes = box(type, bytes);
  return bytes;
}

const std::vector<HostileFile> other_things{
    {"HTML", "<!DOCTYPE html><script>alert(1)</script>", "an HTML document"},
    {"HTML behind a byte order mark and blanks", "\xef\xbb\xbf \n<HTML>", "an HTML document"},
    {"a script tag", "<script>alert(1)</script>", "an HTML document"},
    {"SVG", "<svg xmlns=\"http://www.w3.org/2000/svg\" onload=\"alert(1)\"/>", "an SVG image"},
    {"SVG behind an XML declaration", "<?xml version=\"1.0\"?><!-- x --><svg/>", "an SVG image"},
    {"XML", "<?xml version=\"1.0\"?><Error/>", "an XML document"},
    {"PHP", "<?php system($_GET['c']);", "a PHP script"},
    {"text", "RIFFS are what guitarists play, WAVEs are for surfers", "a RIFF file that is no WAV"},
    {"plain text", "Gr\xc3\xbc\xc3\x9f Gott\n", "plain text"},
    {"a shell script", "#!/bin/sh\nrm -rf /\n", "plain text"},
    {"PNG", "\x89PNG\r\n\x1a\n\0\0\0\rIHDR"s, "a PNG image"},
    {"JPEG", "\xff\xd8\xff\xe0\0\x10JFIF"s, "a JPEG image"},
    {"GIF", "GIF89a\1\0\1\0"s, "a GIF image"},
    {"PDF", "%PDF-1.7\n%\xe2\xe3", "a PDF document"},
    {"ZIP", "PK\3\4\x14\0"s, "a ZIP archive"},
    {"ELF",
     "\x7f"
     "ELF\2\1\1\0"s,
     "a program (ELF)"},
    {"PE", "MZ\x90\0\3\0\0\0"s, "a program (Windows)"},
    {"zero bytes", std::string(5000, '\0'), "zero bytes"},
    {"one byte", "\x80", "unknown bytes (80 ...)"},
    {"noise", "\x01\x02\x03\x04\x05\x06\x07\x08\x09", "unknown bytes (01 02 03 04 05 06 07 08 ...)"},
    {"UTF-16 HTML", "\xff\xfe<\0h\0t\0m\0l\0>\0"s, "markup in UTF-16"},
    {"a big-endian WAV", "RIFX" + wav("").substr(4), "a big-endian WAV file"},
    {"WebP", wav("VP8 ", "WEBP"), "a WebP image"},
    {"another IFF", "FORM" + big(4, 4) + "8SVX", "an IFF file that is no AIFF"},
    {"QuickTime without ftyp", box("moov", "") + box("mdat", "x"), "a QuickTime movie"},
};

const std::vector<HostileFile> riff_files{
    {"RIFF and a script", "RIFF=1/*WAVE*/;alert(1)//", "a WAV file without a fmt chunk"},
    {"RIFF, WAVE and a script", wav("*/;alert(1);/*"), "a WAV file without a fmt chunk"},
    {"RIFF, WAVE and nothing", wav(""), "a WAV file without a fmt chunk"},
    {"AVI with a WAVE inside", wav("LIST" + wav(fmt_and_data()), "AVI "), "an AVI video"},
    {"no data chunk", wav(wav_chunk("fmt ", pcm_fmt())), "a WAV file without a data chunk"},
    {"data in front of fmt", wav(wav_chunk("data", "xx") + wav_chunk("fmt ", pcm_fmt())),
     "a WAV file without a data chunk"},
    {"fmt too short", wav(wav_chunk("fmt ", pcm_fmt().substr(0, 14)) + wav_chunk("data", "")),
     "a WAV file with a broken fmt chunk"},
    {"fmt cut off", wav("fmt " + little(16, 4) + "\1\0"s), "a WAV file with a broken fmt chunk"},
    {"no channel", wav(wav_chunk("fmt ", pcm_fmt(1, 0)) + wav_chunk("data", "")), "a WAV file with a broken fmt chunk"},
    {"no sample rate", wav(wav_chunk("fmt ", pcm_fmt(1, 1, 0)) + wav_chunk("data", "")),
     "a WAV file with a broken fmt chunk"},
    {"no block", wav(wav_chunk("fmt ", pcm_fmt(1, 1, 8000, 0)) + wav_chunk("data", "")),
     "a WAV file with a broken fmt chunk"},
    {"no codec", wav(wav_chunk("fmt ", pcm_fmt(0)) + wav_chunk("data", "")), "a WAV file with a broken fmt chunk"},
    {"extensible, but not", wav(wav_chunk("fmt ", pcm_fmt(0xfffe)) + wav_chunk("data", "")),
     "a WAV file with a broken fmt chunk"},
    {"a chunk of 4 GiB in front", wav("LIST" + little(0xffffffff, 4) + fmt_and_data()),
     "a WAV file without a fmt chunk"},
    {"AIFF without COMM", "FORM" + big(20, 4) + "AIFFSSND" + big(0, 4), "an AIFF file without a COMM chunk"},
    {"AIFF with COMM cut off", "FORM" + big(20, 4) + "AIFFCOMM" + big(18, 4) + big(1, 2),
     "an AIFF file with a broken COMM chunk"},
    {"AIFF without a channel", "FORM" + big(46, 4) + "AIFFCOMM" + big(18, 4) + std::string(18, '\0'),
     "an AIFF file with a broken COMM chunk"},
};

const std::string live_segment = big(0x18538067, 4) + big(0x01ffffffffffffff, 8);

const std::string cluster = element(0x1f43b675, 4, "sound");
std::string tracks(unsigned type) { return element(0x1654ae6b, 4, track_entry(type)); }

/// Padding, one piece after the other, over which the reader does not come.
const std::string far_away = [] {
  std::string voids;
  for (int i = 0; i < 100; ++i) voids += "\xec" + big(0x4000 | 5000, 2) + std::string(5000, ' ');
  return voids;
}();

const std::vector<HostileFile> webm_files{
    {"EBML alone", big(0x1a45dfa3, 4), "an EBML file without a DocType"},
    {"an EBML header of unknown size", big(0x1a45dfa3, 4) + "\xff" + element(0x4282, 2, "webm"),
     "an EBML file without a DocType"},
    {"an EBML header whose unknown size, read as a number, fits",
     big(0x1a45dfa3, 4) + "\xff" + element(0x4282, 2, "webm") + element(0xec, 1, std::string(118, ' ')) +
         webm("").substr(webm_header().size()),
     "an EBML file without a DocType"},
    {"an EBML header of 2^56 - 2 bytes", big(0x1a45dfa3, 4) + big(0x01fffffffffffffe, 8) + element(0x4282, 2, "webm"),
     "an EBML file without a DocType"},
    {"a DocType longer than the header", element(0x1a45dfa3, 4, big(0x4282, 2) + "\xfewebm"),
     "an EBML file without a DocType"},
    {"a DocType with a size of nine bytes", element(0x1a45dfa3, 4, big(0x4282, 2) + "\0webm"s),
     "an EBML file without a DocType"},
    {"an element ID of five bytes", element(0x1a45dfa3, 4, "\x08\1\1\1\1\x80"), "an EBML file without a DocType"},
    {"another DocType", webm_header("x\x1b[31m"), "an EBML file of DocType 'x\\x1b[31m'"},
    {"an empty DocType", webm_header(""), "an EBML file of DocType ''"},
    {"Matroska", webm_header("matroska") + live_segment + element(0x1654ae6b, 4, track_entry(2)), "a Matroska file"},
    {"no segment", webm_header(), "a WebM file without a segment"},
    {"a script behind the header", webm_header() + "<script>", "a WebM file without a segment"},
    {"an empty segment", webm_header() + live_segment, "a WebM file without tracks in front of its clusters"},
    {"tracks behind a live cluster",
     webm_header() + live_segment + big(0x1f43b675, 4) + "\xff" + element(0x1654ae6b, 4, track_entry(2)),
     "a WebM file without tracks in front of its clusters"},
    {"tracks behind a cluster", webm_header() + live_segment + cluster + tracks(2),
     "a WebM file without tracks in front of its clusters"},
    {"a second EBML file behind live tracks", webm_header() + live_segment + tracks(2) + webm(track_entry(1)),
     "a WebM file with broken elements in front of its clusters"},
    {"a second segment in a live one", webm_header() + live_segment + tracks(2) + live_segment + tracks(1),
     "a WebM file with broken elements in front of its clusters"},
    {"a second segment", webm(track_entry(2)) + element(0xec, 1, "x") + element(0x18538067, 4, tracks(1)),
     "a WebM file of two segments"},
    {"more tracks behind a segment without clusters", webm(track_entry(2)) + tracks(1) + cluster,
     "a WebM file with broken elements in front of its clusters"},
    {"more tracks in front of the segment",
     webm_header() + tracks(1) + webm(track_entry(2)).substr(webm_header().size()), "a WebM file without a segment"},
    {"a picture behind a void of unknown size",
     webm_header() + live_segment + tracks(2) + "\xec\xff" + tracks(1) + cluster,
     "a WebM file with broken elements in front of its clusters"},
    {"a picture behind a void that is too long",
     webm_header() + live_segment + tracks(2) + "\xec\xfe" + tracks(1) + cluster,
     "a WebM file with broken elements in front of its clusters"},
    {"a picture behind what is no element", webm_header() + live_segment + tracks(2) + '\0' + tracks(1) + cluster,
     "a WebM file with broken elements in front of its clusters"},
    {"a picture out of the reader's reach", webm_header() + live_segment + tracks(2) + far_away + tracks(1) + cluster,
     "a WebM file with broken elements in front of its clusters"},
    {"tracks out of the reader's reach", webm_header() + live_segment + far_away + tracks(2) + cluster,
     "a WebM file with broken elements in front of its clusters"},
    {"a picture that says first that it is sound",
     webm(element(0xae, 1, element(0x83, 1, "\2") + element(0x83, 1, "\1"))),
     "a WebM file with broken elements in front of its clusters"},
    {"a picture that says last that it is sound",
     webm(element(0xae, 1, element(0x83, 1, "\1") + element(0x83, 1, "\2"))),
     "a WebM file with broken elements in front of its clusters"},
    {"sound with something of unknown size behind its type",
     webm(element(0xae, 1, element(0x83, 1, "\2") + "\xec\xff")),
     "a WebM file with broken elements in front of its clusters"},
    {"two DocTypes", element(0x1a45dfa3, 4, element(0x4282, 2, "webm") + element(0x4282, 2, "matroska")),
     "an EBML file without a DocType"},
    {"tracks of unknown size", webm_header() + live_segment + big(0x1654ae6b, 4) + "\xff" + track_entry(2),
     "a WebM file with broken elements in front of its clusters"},
    {"tracks past the end", webm_header() + live_segment + big(0x1654ae6b, 4) + "\xfe" + track_entry(2),
     "a WebM file with broken elements in front of its clusters"},
    {"no track", webm(""), "a WebM file with no audio track"},
    {"subtitles alone", webm(track_entry(0x11)), "a WebM file with no audio track"},
    {"a track without a type", webm(track_entry(2) + element(0xae, 1, element(0xd7, 1, "\1"))),
     "a WebM file with broken elements in front of its clusters"},
    {"a track type of no bytes", webm(element(0xae, 1, element(0x83, 1, ""))),
     "a WebM file with broken elements in front of its clusters"},
    {"a track type of nine bytes", webm(element(0xae, 1, element(0x83, 1, std::string(8, '\0') + "\2"))),
     "a WebM file with broken elements in front of its clusters"},
    {"a track of unknown size", webm("\xae\xff" + element(0x83, 1, "\2")),
     "a WebM file with broken elements in front of its clusters"},
    {"a track longer than the tracks", webm("\xae\x84" + element(0x83, 1, "\2")),
     "a WebM file with broken elements in front of its clusters"},
    {"a track type longer than its track", webm(element(0xae, 1, "\x83\x82\2")),
     "a WebM file with broken elements in front of its clusters"},
    {"a picture behind a broken track", webm(track_entry(2) + "\xae\xfe" + track_entry(1)),
     "a WebM file with broken elements in front of its clusters"},
};

std::string hdlr(std::string_view handler) { return box("hdlr", big(0, 8).append(handler).append(13, '\0')); }
std::string mdia(std::string_view boxes) { return box("mdia", boxes); }
/// The boxes that hold the sample description, here of one entry.
std::string minf(std::string_view entry) {
  return box("minf", box("stbl", box("stsd", big(0, 4) + big(1, 4) + box(entry, std::string(8, '\0')))));
}
std::string track_of(std::string_view handler, std::string_view entry) {
  return box("trak", mdia(hdlr(handler) + minf(entry)));
}
/// iTunes' metadata, and the same as QuickTime writes it.
std::string meta(std::string_view boxes) { return box("meta", big(0, 4).append(boxes)); }
std::string quicktime_meta(std::string_view boxes) { return box("meta", boxes); }

std::string free_boxes(int count) {
  std::string boxes;
  for (int i = 0; i < count; ++i) boxes += box("free", std::string(5000, ' '));
  return boxes;
}

/// Films that call themselves sound to who looks at one of their boxes only.
const std::vector<HostileFile> disguised_mp4_files{
    {"a false handler in front", ftyp() + moov(box("trak", mdia(hdlr("soun") + hdlr("vide") + minf("avc1")))),
     "an MP4 file with a broken moov box"},
    {"a false handler behind", ftyp() + moov(box("trak", mdia(hdlr("vide") + hdlr("soun") + minf("avc1")))),
     "an MP4 file with a broken moov box"},
    {"a false medium in front", ftyp() + moov(box("trak", mdia(hdlr("soun")) + mdia(hdlr("vide") + minf("avc1")))),
     "an MP4 file with a broken moov box"},
    {"a false medium behind", ftyp() + moov(box("trak", mdia(hdlr("vide") + minf("avc1")) + mdia(hdlr("soun")))),
     "an MP4 file with a broken moov box"},
    {"a handler in the track", ftyp() + moov(box("trak", mdia(hdlr("soun")) + hdlr("vide"))),
     "an MP4 file with a broken moov box"},
    {"a handler in minf", ftyp() + moov(box("trak", mdia(hdlr("soun") + box("minf", hdlr("vide"))))),
     "an MP4 file with a broken moov box"},
    {"a handler in edts", ftyp() + moov(box("trak", mdia(hdlr("soun")) + box("edts", hdlr("vide")))),
     "an MP4 file with a broken moov box"},
    {"a track in udta", ftyp() + moov(trak("soun") + box("udta", track_of("vide", "avc1"))),
     "an MP4 file with a broken moov box"},
    {"a track in a track", ftyp() + moov(box("trak", mdia(hdlr("soun")) + track_of("vide", "avc1"))),
     "an MP4 file with a broken moov box"},
    {"a track beside the movie", ftyp() + moov(trak("soun")) + track_of("vide", "avc1"),
     "an MP4 file with a stray trak box"},
    {"a sample description in metadata",
     ftyp() + moov(box("trak", meta(hdlr("mdir") + box("stsd", big(0, 8))) + mdia(hdlr("soun")))),
     "an MP4 file with a broken moov box"},
    {"two sample descriptions",
     ftyp() + moov(box("trak",
                       mdia(hdlr("soun") + box("minf", box("stbl", box("stsd", big(0, 8)) + box("stsd", big(0, 8))))))),
     "an MP4 file with a broken moov box"},
    {"metadata that does not begin with its handler",
     ftyp() + moov(trak("soun") + meta(big(0, 4) + hdlr("mdir") + trak("vide"))), "an MP4 file with a broken moov box"},
    {"two movies", ftyp() + moov(trak("soun")) + box("mdat", "x") + moov(trak("vide")),
     "an MP4 file with two moov boxes"},
    {"two movies, the picture first", ftyp() + moov(trak("vide") + trak("soun")) + moov(trak("soun")),
     "an MP4 file with two moov boxes"},
    {"two movies with a fragment between", ftyp() + moov(trak("soun")) + box("moof", "x") + moov(trak("vide")),
     "an MP4 file with two moov boxes"},
    {"a movie that calls itself free", ftyp() + box("free", box("mvhd", "") + trak("vide")) + moov(trak("soun")),
     "an MP4 file with two moov boxes"},
    {"a movie in a movie", ftyp() + moov(trak("soun") + box("free", box("mvhd", "") + trak("vide"))),
     "an MP4 file with a broken moov box"},
    {"a compressed movie beside the other", ftyp() + moov(trak("soun") + box("cmov", "x")),
     "an MP4 file with a broken moov box"},
    {"a second movie out of the reader's reach", ftyp() + moov(trak("soun")) + free_boxes(100) + moov(trak("vide")),
     "an MP4 file of more boxes than are looked at"},
    {"a movie out of the reader's reach", ftyp() + free_boxes(100) + moov(trak("soun")),
     "an MP4 file of more boxes than are looked at"},
};

const std::vector<HostileFile> mp4_files{
    {"ftyp and a script", "<!--ftypM4A --><script>", "an MP4 file with a broken ftyp box"},
    {"a box of size 0", big(0, 4) + "ftyp" + ftyp().substr(8),
     "an MP4 file without a moov box, as a recording that was cut off leaves"},
    {"a box of size 7", big(7, 4) + "ftyp" + ftyp().substr(8), "an MP4 file with a broken ftyp box"},
    {"a box of 4 GiB", big(0xffffffff, 4) + "ftyp" + ftyp().substr(8), "an MP4 file with a broken ftyp box"},
    {"a box of 2^64 - 1", big(1, 4) + "ftyp" + big(~std::uint64_t{0}, 8) + "M4A " + big(0, 4),
     "an MP4 file with a broken ftyp box"},
    {"a 64-bit box of size 15", big(1, 4) + "ftyp" + big(15, 8) + "M4A " + big(0, 4),
     "an MP4 file with a broken ftyp box"},
    {"a 64-bit box cut off", big(1, 4) + "ftyp" + big(0, 4), "an MP4 file with a broken ftyp box"},
    {"ftyp with a megabyte of brands", box("ftyp", std::string(1'000'000, 'x')), "an MP4 file with a broken ftyp box"},
    {"no brand", box("ftyp", ""), "an MP4 file with a broken ftyp box"},
    {"an unknown brand", box("ftyp", "evil" + big(0, 4) + "also") + moov(trak("soun")),
     "a media file of the unknown brand 'evil'"},
    {"a version that looks like a brand", box("ftyp", "evilM4A ") + moov(trak("soun")),
     "a media file of the unknown brand 'evil'"},
    {"an image", box("ftyp", "avif" + big(0, 4) + "isom") + moov(trak("soun")), "an AVIF or HEIF image"},
    {"3GPP", box("ftyp", "3gp4" + big(0, 4) + "isom") + moov(trak("soun")), "a 3GPP file"},
    {"QuickTime", box("ftyp", "qt  " + big(0, 4) + "isom") + moov(trak("soun")), "a QuickTime movie"},
    {"no moov", ftyp() + box("mdat", "x"), "an MP4 file without a moov box, as a recording that was cut off leaves"},
    {"moov behind a box of 2^63 bytes",
     ftyp() + big(1, 4) + "mdat" + big(std::uint64_t{1} << 63U, 8) + moov(trak("soun")),
     "an MP4 file without a moov box, as a recording that was cut off leaves"},
    {"moov past the end", ftyp() + big(1000, 4) + "moov" + trak("soun"),
     "an MP4 file without a moov box, as a recording that was cut off leaves"},
    {"an empty moov", ftyp() + moov(""), "an MP4 file with no audio track"},
    {"hdlr outside a track", ftyp() + moov(box("udta", hdlr("soun"))), "an MP4 file with a broken moov box"},
    {"metadata that say sound", ftyp() + moov(box("udta", meta(hdlr("soun")))), "an MP4 file with no audio track"},
    {"a track without a handler", ftyp() + moov(trak("soun") + box("trak", box("mdia", ""))),
     "an MP4 file with a broken moov box"},
    {"a handler cut off", ftyp() + moov(box("trak", box("mdia", box("hdlr", big(0, 8) + "so")))),
     "an MP4 file with a broken moov box"},
    {"a handler that goes on behind its box", ftyp() + moov(box("trak", box("mdia", box("hdlr", big(0, 8))) + "soun")),
     "an MP4 file with a broken moov box"},
    {"a picture behind a broken box", ftyp() + moov(trak("soun") + big(3, 4) + "free" + trak("vide")),
     "an MP4 file with a broken moov box"},
    {"a box of size 0 in moov", ftyp() + moov(big(0, 4) + "free" + trak("soun")) + box("free", ""),
     "an MP4 file with a broken moov box"},
    {"ten thousand boxes in each other", ftyp() + moov(nested("trak", 10'000)), "an MP4 file with a broken moov box"},
    {"a picture out of the reader's reach",
     ftyp() + moov(trak("soun") + box("free", std::string(300, ' ')) + free_boxes(100) + trak("vide")),
     "an MP4 file with a broken moov box"},
};

const std::vector<HostileFile> stream_files{
    {"HTML in ID3", id3("TIT2<html><script>alert(1)</script>"), "an ID3 tag in front of nothing"},
    {"HTML in and behind ID3", id3("<script>") + "<html>", "an ID3 tag in front of an HTML document"},
    {"ID3 longer than the file", "ID3\4\0\0\x7f\x7f\x7f\x7f"s + mp3_frame(),
     "an ID3 tag that is broken or longer than the file"},
    {"ID3 with a size that is not syncsafe", "ID3\4\0\0\0\0\0\x80"s + std::string(128, '\0') + mp3_frame(),
     "an ID3 tag that is broken or longer than the file"},
    {"ID3 cut off", "ID3\4", "an ID3 tag that is broken or longer than the file"},
    {"ID3 of version 255", "ID3\xff\0\0\0\0\0\0"s + mp3_frame(), "an ID3 tag that is broken or longer than the file"},
    {"five ID3 tags", id3("") + id3("") + id3("") + id3("") + id3("") + mp3_frame(),
     "an ID3 tag in front of unknown bytes (49 44 33 04 00 00 00 00 ...)"},
    {"ID3 in front of WAV", id3("x") + wav(fmt_and_data()), "an ID3 tag in front of a RIFF file that is no WAV"},
    {"an MP3 header and HTML", big(0xfffb9064, 4) + "<script>alert(1)</script>" + std::string(1000, ' '),
     "an MP3 frame header without more frames where it says"},
    {"a lone MP3 header", big(0xfffb9064, 4), "an MP3 frame header without more frames where it says"},
    {"two MP3 frames and HTML", mp3_frame() + mp3_frame() + "<html>",
     "an MP3 frame header without more frames where it says"},
    {"MP3 frames of different rates", mp3_frame() + big(0xfffb9464, 4) + std::string(380, '\0'),
     "an MP3 frame header without more frames where it says"},
    {"MP3 of free bit rate", big(0xfffb0064, 4) + std::string(1000, '\0'),
     "unknown bytes (ff fb 00 64 00 00 00 00 ...)"},
    {"a reserved MPEG version", big(0xffeb9064, 4) + std::string(1000, '\0'),
     "unknown bytes (ff eb 90 64 00 00 00 00 ...)"},
    {"HTML in front of MP3", "<html>" + mp3_frame() + mp3_frame() + mp3_frame(),
     "an HTML document with binary data in it"},
    {"Ogg and a script", "OggS<script>", "an Ogg file that is cut off in its headers"},
    {"Ogg of version 1", "OggS\1" + ogg_page("OpusHead", 2).substr(5), "an Ogg file that is cut off in its headers"},
    {"Ogg without a second page", ogg_page("OpusHead", 2), "an Ogg file that is cut off in its headers"},
    {"Ogg from its middle", ogg_page("OpusHead", 0) + ogg_page("x", 0),
     "an Ogg file that begins in the middle of a stream"},
    {"Ogg with nothing known", ogg_page("<script>", 2) + ogg_page("x", 0), "an Ogg file with video and no audio"},
    {"Ogg with half a codec", ogg_page("Opus", 2) + ogg_page("Head", 0), "an Ogg file with video and no audio"},
    {"FLAC alone", "fLaC", "a FLAC file that is cut off in its header"},
    {"FLAC and HTML", "fLaC<html>" + std::string(100, ' '), "a FLAC file with a broken STREAMINFO block"},
    {"FLAC that begins with another block", "fLaC\4\0\0\x22"s + std::string(34, '\1'),
     "a FLAC file with a broken STREAMINFO block"},
    {"FLAC without a sample rate", "fLaC\0\0\0\x22"s + big(0x10001000, 4) + std::string(30, '\0'),
     "a FLAC file with a broken STREAMINFO block"},
};

void check_refused(const std::vector<HostileFile>& files) {
  for (const HostileFile& hostile : files) {
    INFO(hostile.what);
    const std::string verdict = sniffed(hostile.bytes);
    CHECK_THAT(verdict, Catch::StartsWith("unsupported_media_type: expected audio/wav, "));
    CHECK_THAT(verdict, Catch::EndsWith("; found " + hostile.found));
  }
}

}  // namespace

TEST_CASE("What is no audio is refused by its name", "[audio]") { check_refused(other_things); }
TEST_CASE("RIFF and IFF files that are no audio are refused", "[audio]") { check_refused(riff_files); }
TEST_CASE("EBML files that are no audio are refused", "[audio]") { check_refused(webm_files); }
TEST_CASE("ISO media files that are no audio are refused", "[audio]") { check_refused(mp4_files); }
TEST_CASE("Films that call themselves sound are refused", "[audio]") { check_refused(disguised_mp4_files); }
TEST_CASE("Streams that are no audio are refused", "[audio]") { check_refused(stream_files); }

TEST_CASE("What the hostile files are made of is audio when put together well", "[audio]") {
  const std::string first_opus = ogg_page("OpusHead", 2);
  const std::vector<std::pair<std::string, std::string>> good{
      {wav(fmt_and_data()), "audio/wav"},
      {wav(wav_chunk("JUNK", "odd") + wav_chunk("fmt ", pcm_fmt()) + wav_chunk("LIST", "x") + wav_chunk("data", "")),
       "audio/wav"},
      {webm(track_entry(2)), "audio/webm"},
      {webm(track_entry(0x11) + track_entry(2)), "audio/webm"},
      {webm(track_entry(2) + track_entry(1)), "audio/webm with video"},
      {webm(track_entry(3)), "audio/webm with video"},
      {element(0x1a45dfa3, 4, element(0xec, 1, "void") + element(0x4282, 2, "webm\0"s)) + element(0xec, 1, "x") +
           live_segment + element(0xec, 1, "") + element(0x1654ae6b, 4, track_entry(2)),
       "audio/webm"},
      {webm_header() + live_segment + tracks(2) + tracks(2) + cluster + tracks(1), "audio/webm"},
      {webm_header() + live_segment + tracks(2) + tracks(1) + cluster, "audio/webm with video"},
      {webm(track_entry(2) + element(0xae, 1, element(0x83, 1, "\x11") + element(0xe0, 1, ""))),
       "audio/webm with video"},
      {ftyp() + moov(trak("soun")), "audio/mp4"},
      {box("ftyp", "evil" + big(0, 4) + "iso5") + moov(trak("soun")), "audio/mp4"},
      {ftyp() + box("mdat", "x") + moov(trak("text") + trak("soun")), "audio/mp4"},
      {ftyp() + big(1, 4) + "mdat" + big(20, 8) + "data" + moov(trak("soun")), "audio/mp4"},
      {ftyp() + big(0, 4) + "moov" + trak("soun"), "audio/mp4"},
      {ftyp() + moov(trak("vide") + trak("soun")), "audio/mp4 with video"},
      {ftyp() + moov(track_of("soun", "mp4a") + track_of("text", "tx3g")), "audio/mp4"},
      {ftyp() + moov(track_of("soun", "mp4a") + track_of("text", "avc1")), "audio/mp4 with video"},
      {ftyp() + moov(track_of("soun", "mp4a") + track_of("pict", "hvc1")), "audio/mp4 with video"},
      {ftyp() + moov(meta(hdlr("mdir") + box("ilst", "")) + trak("soun") +
                     box("udta", quicktime_meta(hdlr("mdta")) + big(0, 4))),
       "audio/mp4"},
      {ftyp() + moov(trak("soun")) + box("moof", box("traf", "")) + box("mdat", "x"), "audio/mp4"},
      {ftyp() + moov(trak("soun")) + box("moof", "") + free_boxes(100), "audio/mp4"},
      {ftyp() + moov(trak("soun")) + big(1000, 4) + "mdat cut off", "audio/mp4"},
      {mp3_frame(), "audio/mpeg"},
      {mp3_frame() + mp3_frame() + mp3_frame() + "anything", "audio/mpeg"},
      {mp3_frame() + "TAG" + std::string(125, ' '), "audio/mpeg"},
      {id3("<html>") + mp3_frame(), "audio/mpeg"},
      {id3("x") + id3("y") + std::string(100, '\0') + mp3_frame(), "audio/mpeg"},
      {first_opus + ogg_page("OpusTags", 0), "audio/ogg"},
      {ogg_page("fishead\0"s, 2) + first_opus + ogg_page("OpusTags", 0), "audio/ogg"},
      {ogg_page("BBCD"s + '\0', 2) + first_opus + ogg_page("OpusTags", 0), "audio/ogg with video"},
  };
  for (std::size_t i = 0; i < good.size(); ++i) {
    INFO("file " << i);
    CHECK(sniffed(good[i].first) == good[i].second);
  }
}

TEST_CASE("S13: what is audio and something else besides is served as audio and as nothing else", "[audio]") {
  const std::string html = "<html><script>alert(1)</script></html>";
  const std::string frames = mp3_frame() + mp3_frame() + mp3_frame();
  CHECK(sniffed(wav(wav_chunk("LIST", html) + fmt_and_data())) == "audio/wav");
  CHECK(sniffed(id3(html) + frames) == "audio/mpeg");
  CHECK(sniffed(frames + html) == "audio/mpeg");
  CHECK(sniffed(file("normal.m4a") + "PK\3\4\x14\0 a ZIP archive is read from its end"s) != "audio/zip");
  CHECK(sniffed(html + frames) != "audio/mpeg");
}

TEST_CASE("A short MP3 must end where its sound does", "[audio]") {
  const std::string html = "<html><script>alert(1)</script></html>";
  const std::string ape = "APETAGEX" + little(2000, 4) + little(32, 4) + little(0, 4) + std::string(12, '\0');
  CHECK(sniffed(mp3_frame()) == "audio/mpeg");
  CHECK(sniffed(mp3_frame() + "TAG" + std::string(125, ' ')) == "audio/mpeg");
  CHECK(sniffed(mp3_frame() + ape + std::string(32, '\0')) == "audio/mpeg");
  for (const std::string& rest : {"TAG" + html, ape + html, mp3_frame().substr(0, 4), html}) {
    CHECK(sniffed(mp3_frame() + rest) != "audio/mpeg");
  }
}

TEST_CASE("Streams of Ogg that nobody knows count as pictures", "[audio]") {
  const std::string opus = ogg_page("OpusHead\1\2", 2);
  const std::string end = ogg_page("OpusTags", 0);
  CHECK(sniffed(opus + end) == "audio/ogg");
  CHECK(sniffed(opus + ogg_page("fishead\0 a skeleton"s, 2) + end) == "audio/ogg");
  for (const std::string& packet : {"\x01videoXXX"s, "KW-DIRAC\0"s,
                                    "\x80"
                                    "daala"s,
                                    "BBCD\0"s, "anything else"s}) {
    CHECK(sniffed(opus + ogg_page(packet, 2) + end) == "audio/ogg with video");
  }
}

TEST_CASE("A track without the box that names its codec is refused", "[audio]") {
  const std::string hdlr = box("hdlr", big(0, 8) + "soun" + std::string(13, '\0'));
  CHECK(sniffed(ftyp() + moov(trak("soun"))) == "audio/mp4");
  CHECK(sniffed(ftyp() + moov(trak("soun") + box("trak", box("mdia", hdlr)))) != "audio/mp4");
}

TEST_CASE("The moov box is found behind a recording of any length", "[audio]") {
  std::string bytes = ftyp() + box("mdat", std::string(2'000'000, 'x'));
  for (int i = 0; i < 50; ++i) bytes += box("free", std::string(5000, ' '));
  CHECK(sniffed(bytes + moov(trak("soun"))) == "audio/mp4");
}

}  // namespace audiostore::audio_test
