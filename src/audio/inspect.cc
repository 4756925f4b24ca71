#include "audio/formats.h"
#include "audio/lookalikes.h"
#include "audio/sniffers.h"
#include "core/call_guard.h"

#include "core/text.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace audiostore {

Sniffed judge_tracks(AudioFormat format, std::string_view container, TrackKinds tracks) {
  if (tracks.audio) return AudioInfo{format, tracks.video};
  return NotAudio{fmt::format("{} with {}", container, tracks.video ? "video and no audio" : "no audio track")};
}

namespace {

Sniffed sniff(BoundedReader& reader) {
  constexpr std::array sniffers{sniff_wav, sniff_webm, sniff_mp3, sniff_ogg, sniff_mp4, sniff_flac, sniff_aiff};
  for (const auto sniffer : sniffers)
    if (auto sniffed = sniffer(reader)) return *sniffed;
  return NotAudio{describe_bytes(reader, 0)};
}

Error refusal(std::string_view expected, std::string_view found) {
  return Error(ErrorCode::unsupported_media_type, fmt::format("expected {}; found {}", expected, found));
}

/// Errors: unsupported_media_type naming `expected`; those of the payload.
Result<AudioInfo> sniff_expecting(const Payload& payload, std::span<const AudioFormat> expected) {
  return call_guarded("the payload's source", [&]() -> Result<AudioInfo> {
    BoundedReader reader(payload);
    const Sniffed sniffed = sniff(reader);
    if (reader.failure()) return *reader.failure();
    if (const auto* audio = std::get_if<AudioInfo>(&sniffed)) return *audio;
    return refusal(list_mime_types(expected), std::get<NotAudio>(sniffed).found);
  });
}

Result<void> check_size(std::uint64_t size, std::uint64_t limit) {
  if (size == 0) return Error(ErrorCode::invalid_argument, "the recording is empty: there are no bytes to store");
  if (size <= limit) return {};
  return Error(ErrorCode::too_large, fmt::format("the recording has {} bytes, more than the limit of {}", size, limit));
}

Result<void> check_declared(std::string_view declared_type, AudioFormat format) {
  if (declared_type.empty() || format_from_mime_type(declared_type) == format) return {};
  return refusal(fmt::format("the declared type '{}'", printable(declared_type, 128)),
                 fmt::format("{}; declare that, or nothing", mime_type(format)));
}

}  // namespace

Result<AudioInfo> sniff_audio(const Payload& payload) {
  std::vector<AudioFormat> all;
  for (const AudioFormatNames& row : audio_format_names()) all.push_back(row.format);
  return sniff_expecting(payload, all);
}

Result<AudioInfo> inspect_audio(const Payload& payload, const AudioLimits& limits, std::string_view declared_type) {
  const auto size = call_guarded("the payload's source", [&] { return Result<std::uint64_t>(payload.size()); });
  if (!size) return size.error();
  if (auto fits = check_size(*size, limits.max_bytes); !fits) return std::move(fits).error();
  auto sniffed = sniff_expecting(payload, limits.allowed);
  if (!sniffed) return sniffed;
  const std::string_view type = mime_type(sniffed->format);
  if (std::ranges::count(limits.allowed, sniffed->format) == 0) return refusal(list_mime_types(limits.allowed), type);
  if (sniffed->has_video && !limits.allow_video) {
    return refusal("sound alone", fmt::format("{} with a video track; record without video", type));
  }
  if (auto agrees = check_declared(declared_type, sniffed->format); !agrees) return std::move(agrees).error();
  return sniffed;
}

}  // namespace audiostore
