#include "s3/conditional_put.h"

#include "core/crypto.h"
#include "core/text.h"
#include "s3/object_headers.h"

#include <fmt/format.h>

namespace audiostore {
namespace {

Error unknown(std::string_view why) {
  return Error(ErrorCode::unavailable,
               fmt::format("whether this put took effect is not known: a reply to it was lost, now there is an object "
                           "under the key, and {}; read the object to see whose it is",
                           why))
      .with_retryable(false);
}

}  // namespace

bool is_conditional_put(const S3Request& request) {
  const auto has = [&](std::string_view name) { return find_header(request.headers, name).has_value(); };
  return request.method == "PUT" && request.key && (has("If-None-Match") || has("If-Match")) &&
         !has("x-amz-copy-source");
}

Result<S3Request> with_mark(S3Request request) {
  if (find_header(request.headers, mark_header)) return request;
  if (metadata_bytes(request.headers) + mark_metadata_bytes > max_metadata_bytes) return request;
  return random_hex(mark_bytes).transform([&](std::string mark) {
    request.headers.push_back({std::string(mark_header), std::move(mark)});
    return std::move(request);
  });
}

Result<S3Reply> settle_put(const S3Request& request, const Error& refusal, Result<S3Reply> head) {
  if (!head && head.error().code() == ErrorCode::not_found) {
    return Error(ErrorCode::conflict, "another writer is at work on this key: what was there is gone; retry");
  }
  if (!head) return unknown("it could not be looked at: " + head.error().message());
  const auto mark = find_header(request.headers, mark_header);
  if (!mark) return unknown("the metadata had no room for a mark to know it by");
  if (find_header(head->response.headers, mark_header) != mark) return refusal;
  return head;
}

}  // namespace audiostore
