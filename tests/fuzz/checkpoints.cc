// Texts that a journal may give back as those of checkpoints: what is taken for one says what it said.
#include "fuzz/fuzz.h"

#include <audiostore/transfer.h>

using namespace audiostore;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto checkpoint = UploadCheckpoint::parse(fuzz::text_of(data, size));
  if (!checkpoint) return 0;
  fuzz::require(!checkpoint->upload_id.empty(), "a checkpoint names its upload");
  int last = 0;
  for (const UploadedPart& part : checkpoint->parts) {
    fuzz::require(part.number > last && part.number <= 10'000 && !part.etag.empty(), "its parts are in order");
    last = part.number;
  }
  const auto again = UploadCheckpoint::parse(checkpoint->to_string());
  fuzz::require(again.has_value() && *again == *checkpoint, "a checkpoint is the same again");
  return 0;
}
