#include <audiostore/credentials_chain.h>
#include <audiostore/s3_store.h>

#include "s3/credentials/lookups.h"
#include "s3/credentials/sts_replies.h"
#include "support/manual_clock.h"
#include "support/temp_folder.h"

#include <catch2/catch.hpp>

#include <fstream>

using namespace audiostore;

namespace {

/// A machine on which every place can be set up. Services that no answer is given for must not be asked.
struct Machine {
  Machine() {
    std::ofstream(file("token")) << "ey.J";
    std::ofstream(file("credentials")) << "[default]\naws_access_key_id = FILEKEY\naws_secret_access_key = s\n"
                                       << "[other]\naws_access_key_id = OTHERKEY\naws_secret_access_key = s\n";
  }
  [[nodiscard]] std::string file(const std::string& name) const { return (folder.path() / name).string(); }

  void set_environment() {
    variables["AWS_ACCESS_KEY_ID"] = "ENVKEY";
    variables["AWS_SECRET_ACCESS_KEY"] = "s";
  }
  void set_web_identity() {
    variables["AWS_WEB_IDENTITY_TOKEN_FILE"] = file("token");
    variables["AWS_ROLE_ARN"] = "arn:web";
  }
  void set_files() { variables["AWS_SHARED_CREDENTIALS_FILE"] = file("credentials"); }
  void set_container() { variables["AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"] = "/x"; }

  CredentialsContext context() {
    return {.environment = lookup_in(variables), .transport = sts, .metadata_transport = metadata, .clock = clock};
  }
  Result<std::shared_ptr<const Credentials>> ask(CredentialsChainOptions options = {}) {
    options.context = context();
    return make_default_credentials(std::move(options))->get();
  }
  std::string winner(CredentialsChainOptions options = {}) {
    const auto credentials = must(ask(std::move(options)));
    return credentials->access_key_id + " from " + credentials->source;
  }
  void answer_metadata(std::vector<std::string> bodies) {
    metadata = std::make_shared<ScriptedTransport>();
    for (auto& body : bodies) metadata->answer({.body = std::move(body)});
  }

  TempFolder folder;
  Variables variables;
  std::shared_ptr<ScriptedTransport> sts = std::make_shared<ScriptedTransport>();
  std::shared_ptr<ScriptedTransport> metadata = std::make_shared<ScriptedTransport>();
  std::shared_ptr<ManualClock> clock = std::make_shared<ManualClock>();
};

}  // namespace

TEST_CASE("the chain asks environment, web identity, files, container and instance, in this order") {
  Machine all;
  all.set_environment();
  all.set_web_identity();
  all.set_files();
  all.set_container();
  CHECK(all.winner({.credentials = Credentials{.access_key_id = "GIVEN", .secret_access_key = Secret("s")}}) ==
        "GIVEN from the program itself");
  CHECK(all.winner() == "ENVKEY from environment");
  all.variables.erase("AWS_ACCESS_KEY_ID");
  all.variables.erase("AWS_SECRET_ACCESS_KEY");
  all.sts->answer({.body = sts_reply("AssumeRoleWithWebIdentity", "WEBKEY")});
  CHECK(all.winner() == "WEBKEY from web identity, role arn:web");
  all.variables.erase("AWS_WEB_IDENTITY_TOKEN_FILE");
  CHECK(all.winner() == "FILEKEY from profile 'default'");
  all.variables.erase("AWS_SHARED_CREDENTIALS_FILE");
  all.answer_metadata({metadata_reply("ECSKEY")});
  CHECK(all.winner() == "ECSKEY from container");
  all.variables.erase("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI");
  all.answer_metadata({"token", "role", metadata_reply("EC2KEY")});
  CHECK(all.winner() == "EC2KEY from instance metadata, role role");
}

TEST_CASE("a profile that the program names goes before the environment; AWS_PROFILE does not") {
  Machine machine;
  machine.set_environment();
  machine.set_web_identity();
  machine.set_files();
  CHECK(machine.winner({.profile = "other"}) == "OTHERKEY from profile 'other'");
  machine.variables["AWS_PROFILE"] = "other";
  CHECK(machine.winner() == "ENVKEY from environment");
  CHECK(machine.sts->sent().empty());
}

TEST_CASE("nothing at all is an error that lists each place and its reason") {
  Machine machine;
  machine.metadata->answer(no_answer());
  const auto none = machine.ask();
  CHECK(code_of(none) == ErrorCode::unauthenticated);
  CHECK(none.error().message() ==
        "no credentials from the default chain: environment (AWS_ACCESS_KEY_ID is not set), web identity "
        "(AWS_WEB_IDENTITY_TOKEN_FILE is not set), profile 'default' (there is no profile 'default' in '' or ''), "
        "container (neither AWS_CONTAINER_CREDENTIALS_RELATIVE_URI nor AWS_CONTAINER_CREDENTIALS_FULL_URI is set), "
        "instance metadata (nothing answers at http://169.254.169.254 within a second)");
}

