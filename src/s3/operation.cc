#include "s3/operation.h"

#include <algorithm>
#include <array>

namespace audiostore {
namespace {

/// How an operation is told from the others. The first row that fits counts.
struct Row {
  bool on_object;
  std::string_view method;
  std::string_view parameter;  ///< of the query; "" for no matter which
  bool copies;                 ///< has x-amz-copy-source
  S3Operation operation;
};

constexpr std::array rows{
    Row{true, "GET", "tagging", false, {"GetObjectTagging"}},
    Row{true, "GET", "uploadId", false, {"ListParts"}},
    Row{true, "GET", "", false, {.name = "GetObject", .needs_key = true}},
    Row{true, "HEAD", "", false, {.name = "HeadObject", .needs_key = true}},
    Row{true, "PUT", "tagging", false, {"PutObjectTagging"}},
    Row{true, "PUT", "partNumber", true, {.name = "UploadPartCopy", .needs_key = true}},
    Row{true, "PUT", "partNumber", false, {.name = "UploadPart", .sends_object = true, .needs_key = true}},
    Row{true, "PUT", "", true, {.name = "CopyObject", .makes_object = true, .needs_key = true}},
    Row{true, "PUT", "", false, {.name = "PutObject", .sends_object = true, .makes_object = true, .needs_key = true}},
    Row{true, "POST", "uploads", false, {.name = "CreateMultipartUpload", .makes_object = true, .needs_key = true}},
    Row{true, "POST", "uploadId", false, {"CompleteMultipartUpload"}},
    Row{true, "DELETE", "tagging", false, {"DeleteObjectTagging"}},
    Row{true, "DELETE", "uploadId", false, {"AbortMultipartUpload"}},
    Row{true, "DELETE", "", false, {"DeleteObject"}},
    Row{false, "GET", "list-type", false, {"ListObjectsV2"}},
    Row{false, "GET", "uploads", false, {"ListMultipartUploads"}},
    Row{false, "GET", "versions", false, {"ListObjectVersions"}},
    Row{false, "GET", "cors", false, {"GetBucketCors"}},
    Row{false, "PUT", "cors", false, {"PutBucketCors"}},
    Row{false, "DELETE", "cors", false, {"DeleteBucketCors"}},
    Row{false, "GET", "lifecycle", false, {"GetBucketLifecycleConfiguration"}},
    Row{false, "PUT", "lifecycle", false, {"PutBucketLifecycleConfiguration"}},
    Row{false, "DELETE", "lifecycle", false, {"DeleteBucketLifecycle"}},
    Row{false, "POST", "delete", false, {"DeleteObjects"}},
};

}  // namespace

const S3Operation& operation_of(const S3Request& request) {
  static constexpr S3Operation unknown{""};
  const bool copies = find_header(request.headers, "x-amz-copy-source").has_value();
  const auto has = [&](std::string_view name) {
    return name.empty() || std::ranges::any_of(request.query, [&](const auto& pair) { return pair.first == name; });
  };
  const auto row = std::ranges::find_if(rows, [&](const Row& candidate) {
    return candidate.on_object == request.key.has_value() && candidate.method == request.method &&
           candidate.copies == copies && has(candidate.parameter);
  });
  return row == rows.end() ? unknown : row->operation;
}

}  // namespace audiostore
