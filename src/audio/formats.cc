#include "audio/formats.h"

#include "core/text.h"

#include <algorithm>
#include <array>

namespace audiostore {
namespace {

template <std::size_t N>
using Names = std::array<std::string_view, N>;

// video/webm, video/mp4 and video/ogg are aliases because that is what browsers and sniffers derive from the container
// (WHATWG MIME Sniffing has no audio/webm at all). Whether there is a picture is decided by the bytes in any case.
// audio/opus is registered for RTP (RFC 7587), yet is what many tools say of .opus files. audio/aac is no alias of
// mp4: it is ADTS, which is another container.
constexpr Names<4> wav_aliases{"audio/wave", "audio/x-wav", "audio/vnd.wave", "audio/x-pn-wav"};
constexpr Names<1> webm_aliases{"video/webm"};
constexpr Names<5> mp3_aliases{"audio/mp3", "audio/x-mp3", "audio/x-mpeg", "audio/mpeg3", "audio/x-mpeg-3"};
constexpr Names<6> ogg_aliases{"application/ogg",  "video/ogg",          "audio/opus",
                               "audio/x-opus+ogg", "audio/x-vorbis+ogg", "audio/x-flac+ogg"};
constexpr Names<4> mp4_aliases{"audio/m4a", "audio/x-m4a", "video/mp4", "application/mp4"};
constexpr Names<1> flac_aliases{"audio/x-flac"};
constexpr Names<3> aiff_aliases{"audio/x-aiff", "audio/aifc", "audio/x-aifc"};

constexpr Names<2> wav_extensions{"wav", "wave"};
constexpr Names<2> webm_extensions{"webm", "weba"};
constexpr Names<1> mp3_extensions{"mp3"};
constexpr Names<3> ogg_extensions{"ogg", "oga", "opus"};
constexpr Names<3> mp4_extensions{"m4a", "mp4", "m4b"};
constexpr Names<1> flac_extensions{"flac"};
constexpr Names<3> aiff_extensions{"aiff", "aif", "aifc"};

constexpr std::array<AudioFormatNames, 7> table{{
    {AudioFormat::wav, "audio/wav", wav_aliases, wav_extensions},
    {AudioFormat::webm, "audio/webm", webm_aliases, webm_extensions},
    {AudioFormat::mp3, "audio/mpeg", mp3_aliases, mp3_extensions},
    {AudioFormat::ogg, "audio/ogg", ogg_aliases, ogg_extensions},
    {AudioFormat::mp4, "audio/mp4", mp4_aliases, mp4_extensions},
    {AudioFormat::flac, "audio/flac", flac_aliases, flac_extensions},
    {AudioFormat::aiff, "audio/aiff", aiff_aliases, aiff_extensions},
}};

const AudioFormatNames& names(AudioFormat format) noexcept { return table[static_cast<std::size_t>(format)]; }

}  // namespace

std::span<const AudioFormatNames> audio_format_names() noexcept { return table; }

std::string_view mime_type(AudioFormat format) noexcept { return names(format).mime_type; }

std::string_view extension(AudioFormat format) noexcept { return names(format).extensions.front(); }

std::optional<AudioFormat> format_from_mime_type(std::string_view type) {
  const std::string essence = to_lower(trim(type.substr(0, type.find(';'))));
  for (const AudioFormatNames& row : table)
    if (essence == row.mime_type || std::ranges::count(row.aliases, essence) > 0) return row.format;
  return std::nullopt;
}

std::optional<AudioFormat> format_from_extension(std::string_view extension) {
  const std::string lower = to_lower(extension);
  for (const AudioFormatNames& row : table)
    if (std::ranges::count(row.extensions, lower) > 0) return row.format;
  return std::nullopt;
}

std::string list_mime_types(std::span<const AudioFormat> formats) {
  if (formats.empty()) return "nothing";
  std::string list;
  for (std::size_t i = 0; i < formats.size(); ++i) {
    if (i > 0) list += i + 1 == formats.size() ? " or " : ", ";
    list += mime_type(formats[i]);
  }
  return list;
}

}  // namespace audiostore
