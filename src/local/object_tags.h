// Tags of objects, as S3's clients send and read them. All errors are S3's.
// Source: AWS, "PutObjectTagging" and "PutObject" (S3 API reference).
#pragma once

#include <audiostore/error.h>
#include <audiostore/object_store.h>

#include <string>
#include <string_view>

namespace audiostore::local {

/// The value of x-amz-tagging: "name=value&name=value", encoded as in a query. Errors: InvalidArgument, InvalidTag,
/// BadRequest (more than 10).
Result<Tags> parse_tagging(std::string_view header);

/// A <Tagging> document. Errors: MalformedXML, InvalidTag, BadRequest (more than 10).
Result<Tags> read_tagging(std::string_view xml);

std::string write_tagging(const Tags& tags);

}  // namespace audiostore::local
