#include "s3/credentials/profile_source.h"

#include "s3/credentials/config_file.h"
#include "s3/credentials/container_source.h"
#include "s3/credentials/environment_source.h"
#include "s3/credentials/instance_source.h"
#include "s3/credentials/lookups.h"
#include "s3/credentials/sts_replies.h"
#include "support/manual_clock.h"
#include "support/temp_folder.h"

#include <catch2/catch.hpp>

#include <fstream>

using namespace audiostore;

namespace {

/// A home folder with ~/.aws/config and ~/.aws/credentials.
struct Home {
  explicit Home(const std::string& config, const std::string& credentials = "") {
    std::filesystem::create_directory(folder.path() / ".aws");
    std::ofstream(folder.path() / ".aws/config") << config;
    std::ofstream(folder.path() / ".aws/credentials") << credentials;
  }

  Lookup look_up(const std::string& profile = "") {
    const auto lookup = lookup_in(variables);
    auto sts = std::make_shared<StsClient>(lookup, wire.transport, std::make_shared<ManualClock>());
    return ProfileSource(profile, lookup, sts,
                         {.environment = std::make_shared<EnvironmentSource>(lookup),
                          .container = std::make_shared<ContainerSource>(lookup, wire.transport),
                          .instance = std::make_shared<InstanceSource>(lookup, wire.transport)})
        .look_up();
  }

  /// The words of a failure, in which nothing of the files' secrets may be.
  std::string complaint(const std::string& profile = "") {
    const auto lookup = look_up(profile);
    REQUIRE_FALSE(lookup);
    CHECK(lookup.error().message().find("SECRET") == std::string::npos);
    CHECK(wire.script->sent().empty());
    return lookup.error().message();
  }

  TempFolder folder;
  Variables variables{{"HOME", folder.path().string()}};
  Wire wire;
};

/// How the n-th request was signed: "KEYID".
std::string signer_of(const Wire& wire, std::size_t n) {
  const std::string text(find_header(wire.script->sent().at(n).request.headers, "Authorization").value_or(""));
  const auto begin = text.find("Credential=") + 11;
  return text.substr(begin, text.find('/') - begin);
}

}  // namespace

TEST_CASE("a profile's keys are found in either file") {
  Home home("[profile a]\naws_access_key_id = AKEY\naws_secret_access_key = s\n",
            "[default]\naws_access_key_id = DKEY\naws_secret_access_key = s\naws_session_token = t\n");
  const auto usual = found(home.look_up());
  CHECK(usual.access_key_id == "DKEY");
  CHECK(usual.session_token.reveal() == "t");
  CHECK(usual.source == "profile 'default'");
  CHECK(found(home.look_up("a")).access_key_id == "AKEY");
  home.variables["AWS_PROFILE"] = "a";
  CHECK(found(home.look_up()).source == "profile 'a'");
  CHECK(found(home.look_up("default")).access_key_id == "DKEY");
}

TEST_CASE("the files may lie elsewhere") {
  Home home("", "");
  std::ofstream(home.folder.path() / "c1") << "[profile a]\naws_access_key_id = AKEY\n";
  std::ofstream(home.folder.path() / "c2") << "[a]\naws_secret_access_key = s\n";
  home.variables["AWS_CONFIG_FILE"] = "~/c1";
  home.variables["AWS_SHARED_CREDENTIALS_FILE"] = (home.folder.path() / "c2").string();
  CHECK(found(home.look_up("a")).access_key_id == "AKEY");
}

TEST_CASE("no default profile is no set-up, a named profile that is missing is an error") {
  Home home("[profile a]\nregion = x\n");
  const std::string home_path = home.folder.path().string();
  CHECK(absence(home.look_up()) ==
        "there is no profile 'default' in '" + home_path + "/.aws/config' or '" + home_path + "/.aws/credentials'");
  CHECK(home.complaint("b").starts_with("there is no profile 'b' in "));
  home.variables["AWS_PROFILE"] = "c";
  CHECK(home.complaint().starts_with("there is no profile 'c' in "));
  CHECK(absence(home.look_up("a")) == "profile 'a' has no credentials");
  std::filesystem::remove_all(home.folder.path() / ".aws");
  home.variables.erase("AWS_PROFILE");
  CHECK(absence(home.look_up()).starts_with("there is no profile 'default' in "));
  home.variables.erase("HOME");
  CHECK(absence(home.look_up()) == "there is no profile 'default' in '' or ''");
}

