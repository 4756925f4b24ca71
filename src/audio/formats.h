// The one table of what each audio format is called.
#pragma once

#include <audiostore/audio.h>

#include <span>
#include <string>
#include <string_view>

namespace audiostore {

struct AudioFormatNames {
  AudioFormat format;
  std::string_view mime_type;                    // canonical
  std::span<const std::string_view> aliases;     // what else clients and older tools say, in lower case
  std::span<const std::string_view> extensions;  // in lower case, the usual one first
};

/// A row for each AudioFormat, in the order of the enum.
std::span<const AudioFormatNames> audio_format_names() noexcept;

/// For messages: "audio/webm, audio/wav or audio/mpeg"; "nothing" if there are none.
std::string list_mime_types(std::span<const AudioFormat> formats);

}  // namespace audiostore
