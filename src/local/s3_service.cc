#include "local/s3_service.h"

#include "core/call_guard.h"
#include "core/crypto.h"
#include "core/dates.h"
#include "local/form_upload.h"
#include "local/s3_error.h"
#include "local/s3_routes.h"

#include <iterator>
#include <utility>

namespace audiostore::local {
namespace {

std::string new_request_id() { return random_hex(8).value_or("0000000000000000"); }

/// The path as the client sent it, for the error document. The query is left out: it may hold a signature.
std::string_view path_of(std::string_view target) { return target.substr(0, target.find('?')); }

}  // namespace

S3Service::S3Service(std::shared_ptr<ObjectStore> store, LocalEndpointOptions options)
    : store_(std::move(store)),
      options_(std::move(options)),
      verifier_(options_.credentials, options_.region, options_.clock),
      cors_(options_.allowed_origins, settings_),
      uploads_({.min_part_bytes = options_.min_part_bytes,
                .max_object_bytes = options_.max_object_bytes,
                .max_staged_bytes = options_.max_staged_bytes}),
      bucket_{*store_, options_, options_.clock->now(), uploads_, settings_} {}

void S3Service::serve(IncomingRequest& request, Responder& raw) {
  const std::string request_id = new_request_id();
  Headers common = common_headers(request_id);
  std::ranges::move(cors_.response_headers(request.head), std::back_inserter(common));
  S3Responder responder(raw, std::move(common));
  const auto served = call_guarded("the store", [&]() -> Result<void> {
    const auto target = parse_target(request.head.target);
    if (!target) return target.error();
    return answer(request, *target, responder);
  });
  if (served || responder.begun()) return;  // a response that broke off is cut by the connection
  send_error(served.error(), path_of(request.head.target), request_id, responder);
}

void S3Service::refuse(const Error& reason, Responder& raw) {
  const std::string request_id = new_request_id();
  S3Responder responder(raw, common_headers(request_id));
  send_error(reason, "", request_id, responder);
}

std::size_t S3Service::body_ahead(const RequestHead& head) const { return is_form_upload(head) ? form_bytes_ahead : 0; }

Result<void> S3Service::answer(IncomingRequest& request, const WireTarget& target, S3Responder& responder) {
  if (request.head.method != "OPTIONS") return handle(request, target, responder);
  auto headers = cors_.preflight_headers(request.head);
  if (!headers) return std::move(headers).error();
  return responder.empty(200, std::move(*headers));
}

Result<void> S3Service::handle(IncomingRequest& request, const WireTarget& target, S3Responder& responder) {
  const std::string_view host = find_header(request.head.headers, "host").value_or("");
  S3Address address = s3_address(host, target.path, options_.bucket);
  if (address.bucket == options_.bucket && address.key.empty() && is_form_upload(request.head)) {
    return post_object({bucket_, request, target, verifier_}, responder);
  }
  auto verified = verifier_.verify({request.head.method, target, request.head.headers});
  if (!verified) return std::move(verified).error();
  auto promise = body_promise(request.head.headers, std::move(*verified));
  if (!promise) return std::move(promise).error();
  if (request.is_chunked && !promise->chunks) {
    return s3_error(S3Code::missing_content_length, "Send a Content-Length, or a body in aws-chunked form.");
  }
  if (!address.bucket.empty() && address.bucket != options_.bucket) {
    return s3_error(S3Code::no_such_bucket, "The bucket does not exist.");
  }
  const auto handler = find_handler(request.head, target, address);
  if (!handler) return handler.error();
  return (*handler)({bucket_, request, target, std::move(address.key), std::move(*promise)}, responder);
}

Headers S3Service::common_headers(const std::string& request_id) const {
  return {{"x-amz-request-id", request_id},
          {"Date", http_date(options_.clock->now())},
          {"Server", "audiostore"},
          {"X-Content-Type-Options", "nosniff"}};
}

void S3Service::send_error(const Error& error, std::string_view resource, const std::string& request_id,
                           S3Responder& responder) const {
  const Error shown = as_s3_error(error);
  const auto sent = shown.http_status() == 304
                        ? responder.empty(304)
                        : responder.xml(shown.http_status(),
                                        error_document(shown, {std::string(resource), request_id, options_.region}));
  static_cast<void>(sent);  // whoever went away needs no answer
}

}  // namespace audiostore::local
