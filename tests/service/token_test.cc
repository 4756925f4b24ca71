// A token that has leaked, or was lost, is replaced.
#include "service/client.h"

#include <catch2/catch.hpp>

using namespace audio_service;

namespace {

std::string cookie_for(const ServiceProcess& service, const std::string& token) {
  const Answer in = send("POST", service.origin() + "/api/session", nlohmann::json{{"token", token}}.dump(),
                         {{"Origin", service.origin()}});
  const std::string cookie = in.header("Set-Cookie");
  return cookie.substr(0, cookie.find(';'));
}

int status_with(const ServiceProcess& service, const httplib::Headers& credentials) {
  return send("GET", service.origin() + "/api/projects", {}, credentials).status;
}

}  // namespace

TEST_CASE("with a new token the old one is dead, and all sessions that were opened with it", "[service]") {
  const ServiceProcess service;
  const std::string leaked = service.add_user("alice");
  const std::string bobs = service.add_user("bob");
  const std::string project = Client(service, leaked).make_project("kept");
  const std::string cookie = cookie_for(service, leaked);
  REQUIRE(status_with(service, {{"Cookie", cookie}}) == 200);

  const std::string token = service.new_token("alice");
  CHECK(token != leaked);
  CHECK(status_with(service, {{"Authorization", "Bearer " + leaked}}) == 401);
  CHECK(status_with(service, {{"Cookie", cookie}}) == 401);
  CHECK(send("POST", service.origin() + "/api/session", nlohmann::json{{"token", leaked}}.dump()).status == 401);
  CHECK(Client(service, token).get("/api/projects").json()["projects"][0]["id"] == project);
  CHECK(status_with(service, {{"Cookie", cookie_for(service, token)}}) == 200);
  CHECK(status_with(service, {{"Authorization", "Bearer " + bobs}}) == 200);
}

TEST_CASE("who has logged out the account's token comes back with a new one", "[service]") {
  const ServiceProcess service;
  const Client alice(service, service.add_user("alice"));
  const std::string project = alice.make_project();
  const Answer out = alice.remove("/api/session");
  REQUIRE(out.status == 200);
  CHECK(out.json()["message"].get<std::string>().find("audio-service new-token") != std::string::npos);
  CHECK(alice.get("/api/session").status == 401);
  const Client back(service, service.new_token("alice"));
  CHECK(back.get("/api/projects/" + project + "/recordings").status == 200);
}

TEST_CASE("there is no new token for nobody", "[service]") {
  const ServiceProcess service;
  const auto command = service.command({"new-token", "nobody"});
  CHECK(command->wait_for_line("audio-service: ").find("there is no user of this name") != std::string::npos);
  CHECK(command->wait() == 1);
  CHECK(service.query("SELECT count(*) FROM users") == 0);
}
