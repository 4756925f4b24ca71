// The documents that set a bucket's CORS rules, its lifecycle and an object's tags, as LocalEndpoint reads them.
#include "fuzz/fuzz.h"
#include "local/bucket_settings.h"
#include "local/object_tags.h"

using namespace audiostore;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text = fuzz::text_of(data, size);
  if (const auto cors = local::read_cors_settings(text)) {
    const auto again = local::read_cors_settings(local::write_settings(cors->document));
    fuzz::require(again && again->rules == cors->rules, "CORS rules that are given back are the same");
  }
  if (const auto lifecycle = local::read_lifecycle_settings(text)) {
    const std::string written = local::write_settings(*lifecycle);
    const auto again = local::read_lifecycle_settings(written);
    fuzz::require(again && local::write_settings(*again) == written, "a lifecycle that is given back is the same");
  }
  if (const auto tags = local::read_tagging(text)) {
    const auto again = local::read_tagging(local::write_tagging(*tags));
    fuzz::require(again && *again == *tags, "tags that are given back are the same");
  }
  static_cast<void>(local::parse_tagging(text));
  return 0;
}
