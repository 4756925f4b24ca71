#include "s3/credentials/web_identity_source.h"

#include "s3/credentials/lookups.h"
#include "s3/credentials/sts_replies.h"
#include "support/manual_clock.h"
#include "support/temp_folder.h"

#include <catch2/catch.hpp>

#include <fstream>

using namespace audiostore;

namespace {

struct Pod {
  Pod() { std::ofstream(file) << "ey.J\n"; }
  WebIdentitySource source() {
    const auto lookup = lookup_in(variables);
    return {lookup, std::make_shared<StsClient>(lookup, wire.transport, std::make_shared<ManualClock>())};
  }

  TempFolder folder;
  std::string file = (folder.path() / "token").string();
  Variables variables{{"AWS_WEB_IDENTITY_TOKEN_FILE", file},
                      {"AWS_ROLE_ARN", "arn:aws:iam::1:role/pod"},
                      {"AWS_ROLE_SESSION_NAME", "pod-7"},
                      {"AWS_REGION", "eu-west-1"}};
  Wire wire;
};

}  // namespace

TEST_CASE("a pod's token is exchanged for its role, and read anew each time") {
  Pod pod;
  auto source = pod.source();
  for (const char* token : {"ey.J", "ey.K"}) {
    std::ofstream(pod.file) << token << "\n";
    pod.wire.script->answer({.body = sts_reply("AssumeRoleWithWebIdentity", "PODKEY")});
    const auto credentials = found(source.look_up());
    CHECK(credentials.access_key_id == "PODKEY");
    CHECK(credentials.source == "web identity, role arn:aws:iam::1:role/pod");
    const auto& sent = pod.wire.script->sent().back();
    CHECK(sent.request.url == "https://sts.eu-west-1.amazonaws.com/");
    CHECK(sent.body.find("RoleSessionName=pod-7&") != std::string::npos);
    CHECK(sent.body.ends_with(std::string("WebIdentityToken=") + token));
  }
}

TEST_CASE("without a token file there is no web identity") {
  Pod pod;
  pod.variables.erase("AWS_WEB_IDENTITY_TOKEN_FILE");
  CHECK(absence(pod.source().look_up()) == "AWS_WEB_IDENTITY_TOKEN_FILE is not set");
}

TEST_CASE("a web identity that is set up by half is an error, and nothing is sent") {
  Pod pod;
  SECTION("no role") { pod.variables.erase("AWS_ROLE_ARN"); }
  SECTION("no file") { std::filesystem::remove(pod.file); }
  SECTION("nothing in it") { std::ofstream(pod.file) << " \n"; }
  SECTION("something else in it") { std::ofstream(pod.file) << "ey.J other\nlines"; }
  SECTION("too much in it") { std::ofstream(pod.file) << std::string(40'000, 'x'); }
  CHECK_FALSE(pod.source().look_up());
  CHECK(pod.wire.script->sent().empty());
}