TEST_CASE("files that cannot be read or parsed are errors that name them") {
  Home bad("[default]\nSECRET\n");
  CHECK(bad.complaint() == "'" + bad.folder.path().string() + "/.aws/config', line 2: a setting has no '='");
  Home folder("");
  std::filesystem::remove(folder.folder.path() / ".aws/config");
  std::filesystem::create_directory(folder.folder.path() / ".aws/config");
  CHECK(folder.complaint().ends_with("/.aws/config' is not a regular file"));
  Home long_one("[default]\na=SECRET" + std::string(max_config_bytes, '#'));
  CHECK(long_one.complaint().ends_with("has more than 1048576 bytes"));
}

TEST_CASE("a role is assumed with the keys of its source profile") {
  Home home(
      "[profile role]\nrole_arn = arn:role\nsource_profile = base\nexternal_id = ext\nrole_session_name = me\n"
      "duration_seconds = 3600\nregion = eu-west-1\n",
      "[base]\naws_access_key_id = BASE\naws_secret_access_key = s\n");
  home.wire.script->answer({.body = sts_reply("AssumeRole", "ROLEKEY")});
  const auto credentials = found(home.look_up("role"));
  CHECK(credentials.access_key_id == "ROLEKEY");
  CHECK(credentials.source == "profile 'role', role arn:role");
  CHECK(signer_of(home.wire, 0) == "BASE");
  CHECK(home.wire.script->sent()[0].request.url == "https://sts.eu-west-1.amazonaws.com/");
  CHECK(
      home.wire.script->sent()[0].body ==
      "Action=AssumeRole&Version=2011-06-15&RoleArn=arn%3Arole&RoleSessionName=me&ExternalId=ext&DurationSeconds=3600");
}

TEST_CASE("roles are chained, and a profile may be its own source") {
  Home home(
      "[profile last]\nrole_arn = arn:last\nsource_profile = middle\n"
      "[profile middle]\nrole_arn = arn:middle\nsource_profile = self\n"
      "[profile self]\nrole_arn = arn:self\nsource_profile = self\n",
      "[self]\naws_access_key_id = SELF\naws_secret_access_key = s\n");
  SECTION("keys end the chain") {
    home.wire.script->answer({.body = sts_reply("AssumeRole", "MIDDLE")});
    home.wire.script->answer({.body = sts_reply("AssumeRole", "LAST")});
    CHECK(found(home.look_up("last")).access_key_id == "LAST");
    CHECK(signer_of(home.wire, 0) == "SELF");
    CHECK(signer_of(home.wire, 1) == "MIDDLE");
    CHECK(home.wire.script->sent()[1].body.find("arn%3Alast") != std::string::npos);
  }
  SECTION("asked for itself, it is the role") {
    home.wire.script->answer({.body = sts_reply("AssumeRole", "ROLE")});
    CHECK(found(home.look_up("self")).access_key_id == "ROLE");
    CHECK(signer_of(home.wire, 0) == "SELF");
  }
}

TEST_CASE("a role is assumed with credentials of the environment, the container or the instance") {
  Home home("[profile role]\nrole_arn = arn:role\ncredential_source = " +
            GENERATE(as<std::string>{}, "Environment", "EcsContainer", "Ec2InstanceMetadata") + "\n");
  home.variables["AWS_ACCESS_KEY_ID"] = "SOURCE";
  home.variables["AWS_SECRET_ACCESS_KEY"] = "s";
  home.variables["AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"] = "/x";
  std::ifstream config(home.folder.path() / ".aws/config");
  const std::string text((std::istreambuf_iterator<char>(config)), {});
  if (text.find("Ec2") != std::string::npos) {
    home.wire.script->answer({.body = "token"});
    home.wire.script->answer({.body = "name"});
  }
  if (text.find("Environment") == std::string::npos) home.wire.script->answer({.body = metadata_reply("SOURCE")});
  home.wire.script->answer({.body = sts_reply("AssumeRole", "ROLE")});
  CHECK(found(home.look_up("role")).access_key_id == "ROLE");
  CHECK(home.wire.script->used_up());
  CHECK(signer_of(home.wire, home.wire.script->sent().size() - 1) == "SOURCE");
}

