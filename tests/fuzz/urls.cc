// Keys and URLs: a key that becomes a URL comes back as the same key, and a URL that is taken is the one spelling of
// its key.
#include "fuzz/fuzz.h"
#include "s3/endpoint.h"

#include <vector>

using namespace audiostore;

namespace {

const std::vector<S3Endpoint>& endpoints() {
  static const std::vector<S3Endpoint> all = [] {
    std::vector<S3Endpoint> made;
    const auto add = [&](std::string_view url, AddressingStyle style) {
      made.push_back(S3Endpoint::make(url, "takes", style, true).value());
    };
    add("https://s3.eu-central-1.amazonaws.com", AddressingStyle::virtual_host);
    add("https://account.r2.cloudflarestorage.com", AddressingStyle::path);
    add("https://ref.storage.supabase.co/storage/v1/s3", AddressingStyle::path);
    add("http://[::1]:9000", AddressingStyle::path);
    return made;
  }();
  return all;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text = fuzz::text_of(data, size);
  for (const S3Endpoint& endpoint : endpoints()) {
    if (const auto key = endpoint.key_from_url(text)) {
      fuzz::require(endpoint.object_url(*key) == text.substr(0, text.find('?')),
                    "a URL that is taken has one spelling");
    }
    if (const auto key = ObjectKey::parse(text)) {
      const auto back = endpoint.key_from_url(endpoint.object_url(*key));
      fuzz::require(back && *back == *key, "a key comes back from its URL");
    }
  }
  static_cast<void>(S3Endpoint::make(text, "takes", AddressingStyle::automatic, true));
  static_cast<void>(S3Endpoint::make("https://s3.amazonaws.com", text, AddressingStyle::automatic, false));
  static_cast<void>(endpoint_host(text));
  return 0;
}
