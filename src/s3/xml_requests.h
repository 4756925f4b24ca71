// The XML documents that S3's clients send, as a server reads them. Errors of all: corrupt, with what is wrong.
#pragma once

#include "core/checksums.h"

#include <audiostore/error.h>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace audiostore {

/// One <Part> of a <CompleteMultipartUpload>.
struct CompletedPart {
  int number = 0;    ///< 1 to 10,000
  std::string etag;  ///< as it was sent, with or without quotes
  std::optional<StatedChecksum> checksum = {};
};

/// The parts in the order of the document, at least one and at most 10,000.
Result<std::vector<CompletedPart>> parse_complete_request(std::string_view xml);

}  // namespace audiostore
