// What the handler of one S3 operation is given.
#pragma once

#include "local/bucket_settings.h"
#include "local/http_message.h"
#include "local/request_body.h"
#include "local/uploads.h"
#include "local/wire_request.h"

#include <audiostore/call_options.h>
#include <audiostore/clock.h>
#include <audiostore/error.h>
#include <audiostore/local_endpoint.h>
#include <audiostore/object_key.h>
#include <audiostore/object_store.h>

#include <optional>
#include <string>
#include <string_view>

namespace audiostore::local {

/// What the server serves. Lives as long as the server.
struct ServedBucket {
  ObjectStore& store;
  const LocalEndpointOptions& options;
  TimePoint created;
  Uploads& uploads;
  BucketSettings& settings;
};

/// A request whose signature has been verified.
struct S3Request {
  const ServedBucket& bucket;
  IncomingRequest& incoming;
  const WireTarget& target;
  std::string key;  ///< as the client gave it
  BodyPromise promise;

  [[nodiscard]] std::optional<std::string_view> header(std::string_view name) const {
    return find_header(incoming.head.headers, name);
  }
  [[nodiscard]] std::optional<std::string_view> parameter(std::string_view name) const {
    return find_parameter(target.query, name);
  }
  [[nodiscard]] bool is_head() const { return incoming.head.method == "HEAD"; }
  /// For every call into the store: it ends when the server stops.
  [[nodiscard]] CallOptions call() const { return {.stop = incoming.stop}; }
  [[nodiscard]] Result<void> expect_no_body() const { return local::expect_no_body(incoming, promise); }
  [[nodiscard]] Result<ReceivedBody> receive_body(std::uint64_t limit) const {
    return local::receive_body(incoming, promise, limit);
  }
  /// The whole body in memory. Where S3 demands that it be checked (`checked`), also InvalidRequest without a digest.
  [[nodiscard]] Result<std::string> receive_text(std::uint64_t limit, bool checked = false) const;
  [[nodiscard]] Result<std::optional<StatedChecksum>> read_body(const ByteSink& sink) const {
    return local::read_body(incoming, promise, sink);
  }
};

/// How many bytes of an object one request may bring: S3's own limit, or the endpoint's.
std::uint64_t max_request_bytes(const S3Request& request);

/// A number in the query, of `least` to `most`; `otherwise` where it is not given. Errors: S3's InvalidArgument.
Result<std::uint64_t> parse_number(const S3Request& request, std::string_view name, std::uint64_t least,
                                   std::uint64_t most, std::uint64_t otherwise);

/// The key that a client gave. Errors: S3's KeyTooLongError; InvalidArgument for the keys that ObjectKey refuses.
Result<ObjectKey> parse_key(std::string_view text);

/// The response, with the header fields that all responses have.
class S3Responder {
 public:
  S3Responder(Responder& responder, Headers common) : responder_(responder), common_(std::move(common)) {}

  /// Adds a field to those that the response has in any case. To be called before begin().
  void add_header(Header header) { common_.push_back(std::move(header)); }
  /// See Responder.
  Result<void> begin(ResponseHead head);
  Result<void> write(ByteSpan bytes) { return responder_.write(bytes); }
  [[nodiscard]] bool begun() const { return responder_.begun(); }

  /// A whole response without a body. 304 and 204 have no Content-Length.
  Result<void> empty(int status, Headers headers = {});
  /// A whole response with an XML body, which HEAD leaves out.
  Result<void> xml(int status, std::string_view document, Headers headers = {});

 private:
  Responder& responder_;
  Headers common_;
};

}  // namespace audiostore::local
