// No secret comes out of any source by another way than in a Secret.
#include <audiostore/credentials_chain.h>

#include "s3/credentials/lookups.h"
#include "s3/credentials/sts_replies.h"
#include "support/manual_clock.h"
#include "support/temp_folder.h"

#include <catch2/catch.hpp>

#include <fstream>
#include <stdexcept>

using namespace audiostore;

namespace {

/// In every secret, token and argument that the sources below are given.
const std::string canary = "CANARY7f3a";

/// Everything that a program may log of an answer.
std::string said_by(const Result<std::shared_ptr<const Credentials>>& answer) {
  if (!answer) return answer.error().to_string() + answer.error().service_code() + answer.error().request_id();
  return (*answer)->to_string() + (*answer)->source + (*answer)->access_key_id;
}

/// A machine whose every place holds canaries; `variables` are added to the environment.
struct CanaryMachine {
  CanaryMachine() {
    std::ofstream(file("token")) << canary;
    std::ofstream(file("lines")) << canary << "\n" << canary;
  }
  [[nodiscard]] std::string file(const std::string& name) const { return (folder.path() / name).string(); }
  void write_config(const std::string& text) const { std::ofstream(file("config")) << text; }

  std::string ask(Variables variables, std::vector<ScriptedTransport::Answer> answers = {}, std::string profile = "") {
    auto transport = std::make_shared<ScriptedTransport>();
    for (auto& answer : answers) transport->answer(std::move(answer));
    variables.emplace("AWS_CONFIG_FILE", file("config"));
    const auto chain = make_default_credentials({.profile = std::move(profile),
                                                 .context = {.environment = lookup_in(std::move(variables)),
                                                             .transport = transport,
                                                             .metadata_transport = transport,
                                                             .clock = std::make_shared<ManualClock>()}});
    try {
      return said_by(chain->get());
    } catch (const std::exception& thrown) {
      return "thrown: " + canary + thrown.what();
    }
  }

  TempFolder folder;
};

std::string canary_json(const std::string& extra) {
  return R"({"Code":"Success","Version":1,"AccessKeyId":"AKID","SecretAccessKey":")" + canary + R"(","Token":")" +
         canary + R"(","SessionToken":")" + canary + "\"" + extra + "}";
}

std::string canary_sts(const std::string& expiration) {
  std::string reply = sts_reply("AssumeRoleWithWebIdentity", "AKID");
  for (const std::string word : {"role/s3cr3t", "role-t0ken=="}) reply.replace(reply.find(word), word.size(), canary);
  const std::string date = "2013-05-24T01:00:00Z";
  return reply.replace(reply.find(date), date.size(), expiration);
}

}  // namespace

TEST_CASE("no secret of the environment is said") {
  CanaryMachine machine;
  const Variables keys{{"AWS_ACCESS_KEY_ID", "AKID"}, {"AWS_SECRET_ACCESS_KEY", canary}, {"AWS_SESSION_TOKEN", canary}};
  CHECK(machine.ask(keys).find("AKID") != std::string::npos);
  for (Variables broken : {keys, keys, keys}) {
    CHECK(machine.ask(broken).find(canary) == std::string::npos);
    broken["AWS_SECRET_ACCESS_KEY"] = canary + "\n";
    CHECK(machine.ask(broken).find(canary) == std::string::npos);
    broken.erase("AWS_ACCESS_KEY_ID");
    CHECK(machine.ask(broken).find(canary) == std::string::npos);
  }
}

