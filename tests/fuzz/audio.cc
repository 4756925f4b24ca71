// What is audio, decided from bytes that may be anything.
#include "fuzz/fuzz.h"

#include <audiostore/audio.h>

using namespace audiostore;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text = fuzz::text_of(data, size);
  const Payload payload = Payload::from_memory(as_bytes(text));
  const auto sniffed = sniff_audio(payload);
  fuzz::require(sniffed.has_value() || sniffed.error().code() == ErrorCode::unsupported_media_type,
                "bytes are audio that we know, or no such audio");
  const AudioLimits limits{.allowed = {AudioFormat::wav}};
  const auto inspected = inspect_audio(payload, limits);
  fuzz::require(!inspected || (sniffed && sniffed->format == AudioFormat::wav && !sniffed->has_video),
                "only what is allowed passes");
  static_cast<void>(format_from_mime_type(text));
  return 0;
}
