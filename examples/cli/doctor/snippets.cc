#include "snippets.h"

#include "bucket_rules.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace cli::doctor {

using namespace audiostore;

namespace {

using Json = nlohmann::ordered_json;

Json statement(std::string_view id, std::initializer_list<const char*> actions, const std::string& resource) {
  return {{"Sid", id}, {"Effect", "Allow"}, {"Action", actions}, {"Resource", resource}};
}

/// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html
std::string_view partition_of(std::string_view region) {
  if (region.starts_with("cn-")) return "aws-cn";
  if (region.starts_with("us-gov-")) return "aws-us-gov";
  return "aws";
}

}  // namespace

std::string least_privilege_policy(std::string_view bucket, std::string_view prefix, std::string_view region) {
  const std::string bucket_arn = fmt::format("arn:{}:s3:::{}", partition_of(region), bucket);
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

std::string cors_rules(const std::string& origin) {
  CorsRule rule = browser_rule({.origins = {origin}});
  rule.id.clear();
  return to_json(std::span<const CorsRule>(&rule, 1))["CORSRules"].dump(2);
}

std::string abort_uploads_rule() {
  const auto rules = clean_up_rules({});
  return to_json(std::span(rules)).dump(2);
}

}  // namespace cli::doctor
