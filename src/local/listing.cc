#include "local/listing.h"

#include "local/s3_error.h"

namespace audiostore::local {

Result<bool> is_url_encoded(const S3Request& request) {
  const auto encoding = request.parameter("encoding-type");
  if (encoding && *encoding != "url") return s3_error(S3Code::invalid_argument, "encoding-type must be 'url'.");
  return encoding.has_value();
}

Result<std::string> delimiter_of(const S3Request& request) {
  std::string delimiter(request.parameter("delimiter").value_or(""));
  if (delimiter.empty() || delimiter == "/") return delimiter;
  return s3_error(S3Code::not_implemented, "The only delimiter that is implemented here is '/'.");
}

std::string behind(std::string_view marker, std::string_view delimiter) {
  std::string out(marker);
  if (!delimiter.empty() && marker.ends_with(delimiter)) {
    for (int i = 0; i < 256; ++i) out += "\xf4\x8f\xbf\xbf";  // U+10FFFF, the highest code point
  }
  return out;
}

}  // namespace audiostore::local
