// The chain over the real transport, against servers on this machine that speak the published protocols.
#include <audiostore/credentials_chain.h>

#include "s3/credentials/lookups.h"
#include "s3/credentials/sts_replies.h"
#include "support/manual_clock.h"
#include "support/tcp_server.h"
#include "support/temp_folder.h"

#include <catch2/catch.hpp>

#include <fstream>

using namespace audiostore;

namespace {

bool has_line(const std::string& request, const std::string& line) {
  return request.find("\r\n" + line + "\r\n") != std::string::npos;
}

/// Answers each request on a connection with what `answer` says to it.
TcpServer::Script answering_by(std::function<std::string(const std::string&)> answer) {
  return [answer = std::move(answer)](TcpConnection& connection) {
    while (const auto request = connection.read_request()) {
      if (!connection.send(answer(*request))) return;
    }
  };
}

/// The instance metadata service: a token by PUT, everything else for the token only.
std::string instance_metadata(const std::string& request) {
  const auto asks = [&](std::string_view line) { return request.starts_with(line); };
  if (asks("PUT /latest/api/token HTTP/1.1\r\n")) {
    return has_line(request, "X-aws-ec2-metadata-token-ttl-seconds: 21600") ? http_response(200, "to+ken==")
                                                                            : http_response(400);
  }
  if (!has_line(request, "X-aws-ec2-metadata-token: to+ken==")) return http_response(401);
  if (asks("GET /latest/meta-data/iam/security-credentials/ HTTP/1.1\r\n")) return http_response(200, "takes-role");
  if (asks("GET /latest/meta-data/iam/security-credentials/takes-role HTTP/1.1\r\n")) {
    return http_response(200, metadata_reply("EC2KEY"));
  }
  return http_response(404);
}

CredentialsContext context(Variables variables) {
  return {.environment = lookup_in(std::move(variables)), .clock = std::make_shared<ManualClock>()};
}

}  // namespace

TEST_CASE("instance metadata is fetched over the network") {
  TcpServer server(answering_by(instance_metadata));
  const auto chain =
      make_default_credentials({.context = context({{"AWS_EC2_METADATA_SERVICE_ENDPOINT", server.url("")}})});
  CHECK(server.requests().empty());
  CHECK(must(chain->get())->access_key_id == "EC2KEY");
  CHECK(must(chain->get())->source == "instance metadata, role takes-role");
  CHECK(server.requests().size() == 3);
}

TEST_CASE("container credentials are fetched over the network") {
  TcpServer server(answering_by([](const std::string& request) {
    const bool allowed =
        request.starts_with("GET /v1/credentials HTTP/1.1\r\n") && has_line(request, "Authorization: ey.K");
    return allowed ? http_response(200, metadata_reply("EKSKEY")) : http_response(401);
  }));
  const TempFolder folder;
  std::ofstream(folder.path() / "token") << "ey.K";
  const auto chain = make_default_credentials(
      {.context = context({{"AWS_CONTAINER_CREDENTIALS_FULL_URI", server.url("/v1/credentials")},
                           {"AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", (folder.path() / "token").string()}})});
  CHECK(must(chain->get())->access_key_id == "EKSKEY");
}

TEST_CASE("a web identity is exchanged over the network") {
  TcpServer server(answering_by([](const std::string& request) {
    const bool right = request.starts_with("POST / HTTP/1.1\r\n") &&
                       request.find("Action=AssumeRoleWithWebIdentity&") != std::string::npos &&
                       request.ends_with("&WebIdentityToken=ey.J");
    return right ? http_response(200, sts_reply("AssumeRoleWithWebIdentity", "WEBKEY")) : http_response(400);
  }));
  const TempFolder folder;
  std::ofstream(folder.path() / "token") << "ey.J";
  const auto chain =
      make_default_credentials({.context = context({{"AWS_ENDPOINT_URL_STS", server.url("")},
                                                    {"AWS_WEB_IDENTITY_TOKEN_FILE", (folder.path() / "token").string()},
                                                    {"AWS_ROLE_ARN", "arn:aws:iam::1:role/web"}})});
  CHECK(must(chain->get())->access_key_id == "WEBKEY");
}

TEST_CASE("a metadata service that accepts and says nothing is given up after a second") {
  TcpServer server([](TcpConnection& connection) { connection.stall(); });
  const auto begin = std::chrono::steady_clock::now();
  const auto none =
      make_default_credentials({.context = context({{"AWS_EC2_METADATA_SERVICE_ENDPOINT", server.url("")}})})->get();
  CHECK(code_of(none) == ErrorCode::unauthenticated);
  CHECK(none.error().message().find("nothing answers at http://127.0.0.1:") != std::string::npos);
  CHECK(std::chrono::steady_clock::now() - begin < std::chrono::seconds(15));
  CHECK(server.accepted() == 1);
}