TEST_CASE("a profile may have a web identity, and be the source of a role with it") {
  Home home("");
  const std::string token = (home.folder.path() / "token").string();
  std::ofstream(token) << "ey.J";
  std::ofstream(home.folder.path() / ".aws/config")
      << "[profile web]\nrole_arn = arn:web\nexternal_id = x\nweb_identity_token_file = " << token
      << "\n[profile role]\nrole_arn = arn:role\nsource_profile = web\n";
  home.wire.script->answer({.body = sts_reply("AssumeRoleWithWebIdentity", "WEB")});
  home.wire.script->answer({.body = sts_reply("AssumeRole", "ROLE")});
  CHECK(found(home.look_up("role")).access_key_id == "ROLE");
  CHECK(home.wire.script->sent()[0].body.find("arn%3Aweb") != std::string::npos);
  CHECK(home.wire.script->sent()[0].body.find("ExternalId") == std::string::npos);  // has no meaning there
  CHECK(signer_of(home.wire, 1) == "WEB");

  home.wire.script->answer({.body = sts_reply("AssumeRoleWithWebIdentity", "WEB")});
  CHECK(found(home.look_up("web")).source == "profile 'web', web identity");
}

TEST_CASE("a profile may have a credential process; its keys come first") {
  Home home("[profile p]\ncredential_process = cat ~/nothing\naws_access_key_id = KEY\naws_secret_access_key = s\n");
  CHECK(found(home.look_up("p")).access_key_id == "KEY");
  const std::string reply = (home.folder.path() / "reply").string();
  std::ofstream(reply) << R"({"Version":1,"AccessKeyId":"PROC","SecretAccessKey":"s"})";
  std::ofstream(home.folder.path() / ".aws/config") << "[profile p]\ncredential_process = cat '" << reply << "'\n";
  const auto credentials = found(home.look_up("p"));
  CHECK(credentials.access_key_id == "PROC");
  CHECK(credentials.source == "profile 'p', credential process");
}

TEST_CASE("a profile that makes no sense is an error that says what is wrong, before anything is sent") {
  const std::string role = "[profile p]\nrole_arn = arn\n";
  const std::vector<std::pair<std::string, std::string>> cases{
      {"[profile p]\naws_access_key_id = A\n", "profile 'p' has an aws_access_key_id without an aws_secret_access_key"},
      {"[profile p]\naws_secret_access_key = SECRET\n",
       "profile 'p' has an aws_secret_access_key without an aws_access_key_id"},
      {role, "profile 'p' has a role_arn, but neither source_profile nor credential_source"},
      {role + "source_profile = q\ncredential_source = Environment\n",
       "profile 'p' has both a source_profile and a credential_source"},
      {role + "source_profile = q\n", "profile 'p' has profile 'q' as source_profile, which does not exist"},
      {role + "source_profile = p\n", "profile 'p' leads back to profile 'p' by its source_profile"},
      {role + "source_profile = q\n[profile q]\nrole_arn = b\nsource_profile = p\n",
       "profile 'q' leads back to profile 'p' by its source_profile"},
      {role + "source_profile = q\n[profile q]\nregion = x\n",
       "profile 'p' has a role_arn, but who takes it on has no credentials: profile 'q' has no credentials"},
      {role + "credential_source = Environment\n",
       "profile 'p' has a role_arn, but who takes it on has no credentials: AWS_ACCESS_KEY_ID is not set"},
      {role + "credential_source = SECRET\n",
       "profile 'p' has a credential_source other than Environment, EcsContainer and Ec2InstanceMetadata"},
      {role + "source_profile = q\nmfa_serial = arn\n[profile q]\naws_access_key_id=A\naws_secret_access_key=SECRET\n",
       "profile 'p' has an mfa_serial, and nobody is there to type its code"},
      {role + "source_profile = p\nduration_seconds = 1h\n",
       "profile 'p' has a duration_seconds that is no number from 900 to 43200"},
      {role + "source_profile = p\nduration_seconds = 899\n",
       "profile 'p' has a duration_seconds that is no number from 900 to 43200"},
      {"[profile p]\nweb_identity_token_file = x\n", "profile 'p' has a web_identity_token_file without a role_arn"},
      {"[profile p]\ncredential_process = 'SECRET\n", "the command has a quote or backslash that does not end"},
      {"[profile p]\nsso_session = s\n",
       "profile 'p' is one of IAM Identity Center (sso_...), which is not supported; use credential_process with `aws "
       "configure export-credentials`"}};
  for (const auto& [config, message] : cases) {
    INFO(config);
    Home home(config);
    CHECK(home.complaint("p") == message);
  }
}

TEST_CASE("names of profiles are shown as text, whatever is in them") {
  Home home("");
  CHECK(home.complaint("a\x1b[2J\nb").starts_with(R"(there is no profile 'a\x1b[2J\x0ab' in )"));
}
