// The blocks that a person pastes into a provider's console.
#pragma once

#include <string>
#include <string_view>

namespace cli::doctor {

/// An IAM policy for what audiostore does with one bucket and nothing more: objects under `prefix` ("" for all), and
/// the settings of the bucket that the doctor reads. MinIO and Ceph take the same language.
std::string least_privilege_policy(std::string_view bucket, std::string_view prefix);

/// CORS rules by which pages of `origin` can play, seek, and upload directly; in the JSON of the consoles of Amazon S3
/// and Cloudflare R2.
std::string cors_rules(std::string_view origin);

/// A lifecycle configuration, as `aws s3api put-bucket-lifecycle-configuration` takes it, that ends unfinished uploads.
std::string abort_uploads_rule(std::string_view prefix);

}  // namespace cli::doctor
