// Tags as S3 sends them: a header field of a put, and the XML document of the ?tagging sub-resource.
// https://docs.aws.amazon.com/AmazonS3/latest/API/API_PutObjectTagging.html
#pragma once

#include <audiostore/error.h>
#include <audiostore/object_store.h>

#include "s3/s3_client.h"

#include <string>
#include <string_view>

namespace audiostore {

/// The value of x-amz-tagging: "name=value&name=value", percent-encoded.
std::string tagging_header(const Tags& tags);
/// The tags in such a value, where '+' may stand for a blank. Errors: invalid_argument, also for a name that comes
/// twice.
Result<Tags> parse_tagging_header(std::string_view text);

/// GetObjectTagging. Errors: those of the exchange and of parse_tagging().
Result<Tags> read_tags(S3Client& client, const ObjectKey& key, const CallOptions& call);

/// PutObjectTagging, or DeleteObjectTagging for none. Errors: those of the exchange.
Result<void> replace_tags(S3Client& client, const ObjectKey& key, const Tags& tags, const CallOptions& call);

std::string write_tagging(const Tags& tags);
/// The tags in a <Tagging> document, whatever they are: a service may keep more than Tags allows.
/// Errors: corrupt, also for a name that comes twice.
Result<Tags> parse_tagging(std::string_view xml);

}  // namespace audiostore
