#include "local/bucket_settings.h"
#include "local/s3_error.h"
#include "local/s3_handlers.h"
#include "local/settings_xml.h"

#include <memory>
#include <utility>

namespace audiostore::local {

Result<void> get_bucket_cors(const S3Request& request, S3Responder& responder) {
  if (auto none = request.expect_no_body(); !none) return none;
  const auto settings = request.bucket.settings.cors();
  if (settings) return responder.xml(200, write_settings(settings->document));
  return s3_error(S3Code::no_such_cors_configuration, "The CORS configuration does not exist.");
}

Result<void> put_bucket_cors(const S3Request& request, S3Responder& responder) {
  const auto body = request.receive_text(max_settings_bytes, true);
  if (!body) return body.error();
  auto settings = read_cors_settings(*body);
  if (!settings) return std::move(settings).error();
  request.bucket.settings.set(std::make_shared<const CorsSettings>(std::move(*settings)));
  return responder.empty(200);
}

Result<void> delete_bucket_cors(const S3Request& request, S3Responder& responder) {
  if (auto none = request.expect_no_body(); !none) return none;
  request.bucket.settings.set(std::shared_ptr<const CorsSettings>());
  return responder.empty(204);
}

Result<void> get_bucket_lifecycle(const S3Request& request, S3Responder& responder) {
  if (auto none = request.expect_no_body(); !none) return none;
  const auto settings = request.bucket.settings.lifecycle();
  if (settings) return responder.xml(200, write_settings(*settings));
  return s3_error(S3Code::no_such_lifecycle_configuration, "The lifecycle configuration does not exist.");
}

Result<void> put_bucket_lifecycle(const S3Request& request, S3Responder& responder) {
  const auto body = request.receive_text(max_settings_bytes, true);
  if (!body) return body.error();
  auto settings = read_lifecycle_settings(*body);
  if (!settings) return std::move(settings).error();
  request.bucket.settings.set(std::make_shared<const XmlNode>(std::move(*settings)));
  return responder.empty(200);
}

Result<void> delete_bucket_lifecycle(const S3Request& request, S3Responder& responder) {
  if (auto none = request.expect_no_body(); !none) return none;
  request.bucket.settings.set(std::shared_ptr<const XmlNode>());
  return responder.empty(204);
}

}  // namespace audiostore::local
