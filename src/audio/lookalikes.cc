#include "audio/lookalikes.h"

#include "audio/mpeg_frame.h"
#include "core/text.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>
#include <string_view>

namespace audiostore {
namespace {

using namespace std::string_view_literals;

struct Magic {
  std::size_t offset;
  std::string_view bytes;
  std::string_view name;
};

// The first that fits counts.
constexpr std::array<Magic, 37> magics{{
    {0, "\x89PNG\r\n\x1a\n"sv, "a PNG image"},
    {0, "\xff\xd8\xff"sv, "a JPEG image"},
    {0, "GIF87a"sv, "a GIF image"},
    {0, "GIF89a"sv, "a GIF image"},
    {0, "%PDF-"sv, "a PDF document"},
    {0, "PK\x03\x04"sv, "a ZIP archive"},
    {0, "PK\x05\x06"sv, "a ZIP archive"},
    {0, "\x1f\x8b\x08"sv, "gzip-compressed data"},
    {0, "Rar!\x1a\x07"sv, "a RAR archive"},
    {0, "7z\xbc\xaf\x27\x1c"sv, "a 7-Zip archive"},
    {0,
     "\x7f"
     "ELF"sv,
     "a program (ELF)"},
    {0, "\xcf\xfa\xed\xfe"sv, "a program (Mach-O)"},
    {8, "AVI "sv, "an AVI video"},
    {8, "WEBP"sv, "a WebP image"},
    {8, "RMID"sv, "a MIDI file"},
    {0, "RIFX"sv, "a big-endian WAV file"},
    {0, "RIFF"sv, "a RIFF file that is no WAV"},
    {0, "FORM"sv, "an IFF file that is no AIFF"},
    {0, "riff\x2e\x91\xcf\x11"sv, "a Wave64 file"},
    {0, "MThd"sv, "a MIDI file"},
    {0, "#!AMR"sv, "AMR audio"},
    {0, "\x30\x26\xb2\x75\x8e\x66\xcf\x11"sv, "a Windows Media file"},
    {0, "caff"sv, "a Core Audio file"},
    {0, ".snd"sv, "a Sun audio file"},
    {0, "wvpk"sv, "a WavPack file"},
    {0, "MAC "sv, "a Monkey's Audio file"},
    {0, "FLV\x01"sv, "a Flash video"},
    {0, "\x00\x00\x01\xba"sv, "an MPEG video"},
    {0, "\x1a\x45\xdf\xa3"sv, "a WebM or Matroska file"},
    {0, "OggS"sv, "an Ogg file"},
    {0, "fLaC"sv, "a FLAC file"},
    {4, "ftyp"sv, "an MP4 file"},
    {4, "moov"sv, "a QuickTime movie"},
    {4, "mdat"sv, "a QuickTime movie"},
    {0, "SQLite format 3\0"sv, "a SQLite database"},
    {0,
     "\xff\xfe"
     "<\0"sv,
     "markup in UTF-16"},
    {0, "\xfe\xff\0<"sv, "markup in UTF-16"},
}};

std::optional<std::string_view> by_magic(std::string_view head) {
  for (const Magic& magic : magics)
    if (head.size() >= magic.offset && head.substr(magic.offset).starts_with(magic.bytes)) return magic.name;
  return std::nullopt;
}

std::optional<std::string_view> by_mpeg_header(std::string_view head) {
  if (head.size() < 4) return std::nullopt;
  std::uint32_t header = 0;
  for (const char c : head.substr(0, 4)) header = header << 8U | static_cast<unsigned char>(c);
  if (is_adts(header)) return "raw AAC (ADTS)";
  if (is_other_mpeg_layer(header)) return "MPEG audio of layer I or II";
  if (mp3_frame_length(header)) return "an MP3 frame header without more frames where it says";
  return std::nullopt;
}

std::optional<std::string_view> by_markup(std::string_view head) {
  if (head.starts_with("\xef\xbb\xbf")) head.remove_prefix(3);
  head.remove_prefix(std::min(head.find_first_not_of(" \t\r\n\f"), head.size()));
  if (!head.starts_with('<')) return std::nullopt;
  const std::string lower = to_lower(head);
  if (lower.starts_with("<?php")) return "a PHP script";
  const auto html = lower.find("<html");
  const auto svg = lower.find("<svg");
  if (svg < html) return "an SVG image";
  if (lower.starts_with("<?xml") && html == std::string::npos) return "an XML document";
  return "an HTML document";
}

/// UTF-8 without control characters but those of layout; the last character may be cut.
bool is_text(std::string_view head) {
  const auto is_control = [](char c) {
    return static_cast<unsigned char>(c) < 0x20 && "\t\n\r\f"sv.find(c) == std::string_view::npos;
  };
  if (std::ranges::any_of(head, is_control)) return false;
  for (std::size_t cut = 0; cut < 4 && cut < head.size(); ++cut)
    if (is_valid_utf8(head.substr(0, head.size() - cut))) return true;
  return false;
}

std::string first_bytes_in_hex(std::string_view head) {
  std::string hex;
  for (const char c : head.substr(0, 8)) hex += fmt::format(" {:02x}", static_cast<unsigned char>(c));
  return hex;
}

}  // namespace

std::string describe_bytes(BoundedReader& reader, std::uint64_t offset) {
  const std::string head = reader.text(offset, 1024);
  if (head.empty()) return "nothing";
  if (const auto name = by_magic(head)) return std::string(*name);
  if (const auto name = by_mpeg_header(head)) return std::string(*name);
  if (is_text(head)) return std::string(by_markup(head).value_or("plain text"));
  if (const auto name = by_markup(head)) return fmt::format("{} with binary data in it", *name);
  if (head.starts_with("MZ")) return "a program (Windows)";
  if (head.find_first_not_of('\0') == std::string::npos) return "zero bytes";
  return fmt::format("unknown bytes ({} ...)", first_bytes_in_hex(head).substr(1));
}

}  // namespace audiostore
