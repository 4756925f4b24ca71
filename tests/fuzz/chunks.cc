// A body in aws-chunked form, as LocalEndpoint takes it apart: the same whatever the pieces that it comes in.
// Input: the announced length on a line of its own, then the body.
#include "core/text.h"
#include "fuzz/fuzz.h"
#include "local/chunk_decoder.h"

#include <algorithm>

using namespace audiostore;

namespace {

struct Decoded {
  std::string bytes;
  Headers trailer;
  bool good = false;
};

Decoded decode(std::string_view body, std::uint64_t length, bool has_trailer, std::size_t piece) {
  Decoded decoded;
  local::ChunkDecoder decoder({.signatures = std::nullopt, .has_trailer = has_trailer}, length);
  const auto sink = [&](ByteSpan bytes) -> Result<void> {
    decoded.bytes.append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    return {};
  };
  for (; !body.empty(); body.remove_prefix(std::min(piece, body.size()))) {
    if (!decoder.feed(as_bytes(body.substr(0, piece)), sink)) return decoded;
  }
  auto trailer = decoder.finish();
  decoded.good = trailer.has_value();
  if (trailer) decoded.trailer = *std::move(trailer);
  return decoded;
}

void check(std::string_view body, std::uint64_t length, bool has_trailer) {
  const Decoded whole = decode(body, length, has_trailer, body.size());
  fuzz::require(whole.bytes.size() <= body.size(), "a body without its framing is not longer");
  fuzz::require(!whole.good || whole.bytes.size() == length, "what is good has the length that was announced");
  for (const std::size_t piece : {1U, 7U}) {
    const Decoded cut = decode(body, length, has_trailer, piece);
    fuzz::require(cut.good == whole.good, "a body is as good in pieces");
    fuzz::require(!cut.good || (cut.bytes == whole.bytes && cut.trailer == whole.trailer), "and the same");
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view text = fuzz::text_of(data, size);
  const std::uint64_t length = parse_decimal(fuzz::take_line(text)).value_or(text.size());
  for (const bool has_trailer : {false, true}) check(text, length, has_trailer);
  return 0;
}
