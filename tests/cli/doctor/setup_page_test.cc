// docs/SETUP.md prescribes what the doctor does.
#include <doctor/snippets.h>

#include <nlohmann/json.hpp>

#include <catch2/catch.hpp>

#include <fstream>
#include <iterator>
#include <set>
#include <string>
#include <vector>

namespace cli::doctor {
namespace {

using nlohmann::json;

std::vector<json> json_blocks(const std::string& page) {
  const std::string begin = "\n```json\n";
  std::vector<json> blocks;
  for (std::size_t at = page.find(begin); at != std::string::npos; at = page.find(begin, at + 1)) {
    const std::size_t text = at + begin.size();
    blocks.push_back(json::parse(page.substr(text, page.find("\n```", text) - text)));
  }
  return blocks;
}

}  // namespace

TEST_CASE("the policy, CORS and lifecycle blocks of SETUP.md are those of the doctor") {
  std::ifstream file(AUDIOSTORE_DOCS "/SETUP.md");
  const std::string page(std::istreambuf_iterator<char>(file), {});
  const auto blocks = json_blocks(page);
  REQUIRE(blocks.size() == 4);
  CHECK(blocks[0] == json::parse(least_privilege_policy("my-recordings", "")));
  CHECK(blocks[1]["CORSRules"] == json::parse(cors_rules("https://app.example")));
  CHECK(blocks[2] == json::parse(abort_uploads_rule()));
  CHECK(blocks[3] == json::parse(cors_rules("https://app.example")));
}

TEST_CASE("in China and for the US government Amazon's resources have other names") {
  const auto bucket_in = [](std::string_view region) {
    return json::parse(least_privilege_policy("takes", "", region))["Statement"][1]["Resource"].get<std::string>();
  };
  CHECK(bucket_in("eu-central-1") == "arn:aws:s3:::takes");
  CHECK(bucket_in("") == "arn:aws:s3:::takes");
  CHECK(bucket_in("cn-north-1") == "arn:aws-cn:s3:::takes");
  CHECK(bucket_in("us-gov-west-1") == "arn:aws-us-gov:s3:::takes");
}

TEST_CASE("the CORS rules name every header, as not every service is known to take patterns") {
  const json headers = json::parse(cors_rules("https://app.example"))[0]["AllowedHeaders"];
  for (const json& header : headers) CHECK(header.get<std::string>().find('*') == std::string::npos);
}

TEST_CASE("the policy has no action that MinIO and Ceph do not know by this name") {
  // MinIO refuses a whole policy for one action that it does not know, and tells capitals from small letters.
  // https://github.com/minio/pkg/blob/main/policy/action.go
  // https://github.com/ceph/ceph/blob/main/src/rgw/rgw_iam_policy.cc
  const std::set<std::string> known{"s3:PutObject",
                                    "s3:GetObject",
                                    "s3:DeleteObject",
                                    "s3:AbortMultipartUpload",
                                    "s3:ListMultipartUploadParts",
                                    "s3:ListBucket",
                                    "s3:ListBucketMultipartUploads",
                                    "s3:GetLifecycleConfiguration"};
  const json policy = json::parse(least_privilege_policy("takes", ""));
  for (const json& statement : policy["Statement"]) {
    for (const json& action : statement["Action"]) CHECK(known.count(action.get<std::string>()) == 1);
  }
}

TEST_CASE("a policy for a prefix lets only that be listed") {
  const json policy = json::parse(least_privilege_policy("takes", "users/"));
  CHECK(policy["Statement"][0]["Resource"] == "arn:aws:s3:::takes/users/*");
  CHECK(policy["Statement"][1]["Condition"] == json{{"StringLike", {{"s3:prefix", "users/*"}}}});
}

}  // namespace cli::doctor
