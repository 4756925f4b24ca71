// Bytes of audio files for the tests: the real ones, and pieces to put together what no encoder writes.
#pragma once

#include <audiostore/audio.h>

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace audiostore::audio_test {

inline const std::filesystem::path directory = std::filesystem::path(AUDIOSTORE_TESTDATA) / "audio";

inline std::string file(std::string_view name) {
  std::ifstream in(directory / name, std::ios::binary);
  if (!in) throw std::runtime_error("cannot open " + std::string(name));
  return {std::istreambuf_iterator<char>(in), {}};
}

/// The names of all the real files.
inline std::vector<std::string> file_names() {
  std::vector<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(directory))
    if (entry.path().extension() != ".sh") names.push_back(entry.path().filename().string());
  return names;
}

/// `value` in `width` bytes.
inline std::string big(std::uint64_t value, unsigned width) {
  std::string bytes;
  for (unsigned i = width; i > 0; --i) bytes += static_cast<char>(i > 8 ? 0 : value >> 8U * (i - 1) & 0xffU);
  return bytes;
}

inline std::string little(std::uint64_t value, unsigned width) {
  const std::string bytes = big(value, width);
  return {bytes.rbegin(), bytes.rend()};
}

// ISO base media.
inline std::string box(std::string_view type, std::string_view body) {
  return big(body.size() + 8, 4).append(type).append(body);
}
inline std::string ftyp(std::string_view brand = "M4A ") {
  return box("ftyp", std::string(brand) + big(0, 4) + std::string(brand));
}
inline std::string no_entries() { return box("minf", box("stbl", box("stsd", big(0, 8)))); }
inline std::string trak(std::string_view handler) {
  return box("trak", box("mdia", box("hdlr", big(0, 8).append(handler).append(13, '\0')) + no_entries()));
}

// EBML: an element with a one-byte size, and one with whatever size is given.
inline std::string element(std::uint64_t id, unsigned id_width, std::string_view body) {
  return big(id, id_width).append(big(0x80 | body.size(), 1)).append(body);
}
inline std::string webm_header(std::string_view doc_type = "webm") {
  return element(0x1a45dfa3, 4, element(0x4282, 2, doc_type));
}
inline std::string track_entry(unsigned type) { return element(0xae, 1, element(0x83, 1, big(type, 1))); }
inline std::string webm(std::string_view track_entries) {
  return webm_header() + element(0x18538067, 4, element(0x1654ae6b, 4, track_entries));
}

// WAV and AIFF.
inline std::string wav_chunk(std::string_view id, std::string_view body) {
  return std::string(id).append(little(body.size(), 4)).append(body).append(body.size() % 2, '\0');
}
inline std::string pcm_fmt(unsigned tag = 1, unsigned channels = 1, unsigned rate = 8000, unsigned align = 2) {
  return little(tag, 2) + little(channels, 2) + little(rate, 4) + little(16000, 4) + little(align, 2) + little(16, 2);
}
inline std::string wav(std::string_view chunks, std::string_view form = "WAVE") {
  return "RIFF" + little(chunks.size() + 4, 4).append(form).append(chunks);
}

inline std::string ogg_page(std::string_view packet, unsigned flags) {
  return "OggS" + big(0, 1) + big(flags, 1) + std::string(20, '\0') + big(1, 1) + big(packet.size(), 1).append(packet);
}

inline std::string id3(std::string_view body) {
  const auto n = body.size();
  return "ID3" + big(0x0400, 2) + big(0, 1) + big(n >> 21U & 127U, 1) + big(n >> 14U & 127U, 1) +
         big(n >> 7U & 127U, 1) + big(n & 127U, 1).append(body);
}

/// One MP3 frame of 417 bytes: MPEG 1, layer III, 128 kbit/s, 44.1 kHz.
inline std::string mp3_frame() { return big(0xfffb9064, 4) + std::string(413, '\0'); }

/// What the library makes of bytes, for a table to compare: "audio/webm", "audio/webm with video", or the message of
/// the refusal behind its code.
inline std::string verdict(const Result<AudioInfo>& result) {
  if (!result) return std::string(to_string(result.error().code())) + ": " + result.error().message();
  return std::string(mime_type(result->format)) + (result->has_video ? " with video" : "");
}

inline std::string sniffed(std::string_view bytes) {
  return verdict(sniff_audio(Payload::from_memory(as_bytes(bytes))));
}

}  // namespace audiostore::audio_test
