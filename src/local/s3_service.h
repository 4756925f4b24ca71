// The S3 protocol over one ObjectStore, behind the HTTP server.
#pragma once

#include "local/cors.h"
#include "local/http_message.h"
#include "local/request_verifier.h"
#include "local/s3_address.h"
#include "local/s3_request.h"
#include "local/uploads.h"

#include <audiostore/local_endpoint.h>
#include <audiostore/object_store.h>

#include <memory>
#include <string>

namespace audiostore::local {

/// Verifies each request, finds its handler, and turns every error into S3's XML. Thread-safe.
class S3Service final : public HttpService {
 public:
  /// REQUIRES: `options.credentials` is set.
  S3Service(std::shared_ptr<ObjectStore> store, LocalEndpointOptions options);

  void serve(IncomingRequest& request, Responder& responder) override;
  void refuse(const Error& reason, Responder& responder) override;
  [[nodiscard]] std::size_t body_ahead(const RequestHead& head) const override;

  [[nodiscard]] const LocalEndpointOptions& options() const noexcept { return options_; }

 private:
  Result<void> answer(IncomingRequest& request, const WireTarget& target, S3Responder& responder);
  Result<void> handle(IncomingRequest& request, const WireTarget& target, S3Responder& responder);
  [[nodiscard]] Headers common_headers(const std::string& request_id) const;
  void send_error(const Error& error, std::string_view resource, const std::string& request_id,
                  S3Responder& responder) const;

  std::shared_ptr<ObjectStore> store_;
  LocalEndpointOptions options_;
  RequestVerifier verifier_;
  BucketSettings settings_;
  CorsPolicy cors_;
  Uploads uploads_;
  ServedBucket bucket_;
};

}  // namespace audiostore::local
