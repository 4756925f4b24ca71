// How long a FLAC file is: its first block says it.
#include "audio/flac_stream_info.h"
#include "audio/id3_tags.h"
#include "audio/probers.h"

namespace audiostore {

SoundFacts probe_flac(BoundedReader& reader) {
  constexpr std::uint64_t magic_and_block_header = 8;
  const auto begin = skip_id3_tags(reader);
  const auto info = begin ? flac_stream_info_at(reader, *begin + magic_and_block_header) : std::nullopt;
  if (!info) return {};
  SoundFacts facts{.channels = info->channels, .sample_rate = info->sample_rate};
  if (info->samples != 0) facts.duration = time_of(info->samples, info->sample_rate);
  return facts;
}

}  // namespace audiostore
