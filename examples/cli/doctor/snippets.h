// The blocks that a person pastes into a provider's console.
#pragma once

#include <string>
#include <string_view>

namespace cli::doctor {

/// An IAM policy for what audiostore does with one bucket and nothing more: objects under `prefix` ("" for all), and
/// the settings of the bucket that the doctor reads. `region`: of Amazon, which names its resources otherwise in China
/// and for the US government; "" for others. MinIO and Ceph take the same language.
std::string least_privilege_policy(std::string_view bucket, std::string_view prefix, std::string_view region = "");

/// CORS rules by which pages of `origin` can play, seek, and upload directly: what `audiostore cors apply` sets, as the
/// list that the consoles of Amazon S3 and Cloudflare R2 take.
std::string cors_rules(const std::string& origin);

/// The lifecycle configuration that ends unfinished uploads: what `audiostore lifecycle apply` sets, as `aws s3api
/// put-bucket-lifecycle-configuration` takes it.
std::string abort_uploads_rule();

}  // namespace cli::doctor
