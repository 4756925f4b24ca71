#include "s3/aws_host.h"

#include <catch2/catch.hpp>

using namespace audiostore;

namespace {

/// The host as it comes out again; "" where it is not one of S3's.
std::string again(std::string_view host) {
  const auto parsed = AwsHost::parse(host);
  return parsed ? parsed->to_string() : "";
}

}  // namespace

TEST_CASE("the host names of Amazon S3 are known") {
  for (const char* host : {"s3.amazonaws.com", "s3.eu-west-1.amazonaws.com", "s3.dualstack.eu-west-1.amazonaws.com",
                           "s3-fips.us-gov-west-1.amazonaws.com", "s3-fips.dualstack.us-east-1.amazonaws.com",
                           "s3.cn-north-1.amazonaws.com.cn", "s3.ap-southeast-4.amazonaws.com"}) {
    CHECK(again(host) == host);
  }
  CHECK(again("s3-us-west-2.amazonaws.com") == "s3.us-west-2.amazonaws.com");
  CHECK(AwsHost::parse("s3.eu-west-1.amazonaws.com")->region == "eu-west-1");
  CHECK(AwsHost::parse("s3.amazonaws.com")->region.empty());
}

TEST_CASE("F10: hosts of others are not taken for S3's, wherever their names end") {
  for (const char* host : {"",
                           "amazonaws.com",
                           ".amazonaws.com",
                           "evil.com",
                           "s3.eu-west-1.amazonaws.com.evil.com",
                           "s3.eu-west-1.evilamazonaws.com",
                           "mine-123.us-east-1.elb.amazonaws.com",
                           "s3.us-east-1.elb.amazonaws.com",
                           "ec2-1-2-3-4.compute-1.amazonaws.com",
                           "x.execute-api.us-east-1.amazonaws.com",
                           "s3.evil.amazonaws.com",
                           "s3.amazonaws.com:8443",
                           "s3.amazonaws.com@evil.com",
                           "evil@s3.amazonaws.com",
                           "s3-evil.amazonaws.com",
                           "s3-accelerate.amazonaws.com",
                           "b.s3.eu-west-1.amazonaws.com",
                           "s3..amazonaws.com",
                           "s3-us-west-2.eu-west-1.amazonaws.com",
                           "s3.eu-west-1.amazonaws.com."}) {
    INFO(host);
    CHECK(again(host).empty());
  }
}
