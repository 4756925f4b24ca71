// Amazon S3's host names, taken apart and put together.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace audiostore {

/// "s3[-fips][.dualstack][.region].amazonaws.com[.cn]": where S3 itself answers, and nobody else. Others can have names
/// below amazonaws.com too, so its end alone proves nothing.
/// https://docs.aws.amazon.com/general/latest/gr/s3.html
struct AwsHost {
  std::string service;  ///< "s3" or "s3-fips"
  bool dualstack = false;
  std::string region;  ///< empty for the global endpoint
  bool china = false;

  /// `host` is lower-case, without a bucket's name and without a port. The older "s3-region" comes out as "s3.region".
  static std::optional<AwsHost> parse(std::string_view host);
  [[nodiscard]] std::string to_string() const;
};

}  // namespace audiostore