TEST_CASE("instance metadata is not asked for a service outside of AWS") {
  for (const char* endpoint : {"https://acc.r2.cloudflarestorage.com", "http://localhost:9000",
                               "https://amazonaws.com.evil.example", "https://evilamazonaws.com"}) {
    Machine machine;
    const auto none = machine.ask({.endpoint = endpoint});
    REQUIRE_FALSE(none);
    CHECK(none.error().message().ends_with("instance metadata (not asked: the endpoint is not one of AWS)"));
    CHECK(machine.metadata->sent().empty());
  }
  for (const char* endpoint : {"", "https://s3.eu-west-1.amazonaws.com", "https://S3.cn-north-1.amazonaws.com.cn"}) {
    Machine machine;
    machine.answer_metadata({"token", "role", metadata_reply("EC2KEY")});
    CHECK(machine.winner({.endpoint = endpoint}) == "EC2KEY from instance metadata, role role");
  }
}

TEST_CASE("a place that is set up and fails ends the search") {
  Machine machine;
  machine.set_files();
  SECTION("half an environment") {
    machine.variables["AWS_ACCESS_KEY_ID"] = "ENVKEY";
    const auto failed = machine.ask();
    CHECK(code_of(failed) == ErrorCode::unauthenticated);
    CHECK(failed.error().message() ==
          "credentials from environment: AWS_ACCESS_KEY_ID is set, but AWS_SECRET_ACCESS_KEY is not");
  }
  SECTION("an STS that is down") {
    machine.set_web_identity();
    machine.sts->answer({.status = 503, .body = sts_error("ServiceUnavailable", "m")});
    const auto failed = machine.ask();
    CHECK(code_of(failed) == ErrorCode::unavailable);
    CHECK(failed.error().message() ==
          "credentials from web identity: STS does not let 'arn:web' be assumed: HTTP 503 ServiceUnavailable; passed "
          "over before: environment (AWS_ACCESS_KEY_ID is not set)");
    CHECK(failed.error().retryable());
    CHECK(failed.error().service_code() == "ServiceUnavailable");
  }
}

TEST_CASE("each single place can be asked by itself") {
  Machine machine;
  machine.set_environment();
  machine.set_files();
  machine.set_container();
  machine.sts->answer({.body = sts_reply("AssumeRoleWithWebIdentity", "WEBKEY")});
  const std::string reply = machine.file("reply");
  std::ofstream(reply) << R"({"Version":1,"AccessKeyId":"PROCKEY","SecretAccessKey":"s"})";
  const auto id = [](const std::shared_ptr<CredentialsProvider>& provider) {
    return must(provider->get())->access_key_id;
  };
  CHECK(id(environment_credentials(machine.context())) == "ENVKEY");
  CHECK(id(profile_credentials("other", machine.context())) == "OTHERKEY");
  CHECK(id(profile_credentials("", machine.context())) == "FILEKEY");
  CHECK(id(process_credentials("cat " + reply, machine.context())) == "PROCKEY");
  CHECK(id(web_identity_credentials({.token_file = machine.file("token"), .role_arn = "arn"}, machine.context())) ==
        "WEBKEY");
  machine.answer_metadata({metadata_reply("ECSKEY")});
  CHECK(id(container_credentials(machine.context())) == "ECSKEY");
  machine.answer_metadata({"token", "role", metadata_reply("EC2KEY")});
  CHECK(id(instance_credentials(machine.context())) == "EC2KEY");
}

TEST_CASE("making a provider looks at nothing") {
  int looks = 0;
  auto sts = std::make_shared<ScriptedTransport>();
  CredentialsContext context{.environment = [&](std::string_view) -> std::optional<std::string> {
                               ++looks;
                               return std::nullopt;
                             },
                             .transport = sts,
                             .metadata_transport = sts};
  const auto chain = make_default_credentials({.context = context});
  const auto profile = profile_credentials("x", context);
  const auto instance = instance_credentials(context);
  CHECK(looks == 0);
  CHECK(sts->sent().empty());
}

TEST_CASE("temporary credentials of the chain are renewed from the same place") {
  Machine machine;
  machine.set_container();
  machine.answer_metadata({metadata_reply("FIRST"), metadata_reply("SECOND")});  // both until 06:00
  const auto chain = make_default_credentials({.context = machine.context()});
  CHECK(must(chain->get())->access_key_id == "FIRST");
  machine.clock->advance(std::chrono::hours(5));
  CHECK(must(chain->get())->access_key_id == "FIRST");
  machine.clock->advance(std::chrono::minutes(55));
  CHECK(must(chain->get())->access_key_id == "SECOND");
}

TEST_CASE("options from the environment take the chain where a variable says that it has credentials") {
  Machine machine;
  machine.set_files();
  machine.variables["AWS_S3_BUCKET"] = "takes";
  machine.variables["AWS_REGION"] = "eu-west-1";
  CHECK(s3_options_from_environment(lookup_in(machine.variables)).error().message() ==
        "not set in the environment: AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY");
  machine.variables["AWS_PROFILE"] = "other";
  const auto options = must(s3_options_from_environment(lookup_in(machine.variables)));
  CHECK(must(options.credentials->get())->source == "profile 'other'");
  machine.set_environment();
  const auto keys = must(s3_options_from_environment(lookup_in(machine.variables)));
  CHECK(must(keys.credentials->get())->source == "environment");
  machine.variables.erase("AWS_SECRET_ACCESS_KEY");
  CHECK(s3_options_from_environment(lookup_in(machine.variables)).error().message() ==
        "not set in the environment: AWS_SECRET_ACCESS_KEY");
}
