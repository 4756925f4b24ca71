// What kind of audio some bytes are.
#pragma once

#include <audiostore/bytes.h>
#include <audiostore/error.h>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace audiostore {

/// The containers that are recognised.
enum class AudioFormat { wav, webm, mp3, ogg, mp4, flac, aiff };

/// The canonical MIME type, which is what is stored and served: "audio/wav", "audio/webm", "audio/mpeg", "audio/ogg",
/// "audio/mp4", "audio/flac", "audio/aiff".
std::string_view mime_type(AudioFormat format) noexcept;

/// The usual file name extension without a dot: "wav", "webm", "mp3", "ogg", "m4a", "flac", "aiff".
std::string_view extension(AudioFormat format) noexcept;

/// The format whose MIME type or alias is the essence of `type`: parameters, case and blanks do not count, so that
/// "audio/webm;codecs=opus" is webm. nullopt for every other type.
std::optional<AudioFormat> format_from_mime_type(std::string_view type);

/// The format that files with this extension (without the dot, any case) have; nullopt if it is none of ours.
std::optional<AudioFormat> format_from_extension(std::string_view extension);

/// What may be stored.
struct AudioLimits {
  std::vector<AudioFormat> allowed = {AudioFormat::webm, AudioFormat::wav, AudioFormat::mp3};
  std::uint64_t max_bytes = 104'857'600;  ///< 100 MB, inclusive
  bool allow_video = false;               ///< accept a file that has a video track besides its sound
};

struct AudioInfo {
  AudioFormat format;
  bool has_video = false;
};

/// Recognises audio by its bytes, never by what a client says of it: a known container in which a sound track is found,
/// and for MP3 consecutive frames. It proves no more than that: bytes that are audio may be something else too, so
/// serve them under mime_type() and nothing else. Reads at most 64 pieces of 4 KiB, at the head and wherever the
/// container points (an MP4's moov box may be at its end); a file whose tracks cannot all be found so, or are told in
/// two ways, is refused.
/// Errors: unsupported_media_type (no audio that we know; the message says what it looks like instead); those of
/// reading `payload`.
Result<AudioInfo> sniff_audio(const Payload& payload);

/// Decides whether `payload` may be stored: not empty, within the size limit, audio of an allowed format by its bytes,
/// no video track, and the same format as `declared_type` if one is given (a MIME type, compared by its essence;
/// "application/octet-stream" is a type too, and never agrees).
/// Errors: invalid_argument (empty), too_large (with both numbers), unsupported_media_type (what was expected and what
/// was found); those of reading `payload`. The checks come in that order; a payload over the limit is not read.
Result<AudioInfo> inspect_audio(const Payload& payload, const AudioLimits& limits, std::string_view declared_type = {});

/// What a file says of its sound, where that can be true.
struct AudioProperties {
  AudioFormat format;
  bool has_video = false;
  int channels = 0;               ///< of the first sound track, 1 to 255; 0: not known
  std::uint32_t sample_rate = 0;  ///< of the first sound track as it is played, in Hz, to 1,048,575; 0: not known
  /// To the nearest millisecond, without the padding that encoders put around the sound, where the file tells it. Of a
  /// live recording that has none in its head it is found at its end: of WebM up to one block (20 to 60 ms) too short.
  /// Of MP3 without a frame count it is an estimate, good if the bit rate is constant. Absent: not known.
  std::optional<std::chrono::milliseconds> duration = {};
};

/// Recognises audio as sniff_audio() does, and reads from its headers how much of it there is; nothing is decoded.
/// Numbers of a file are claims: those that do not fit together, or no encoder has, are left out, as is a duration of
/// more than a second for each byte of the file; what is left may still be a lie, so bill and decide by size().
/// Reads at most 128 pieces of 4 KiB at the head and wherever the container points, and of the last MiB at most 576
/// such pieces; usually one or two. Where that does not reach, values are absent.
/// Errors: those of sniff_audio().
Result<AudioProperties> probe_audio(const Payload& payload);

}  // namespace audiostore
