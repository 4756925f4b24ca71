#include "http/ca_bundle.h"

#include "support/scoped_env.h"
#include "support/temp_folder.h"

#include <audiostore/http.h>

#include <catch2/catch.hpp>

#include <fstream>

using namespace audiostore;

namespace {

std::filesystem::path pem(const std::filesystem::path& path) {
  std::ofstream(path) << "# a comment\n-----BEGIN CERTIFICATE-----\n";
  return path;
}

}  // namespace

TEST_CASE("The CA file is the chosen one, then the environment's, then the system's") {
  const TempFolder folder;
  const auto chosen = pem(folder.path() / "chosen.pem");
  const auto ssl = pem(folder.path() / "ssl.pem");
  const auto aws = pem(folder.path() / "aws.pem");
  const ScopedEnv first("SSL_CERT_FILE", ssl.string());
  const ScopedEnv second("AWS_CA_BUNDLE", aws.string());
  CHECK(find_ca_bundle(chosen, aws)->file == chosen);
  CHECK(find_ca_bundle({}, chosen)->file == aws);
  const ScopedEnv no_second("AWS_CA_BUNDLE", "");
  CHECK(find_ca_bundle({}, chosen)->file == ssl);
  const ScopedEnv no_first("SSL_CERT_FILE", "");
  CHECK(find_ca_bundle({}, chosen)->file.empty());  // libcurl finds its own
  CHECK(find_ca_bundle({}, chosen)->source.find("chosen.pem") != std::string::npos);
}

TEST_CASE("A CA file that cannot be used is invalid, wherever it was named") {
  const TempFolder folder;
  const auto no_pem = folder.path() / "text.pem";
  std::ofstream(no_pem) << "hello\n";
  for (const auto& bad : {folder.path() / "missing.pem", folder.path(), no_pem}) {
    CAPTURE(bad);
    const auto found = make_curl_transport({.ca_file = bad});
    REQUIRE_FALSE(found);
    CHECK(found.error().code() == ErrorCode::invalid_argument);
    CHECK(found.error().message().find(bad.string()) != std::string::npos);
    const ScopedEnv aws("AWS_CA_BUNDLE", "");
    const ScopedEnv env("SSL_CERT_FILE", bad.string());
    const auto from_env = make_curl_transport();
    REQUIRE_FALSE(from_env);
    CHECK(from_env.error().message().find("SSL_CERT_FILE") != std::string::npos);
  }
}
