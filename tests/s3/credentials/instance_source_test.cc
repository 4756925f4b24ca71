#include "s3/credentials/instance_source.h"

#include "s3/credentials/lookups.h"

#include <catch2/catch.hpp>

using namespace audiostore;

namespace {

void answer_all(Wire& wire) {
  wire.script->answer({.body = "AQAEtoken=="});
  wire.script->answer({.body = "takes-role\n"});
  wire.script->answer({.body = metadata_reply("EC2KEY")});
}

Lookup ask(const Wire& wire, Variables variables = {}) {
  return InstanceSource(lookup_in(std::move(variables)), wire.transport).look_up();
}

}  // namespace

TEST_CASE("an instance gets its role's credentials by version 2 of the protocol") {
  Wire wire;
  answer_all(wire);
  const auto credentials = found(ask(wire));
  CHECK(credentials.access_key_id == "EC2KEY");
  CHECK(credentials.session_token.reveal() == "t0ken");
  CHECK(credentials.source == "instance metadata, role takes-role");
  REQUIRE(wire.script->sent().size() == 3);
  const HttpRequest& token = wire.script->sent()[0].request;
  CHECK(token.method == "PUT");
  CHECK(token.url == "http://169.254.169.254/latest/api/token");
  CHECK(find_header(token.headers, "X-aws-ec2-metadata-token-ttl-seconds") == "21600");
  CHECK(wire.script->sent()[1].request.url == "http://169.254.169.254/latest/meta-data/iam/security-credentials/");
  CHECK(wire.script->sent()[2].request.url ==
        "http://169.254.169.254/latest/meta-data/iam/security-credentials/takes-role");
  for (std::size_t i : {1U, 2U}) {
    const HttpRequest& request = wire.script->sent()[i].request;
    CHECK(request.method == "GET");
    CHECK(find_header(request.headers, "X-aws-ec2-metadata-token") == "AQAEtoken==");
  }
  for (const auto& sent : wire.script->sent()) CHECK(sent.request.call.deadline == std::chrono::seconds(1));
}

TEST_CASE("the metadata service is where the environment says") {
  const std::vector<std::pair<Variables, std::string>> cases{
      {{{"AWS_EC2_METADATA_SERVICE_ENDPOINT", "http://127.0.0.1:1338/"}}, "http://127.0.0.1:1338/latest/api/token"},
      {{{"AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE", "ipv6"}}, "http://[fd00:ec2::254]/latest/api/token"},
      {{{"AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE", "IPv4"}}, "http://169.254.169.254/latest/api/token"},
      {{{"AWS_EC2_METADATA_DISABLED", "false"}}, "http://169.254.169.254/latest/api/token"}};
  for (const auto& [variables, url] : cases) {
    Wire wire;
    answer_all(wire);
    found(ask(wire, variables));
    CHECK(wire.script->sent()[0].request.url == url);
  }
  for (const Variables& variables : {Variables{{"AWS_EC2_METADATA_SERVICE_ENDPOINT", "127.0.0.1"}},
                                     Variables{{"AWS_EC2_METADATA_SERVICE_ENDPOINT", "http://a/?x="}},
                                     Variables{{"AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE", "IPv5"}}}) {
    Wire wire;
    CHECK(code_of(ask(wire, variables)) == ErrorCode::invalid_argument);
    CHECK(wire.script->sent().empty());
  }
}

TEST_CASE("instance metadata can be switched off") {
  Wire wire;
  CHECK(absence(ask(wire, {{"AWS_EC2_METADATA_DISABLED", "TRUE"}})) == "AWS_EC2_METADATA_DISABLED is true");
  CHECK(wire.script->sent().empty());
}

TEST_CASE("where nothing answers there is no instance, and one try tells") {
  Wire wire;
  wire.script->answer(no_answer());
  CHECK(absence(ask(wire)) == "nothing answers at http://169.254.169.254 within a second");
  CHECK(wire.script->sent().size() == 1);
}

TEST_CASE("a call that is over before the service answers does not tell whether there is an instance") {
  Wire wire;
  wire.script->answer(no_answer());
  std::stop_source stop;
  stop.request_stop();
  const CallOptions call{.stop = stop.get_token()};
  CHECK_FALSE(InstanceSource(lookup_in({}), wire.transport).look_up_for(CallGuard(call)));
}

TEST_CASE("an instance whose service falls silent has not become something else") {
  Wire wire;
  answer_all(wire);
  InstanceSource source(lookup_in({}), wire.transport);
  found(source.look_up());
  wire.script->answer(no_answer());
  CHECK(code_of(source.look_up()) == ErrorCode::unavailable);
}

TEST_CASE("an instance without a role, or without the service, has no credentials") {
  const auto why = [](std::vector<ScriptedTransport::Answer> answers) {
    Wire wire;
    for (auto& answer : answers) wire.script->answer(std::move(answer));
    auto absent = absence(ask(wire));
    CHECK(wire.script->used_up());
    return absent;
  };
  CHECK(why({{.body = "tok"}, {.status = 404}}) == "the instance has no role");
  CHECK(why({{.body = "tok"}, {.body = " \n"}}) == "the instance has no role");
  CHECK(why({{.status = 403}}) ==
        "the instance metadata service gives no token (HTTP 403): it is off, or too many hops away");
}

TEST_CASE("a metadata service that breaks or babbles is an error, and version 1 is never spoken") {
  const auto code = [](std::vector<ScriptedTransport::Answer> answers) {
    Wire wire;
    for (auto& answer : answers) wire.script->answer(std::move(answer));
    const auto lookup = ask(wire);
    CHECK(wire.script->used_up());
    for (const auto& sent : wire.script->sent()) {
      CHECK((sent.request.method == "PUT" || find_header(sent.request.headers, "X-aws-ec2-metadata-token")));
    }
    return code_of(lookup);
  };
  CHECK(code({{.status = 500}}) == ErrorCode::unavailable);
  CHECK(code({{.body = ""}}) == ErrorCode::corrupt);
  CHECK(code({{.body = "two\r\nlines"}}) == ErrorCode::corrupt);
  CHECK(code({{.body = "tok"}, {.status = 401}}) == ErrorCode::unauthenticated);
  CHECK(code({{.body = "tok"}, {.body = "../../user-data"}}) == ErrorCode::corrupt);
  CHECK(code({{.body = "tok"}, {.body = "<html>"}}) == ErrorCode::corrupt);
  CHECK(code({{.body = "tok"}, {.body = "role"}, {.status = 503}}) == ErrorCode::unavailable);
  CHECK(code({{.body = "tok"}, {.body = "role"}, {.body = "{}"}}) == ErrorCode::corrupt);
  CHECK(code({{.body = "tok"}, {.body = "role"}, {.body = R"({"Code":"Failed"})"}}) == ErrorCode::unauthenticated);
}
