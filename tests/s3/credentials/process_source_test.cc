#include "s3/credentials/process_source.h"

#include "s3/credentials/lookups.h"
#include "support/temp_folder.h"

#include <catch2/catch.hpp>

#include <fstream>

using namespace audiostore;

namespace {

/// A program in a folder with a blank in its name, that prints `output`.
struct Program {
  explicit Program(const std::string& output) {
    std::ofstream(reply) << output;
    std::ofstream(script) << "test \"$1\" = 'two words' && cat '" << reply << "'\n";
  }
  [[nodiscard]] std::string command(const std::string& argument = "'two words'") const {
    return "/bin/sh \"" + script + "\" " + argument;
  }

  TempFolder folder;
  std::string reply = (folder.path() / "reply").string();
  std::string script = (folder.path() / "my program").string();
};

}  // namespace

TEST_CASE("a credential process is run for its credentials") {
  const Program program(R"({"Version":1,"AccessKeyId":"PROCKEY","SecretAccessKey":"s","SessionToken":"t",
                            "Expiration":"2013-05-24T00:00:00Z"})");
  const auto credentials = found(ProcessSource(program.command()).look_up());
  CHECK(credentials.access_key_id == "PROCKEY");
  CHECK(credentials.secret_access_key.reveal() == "s");
  CHECK(credentials.session_token.reveal() == "t");
  CHECK(credentials.expires_at.has_value());
  CHECK(credentials.source == "credential process");
}

TEST_CASE("a credential process that fails or babbles is an error without a word of it") {
  const Program program("{\"SecretAccessKey\":\"SECRET\"} SECRET");
  for (const std::string& command :
       {program.command(), program.command("SECRET"), std::string("/bin/sh 'SECRET"), std::string("")}) {
    const auto lookup = ProcessSource(command).look_up();
    REQUIRE_FALSE(lookup);
    CHECK(lookup.error().to_string().find("SECRET") == std::string::npos);
  }
}

TEST_CASE("a credential process is not run by a shell") {
  const TempFolder folder;
  const std::string trap = (folder.path() / "trap").string();
  CHECK_FALSE(ProcessSource("true; touch " + trap).look_up());
  CHECK_FALSE(ProcessSource("true $(touch " + trap + ")").look_up());
  CHECK_FALSE(ProcessSource("true | touch " + trap).look_up());
  CHECK_FALSE(std::filesystem::exists(trap));
}