TEST_CASE("no secret of the shared files or of a process is said") {
  CanaryMachine machine;
  std::ofstream(machine.file("good")) << canary_json("");
  std::ofstream(machine.file("expired")) << canary_json(R"(,"Expiration":"2013-05-23T00:00:00Z")");
  std::ofstream(machine.file("no-date")) << canary_json(",\"Expiration\":\"" + canary + "\"");
  std::ofstream(machine.file("no-json")) << canary_json(canary);
  const std::vector<std::string> profiles{
      "aws_access_key_id = AKID\naws_secret_access_key = " + canary + "\naws_session_token = " + canary,
      "aws_secret_access_key = " + canary,
      "aws_access_key_id = AKID\naws_secret_access_key = " + canary + " " + canary,
      canary,
      "s3 =\n  " + canary,
      "aws_secret_access_key = x\n" + canary + "\n",
      "credential_process = cat '" + machine.file("good") + "'",
      "credential_process = cat '" + machine.file("expired") + "'",
      "credential_process = cat '" + machine.file("no-date") + "'",
      "credential_process = cat '" + machine.file("no-json") + "'",
      "credential_process = cat /no/such/file " + canary,
      "credential_process = sh -c 'echo " + canary + " >&2; echo " + canary + "; exit 1'",
      "credential_process = sh -c 'exit 1' '" + canary,
      "credential_process = /no/such/program " + canary,
      "role_arn = arn\ncredential_source = " + canary,
      "role_arn = arn\nsource_profile = default\nduration_seconds = " + canary};
  for (const std::string& profile : profiles) {
    INFO(profile);
    machine.write_config("[default]\n" + profile + "\n");
    CHECK(machine.ask({}).find(canary) == std::string::npos);
  }
}

TEST_CASE("no secret of STS, and no token for it, is said") {
  CanaryMachine machine;
  const auto answers = std::vector<ScriptedTransport::Answer>{
      {.body = canary_sts("2013-05-24T01:00:00Z")},
      {.body = canary_sts("2013-05-23T01:00:00Z")},
      {.body = canary_sts(canary)},
      {.body = "<" + canary + "/>"},
      {.body = canary},
      {.status = 400, .body = sts_error("InvalidIdentityToken", "'" + canary + "' is no token")},
      {.status = 400, .body = sts_error(canary + " is no token", canary)},
      {.status = 500, .body = canary}};
  for (const auto& answer : answers) {
    INFO(answer.status << " " << answer.body);
    CHECK(machine.ask({{"AWS_WEB_IDENTITY_TOKEN_FILE", machine.file("token")}, {"AWS_ROLE_ARN", "arn"}}, {answer})
              .find(canary) == std::string::npos);
  }
  CHECK(machine.ask({{"AWS_WEB_IDENTITY_TOKEN_FILE", machine.file("lines")}, {"AWS_ROLE_ARN", "arn"}}).find(canary) ==
        std::string::npos);
}

TEST_CASE("no secret of metadata services, and no token for them, is said") {
  CanaryMachine machine;
  const auto answers =
      std::vector<ScriptedTransport::Answer>{{.body = canary_json("")},
                                             {.body = canary_json(R"(,"Expiration":"2013-05-23T00:00:00Z")")},
                                             {.body = canary_json(",\"Expiration\":\"" + canary + "\"")},
                                             {.body = canary},
                                             {.body = "{\"Code\":\"Failed\",\"Message\":\"" + canary + "\"}"},
                                             {.body = "{\"Code\":\"" + canary + " failed\"}"},
                                             {.status = 401, .body = canary},
                                             {.status = 500, .body = canary}};
  for (const auto& answer : answers) {
    INFO(answer.status << " " << answer.body);
    CHECK(machine
              .ask({{"AWS_CONTAINER_CREDENTIALS_FULL_URI", "http://localhost/" + canary},
                    {"AWS_CONTAINER_AUTHORIZATION_TOKEN", canary}},
                   {answer})
              .find(canary) == std::string::npos);
    CHECK(machine.ask({}, {{.body = canary}, {.body = "role"}, answer}).find(canary) == std::string::npos);
  }
  for (const Variables& wrong : {Variables{{"AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", canary}},
                                 Variables{{"AWS_CONTAINER_CREDENTIALS_FULL_URI", "http://x/" + canary}},
                                 Variables{{"AWS_CONTAINER_CREDENTIALS_FULL_URI", "http://x:" + canary + "@y/"}},
                                 Variables{{"AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "/"},
                                           {"AWS_CONTAINER_AUTHORIZATION_TOKEN", canary + "\n"}},
                                 Variables{{"AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "/"},
                                           {"AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", machine.file("lines")}}}) {
    CHECK(machine.ask(wrong).find(canary) == std::string::npos);
  }
}
