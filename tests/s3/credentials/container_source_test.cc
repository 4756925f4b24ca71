#include "s3/credentials/container_source.h"

#include "s3/credentials/lookups.h"
#include "s3/credentials/metadata_url.h"
#include "support/temp_folder.h"

#include <catch2/catch.hpp>

#include <fstream>

using namespace audiostore;

namespace {

Lookup ask(const Wire& wire, Variables variables) {
  return ContainerSource(lookup_in(std::move(variables)), wire.transport).look_up();
}

}  // namespace

TEST_CASE("container credentials are for http on this machine and the agents' addresses only") {
  for (const char* url : {"https://credentials.example/x", "http://127.0.0.1/x", "http://127.9.8.7:80/x",
                          "http://localhost:1/x", "http://LOCALHOST/x", "http://[::1]:80/x", "http://169.254.170.2/x",
                          "http://169.254.170.23:80/v1", "http://[fd00:ec2::23]/v1", "http://[FD00:EC2:0::23]/v1"}) {
    INFO(url);
    CHECK(check_container_url(url));
  }
  for (const char* url : {"http://169.254.169.254/x",
                          "http://169.254.170.22/x",
                          "http://example.com/x",
                          "http://127.0.0.1.example.com/x",
                          "http://127.1/x",
                          "http://0x7f.0.0.1/x",
                          "http://0177.0.0.1/x",
                          "http://2130706433/x",
                          "http://localhost.evil/x",
                          "http://[::ffff:127.0.0.1]/x",
                          "http://[::]/x",
                          "http://[::1/x",
                          "http://[127.0.0.1]/x",
                          "http://[::1]x/",
                          "http://[fd00:ec2::24]/x",
                          "http://0.0.0.0/x",
                          "http://127.0.0.1@evil/x",
                          "http://localhost#@evil/",
                          "ftp://127.0.0.1/x",
                          "file:///etc/passwd",
                          "127.0.0.1",
                          "http:///x",
                          "",
                          "http://127.0.0.1\\@evil/x",
                          "http://127.0.0.1%2eevil/x",
                          "http://::1/x"}) {
    INFO(url);
    CHECK(code_of(check_container_url(url)) == ErrorCode::invalid_argument);
  }
}

TEST_CASE("an ECS task gets its role's credentials from 169.254.170.2") {
  Wire wire;
  wire.script->answer({.body = metadata_reply("ECSKEY")});
  const auto credentials = found(ask(wire, {{"AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "/v2/credentials/uuid?id=1"},
                                            {"AWS_CONTAINER_CREDENTIALS_FULL_URI", "http://localhost/not-used"}}));
  CHECK(credentials.access_key_id == "ECSKEY");
  CHECK(credentials.secret_access_key.reveal() == "s3cr3t");
  CHECK(credentials.session_token.reveal() == "t0ken");
  CHECK(credentials.expires_at.has_value());
  CHECK(credentials.source == "container");
  REQUIRE(wire.script->sent().size() == 1);
  const HttpRequest& request = wire.script->sent()[0].request;
  CHECK(request.method == "GET");
  CHECK(request.url == "http://169.254.170.2/v2/credentials/uuid?id=1");
  CHECK_FALSE(find_header(request.headers, "Authorization"));
  CHECK(request.call.deadline == std::chrono::seconds(5));
}

TEST_CASE("an EKS pod gets its credentials with the token in a file, read anew each time") {
  const TempFolder folder;
  const std::string file = (folder.path() / "token").string();
  std::ofstream(file) << "first";
  Wire wire;
  ContainerSource source(lookup_in({{"AWS_CONTAINER_CREDENTIALS_FULL_URI", "http://169.254.170.23/v1/credentials"},
                                    {"AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", file},
                                    {"AWS_CONTAINER_AUTHORIZATION_TOKEN", "not used"}}),
                         wire.transport);
  for (const char* token : {"first", "second"}) {
    std::ofstream(file) << token;
    wire.script->answer({.body = metadata_reply("EKSKEY")});
    CHECK(found(source.look_up()).access_key_id == "EKSKEY");
    const HttpRequest& request = wire.script->sent().back().request;
    CHECK(request.url == "http://169.254.170.23/v1/credentials");
    CHECK(find_header(request.headers, "Authorization") == token);
  }
}

TEST_CASE("the token may be in the environment") {
  Wire wire;
  wire.script->answer({.body = metadata_reply("KEY")});
  found(ask(wire, {{"AWS_CONTAINER_CREDENTIALS_FULL_URI", "http://localhost:1/x"},
                   {"AWS_CONTAINER_AUTHORIZATION_TOKEN", "Bearer abc"}}));
  CHECK(find_header(wire.script->sent()[0].request.headers, "Authorization") == "Bearer abc");
}

TEST_CASE("outside of containers the source is not configured, and nothing is sent") {
  Wire wire;
  CHECK(absence(ask(wire, {{"AWS_CONTAINER_CREDENTIALS_FULL_URI", ""}})) ==
        "neither AWS_CONTAINER_CREDENTIALS_RELATIVE_URI nor AWS_CONTAINER_CREDENTIALS_FULL_URI is set");
  CHECK(wire.script->sent().empty());
}

TEST_CASE("what a container is set up with must make sense before anything is sent") {
  const Variables good{{"AWS_CONTAINER_CREDENTIALS_FULL_URI", "http://localhost/x"}};
  const TempFolder folder;
  std::ofstream(folder.path() / "lines") << "hidden\r\nX-Injected: 1";
  std::ofstream(folder.path() / "long") << std::string(20'000, 'x');
  const std::vector<std::pair<std::string, std::string>> bad{
      {"AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "@evil/x"},
      {"AWS_CONTAINER_CREDENTIALS_FULL_URI", "http://evil/x"},
      {"AWS_CONTAINER_AUTHORIZATION_TOKEN", "hidden\nX-Injected: 1"},
      {"AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", (folder.path() / "lines").string()},
      {"AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", (folder.path() / "long").string()},
      {"AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", (folder.path() / "missing").string()},
      {"AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", folder.path().string()}};
  for (const auto& [name, value] : bad) {
    INFO(name << "=" << value);
    Wire wire;
    Variables variables = good;
    variables[name] = value;
    const auto lookup = ask(wire, variables);
    REQUIRE_FALSE(lookup);
    CHECK(lookup.error().message().find("hidden") == std::string::npos);
    CHECK(wire.script->sent().empty());
  }
}

TEST_CASE("a container's service that refuses, breaks or babbles is an error") {
  const auto answer = [](ScriptedTransport::Answer given) {
    Wire wire;
    wire.script->answer(std::move(given));
    return code_of(ask(wire, {{"AWS_CONTAINER_CREDENTIALS_FULL_URI", "http://localhost/x"}}));
  };
  CHECK(answer({.status = 401, .body = "SECRET"}) == ErrorCode::unauthenticated);
  CHECK(answer({.status = 302}) == ErrorCode::unauthenticated);
  CHECK(answer({.status = 429}) == ErrorCode::unavailable);
  CHECK(answer({.status = 500}) == ErrorCode::unavailable);
  CHECK(answer({.body = "<html>"}) == ErrorCode::corrupt);
  CHECK(answer({.body = std::string(max_reply_bytes + 1, ' ')}) == ErrorCode::corrupt);
  CHECK(answer(no_answer()) == ErrorCode::unavailable);
}
