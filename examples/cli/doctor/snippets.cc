#include "snippets.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace cli::doctor {
namespace {

using Json = nlohmann::ordered_json;

Json statement(std::string_view id, std::initializer_list<const char*> actions, const std::string& resource) {
  return {{"Sid", id}, {"Effect", "Allow"}, {"Action", actions}, {"Resource", resource}};
}

}  // namespace

std::string least_privilege_policy(std::string_view bucket, std::string_view prefix) {
  const std::string bucket_arn = fmt::format("arn:aws:s3:::{}", bucket);
  const std::string keys = fmt::format("{}*", prefix);
  Json objects = statement(
      "Recordings",
      {"s3:PutObject", "s3:GetObject", "s3:DeleteObject", "s3:AbortMultipartUpload", "s3:ListMultipartUploadParts"},
      bucket_arn + "/" + keys);
  Json listing = statement("Listing", {"s3:ListBucket"}, bucket_arn);
  if (!prefix.empty()) listing["Condition"] = {{"StringLike", {{"s3:prefix", keys}}}};
  Json settings = statement("Settings", {"s3:ListBucketMultipartUploads", "s3:GetLifecycleConfiguration"}, bucket_arn);
  return Json{{"Version", "2012-10-17"}, {"Statement", {objects, listing, settings}}}.dump(2);
}

std::string cors_rules(std::string_view origin) {
  const Json rule{{"AllowedOrigins", {origin}},
                  {"AllowedMethods", {"GET", "HEAD", "PUT", "POST"}},
                  {"AllowedHeaders", {"content-type", "range", "x-amz-*"}},
                  {"ExposeHeaders", {"ETag", "Content-Range", "Accept-Ranges", "Content-Length"}},
                  {"MaxAgeSeconds", 3600}};
  return Json::array({rule}).dump(2);
}

std::string abort_uploads_rule(std::string_view prefix) {
  const Json rule{{"ID", "abort-unfinished-uploads"},
                  {"Status", "Enabled"},
                  {"Filter", {{"Prefix", prefix}}},
                  {"AbortIncompleteMultipartUpload", {{"DaysAfterInitiation", 7}}}};
  return Json{{"Rules", Json::array({rule})}}.dump(2);
}

}  // namespace cli::doctor
