// How much sound there is, told by bytes that may be anything.
#include "fuzz/fuzz.h"

#include <audiostore/audio.h>

using namespace audiostore;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const Payload payload = Payload::from_memory(as_bytes(fuzz::text_of(data, size)));
  const auto sniffed = sniff_audio(payload);
  const auto probed = probe_audio(payload);
  fuzz::require(probed.has_value() == sniffed.has_value(), "what is audio has properties, and nothing else has");
  if (!probed) {
    fuzz::require(probed.error().code() == ErrorCode::unsupported_media_type, "bytes are no reason for another error");
    return 0;
  }
  fuzz::require(probed->format == sniffed->format && probed->has_video == sniffed->has_video, "both say the same");
  fuzz::require(probed->channels >= 0 && probed->channels <= 255, "channels are few");
  fuzz::require(probed->sample_rate <= 1'048'575, "sample rates are not over the highest");
  if (probed->duration) {
    fuzz::require(probed->duration->count() >= 0, "no sound has less than no length");
    fuzz::require(*probed->duration < std::chrono::seconds(size), "no byte has more than a second");
  }
  return 0;
}
