// The ordinary way through the API, and who is let in.
#include "service/client.h"
#include "support/wav.h"

#include <catch2/catch.hpp>

using namespace audio_service;
using audiostore::make_wav;

TEST_CASE("a user logs in, records, listens and deletes", "[service]") {
  const ServiceProcess service;
  const Client alice(service, service.add_user("alice"));
  REQUIRE(alice.get("/api/session").json()["user"]["name"] == "alice");
  const std::string project = alice.make_project("songs");
  REQUIRE(alice.get("/api/projects").json()["projects"][0]["name"] == "songs");

  const std::string take = make_wav(4000);
  const Answer uploaded = alice.upload(project, "take-1", take, "audio/wav");
  REQUIRE(uploaded.status == 200);
  const auto answer = uploaded.json();
  CHECK(answer["success"] == true);
  CHECK(answer["key"] == alice.key_of(project, "take-1"));
  CHECK(answer["size"] == take.size());
  CHECK(answer["contentType"] == "audio/wav");
  CHECK(answer["recordingId"] == "take-1");
  CHECK(answer["expiresIn"] == 3600);
  CHECK(send("GET", answer["url"]).body == take);

  REQUIRE(alice.upload(project, "take-2", make_wav(10)).status == 200);
  const auto listed = alice.get("/api/projects/" + project + "/recordings").json()["recordings"];
  REQUIRE(listed.size() == 2);
  CHECK(listed[0]["recordingId"] == "take-2");  // newest first
  CHECK(listed[1]["recordingId"] == "take-1");
  CHECK(listed[1]["durationSeconds"] == 0.5);

  const Answer link = alice.get("/api/audio/url?recordingId=take-1&expiresIn=60");
  CHECK(link.json()["expiresIn"] == 60);
  CHECK(send("GET", link.json()["url"]).body == take);

  CHECK(alice.remove("/api/audio/delete", {{"recordingId", "take-1"}}).json()["success"] == true);
  CHECK(send("GET", link.json()["url"]).status == 404);
  CHECK(alice.remove("/api/audio/delete", {{"recordingId", "take-1"}}).status == 404);
  CHECK(alice.remove("/api/audio/delete", {{"key", alice.key_of(project, "take-2")}}).status == 200);
  CHECK(service.objects().empty());
  CHECK(service.query("SELECT count(*) FROM recordings") == 0);
}

TEST_CASE("the same upload again is the same recording, another is refused", "[service]") {
  const ServiceProcess service;
  const Client alice(service, service.add_user("alice"));
  const std::string project = alice.make_project();
  const std::string take = make_wav(100);
  REQUIRE(alice.upload(project, "r", take).status == 200);
  const Answer again = alice.upload(project, "r", take);
  CHECK(again.status == 200);
  CHECK(again.json()["key"] == alice.key_of(project, "r"));
  const Answer other = alice.upload(project, "r", make_wav(100, 70));
  CHECK(other.status == 409);
  CHECK(other.code() == "already_exists");
  CHECK(send("GET", again.json()["url"]).body == take);
  CHECK(service.objects().size() == 1);
}

TEST_CASE("a cookie is a session for pages of the service only", "[service]") {
  const ServiceProcess service;
  const std::string token = service.add_user("alice");
  const std::string session = service.origin() + "/api/session";
  const Answer in = send("POST", session, nlohmann::json{{"token", token}}.dump(), {{"Origin", service.origin()}});
  REQUIRE(in.status == 200);
  const std::string cookie = in.header("Set-Cookie");
  CHECK(cookie.find("HttpOnly") != std::string::npos);
  CHECK(cookie.find("SameSite=Strict") != std::string::npos);
  CHECK(cookie.find(token) == std::string::npos);
  const std::string pair = cookie.substr(0, cookie.find(';'));

  CHECK(send("GET", session, {}, {{"Cookie", "other=1; " + pair}}).json()["user"]["name"] == "alice");
  const std::string projects = service.origin() + "/api/projects";
  const std::string body = R"({"name":"p"})";
  CHECK(send("POST", projects, body, {{"Cookie", pair}}).code() == "origin_refused");
  CHECK(send("POST", projects, body, {{"Cookie", pair}, {"Origin", "http://evil.example"}}).status == 403);
  CHECK(send("POST", projects, body, {{"Cookie", pair}, {"Origin", "null"}}).status == 403);
  CHECK(send("POST", projects, body, {{"Cookie", pair}, {"Origin", service.origin()}}).status == 200);
  CHECK(send("POST", session, nlohmann::json{{"token", token}}.dump(), {{"Origin", "http://evil.example"}}).status ==
        403);

  const Answer out = send("DELETE", session, {}, {{"Cookie", pair}, {"Origin", service.origin()}});
  CHECK(out.status == 200);
  CHECK(out.header("Set-Cookie").find("Max-Age=0") != std::string::npos);
  CHECK(send("GET", session, {}, {{"Cookie", pair}}).status == 401);
  CHECK(send("GET", session, {}, {{"Authorization", "Bearer " + token}}).status == 200);
}

TEST_CASE("nobody comes in without a session", "[service]") {
  const ServiceProcess service;
  const std::string token = service.add_user("alice");
  std::string other = token;
  other.back() = other.back() == '0' ? '1' : '0';
  for (const std::string& wrong : {std::string(), other, token.substr(1), token + "0", std::string(5'000, 'a')}) {
    const Client stranger(service, wrong);
    CHECK(stranger.get("/api/session").status == 401);
    CHECK(stranger.get("/api/projects").status == 401);
    CHECK(stranger.post("/api/projects", {{"name", "p"}}).status == 401);
    CHECK(stranger.get("/api/projects/p/recordings").status == 401);
    CHECK(stranger.upload("p", "r", make_wav(10)).status == 401);
    CHECK(stranger.get("/api/audio/url?recordingId=r").status == 401);
    CHECK(stranger.remove("/api/audio/delete", {{"recordingId", "r"}}).code() == "unauthenticated");
    CHECK(stranger.open_ticket("p", "r", 10).status == 401);
    CHECK(stranger.post("/api/audio/ticket/t/parts", {{"partNumbers", {1}}}).status == 401);
    CHECK(stranger.post("/api/audio/ticket/t/complete", nlohmann::json::object()).status == 401);
    CHECK(stranger.remove("/api/audio/ticket/t").status == 401);
  }
  CHECK(send("POST", service.origin() + "/api/session", R"({"token":"x"})").status == 401);
  CHECK(service.objects().empty());
}

TEST_CASE("health, metrics and the page need no session", "[service]") {
  const ServiceProcess service;
  const auto get = [&](const std::string& path) { return send("GET", service.origin() + path); };
  CHECK(get("/healthz").json() == nlohmann::json{{"success", true}, {"status", "ok"}});
  CHECK(get("/metrics")
            .body.find("audio_service_http_requests_total{method=\"GET\",route=\"/healthz\",status=\"200\"} 1\n") !=
        std::string::npos);
  CHECK(get("/").body.find("<title>page</title>") != std::string::npos);
  CHECK(get("/").header("Content-Type") == "text/html; charset=utf-8");
  CHECK(get("/app.js").header("Content-Type") == "text/javascript; charset=utf-8");
  for (const char* path : {"/secret.txt", "/../data/audio-service.db", "/%2e%2e/data/audio-service.db", "/app.js/",
                           "/x", "/..", "/web/app.js", "/api/nothing", "/.html"}) {
    INFO(path);
    CHECK(get(path).status == 404);
    CHECK(get(path).code() == "not_found");
  }
}
