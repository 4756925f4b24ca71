// Whose is what: three users, three recordings, every endpoint.
#include "service/client.h"
#include "support/wav.h"

#include <catch2/catch.hpp>

#include <array>

using namespace audio_service;
using audiostore::make_wav;

namespace {

struct Owner {
  Client client;
  std::string project = {};
  std::string recording = {};  ///< that nobody else has
  std::string key = {};
  std::string url = {};
  std::string ticket = {};        ///< of one request
  std::string parts_ticket = {};  ///< of an upload in parts
};

constexpr std::uint64_t large = 6u << 20;

Owner make_owner(const ServiceProcess& service, const std::string& name) {
  Owner owner{.client = Client(service, service.add_user(name))};
  owner.project = owner.client.make_project(name);
  owner.recording = "of-" + name;
  const auto stored = owner.client.upload(owner.project, owner.recording, make_wav(50)).json();
  owner.key = stored["key"];
  owner.url = stored["url"];
  owner.ticket = owner.client.open_ticket(owner.project, "t1", 1000).json()["ticket"]["id"];
  owner.parts_ticket = owner.client.open_ticket(owner.project, "t2", large).json()["ticket"]["id"];
  return owner;
}

std::array<Owner, 3> make_owners(const ServiceProcess& service) {
  return {make_owner(service, "alice"), make_owner(service, "bob"), make_owner(service, "carol")};
}

std::string url_query(const std::string& url) {
  return "/api/audio/url?url=" + httplib::detail::encode_query_param(url);
}

/// Every endpoint that names something, asked by `asking` for what is `owned`; what is the same for all owners last.
std::vector<std::pair<std::string, Answer>> ask_all(const Client& asking, const Owner& owned) {
  const std::string ticket = "/api/audio/ticket/";
  std::vector<std::pair<std::string, Answer>> answers;
  answers.emplace_back("list", asking.get("/api/projects/" + owned.project + "/recordings"));
  answers.emplace_back("url by recordingId", asking.get("/api/audio/url?recordingId=" + owned.recording));
  answers.emplace_back("url by key", asking.get("/api/audio/url?key=" + owned.key));
  answers.emplace_back("url by key and recordingId",
                       asking.get("/api/audio/url?key=" + owned.key + "&recordingId=" + owned.recording));
  answers.emplace_back("url by url", asking.get(url_query(owned.url)));
  answers.emplace_back("upload", asking.upload(owned.project, "new", make_wav(20)));
  answers.emplace_back("ticket", asking.open_ticket(owned.project, "new-2", 1000));
  answers.emplace_back("parts", asking.post(ticket + owned.parts_ticket + "/parts", {{"partNumbers", {1}}}));
  answers.emplace_back("abort", asking.remove(ticket + owned.parts_ticket));
  answers.emplace_back("delete by key", asking.remove("/api/audio/delete", {{"key", owned.key}}));
  return answers;
}

}  // namespace

TEST_CASE("S1: nobody reaches what is another's, on any endpoint", "[service]") {
  const ServiceProcess service({"--multipart-above", "5242880"});
  const auto owners = make_owners(service);
  for (const Owner& asking : owners) {
    for (const Owner& owned : owners) {
      if (&asking == &owned) continue;
      for (const auto& [endpoint, answer] : ask_all(asking.client, owned)) {
        INFO(endpoint);
        CHECK(answer.status == 404);
        CHECK(answer.code() == "not_found");
      }
      for (const std::string& id : {owned.ticket, owned.parts_ticket}) {
        CHECK(asking.client.post("/api/audio/ticket/" + id + "/complete", nlohmann::json::object()).status == 404);
        CHECK(asking.client.remove("/api/audio/ticket/" + id).status == 404);
      }
      CHECK(asking.client.remove("/api/audio/delete", {{"recordingId", owned.recording}}).status == 404);
      CHECK(asking.client.remove("/api/audio/delete", {{"key", owned.key}, {"recordingId", owned.recording}}).status ==
            404);
    }
  }
  // Nothing has happened to anybody; and the diagonal passes, or all of this proves nothing.
  for (const Owner& owner : owners) {
    for (const auto& [endpoint, answer] : ask_all(owner.client, owner)) {
      INFO(endpoint << ": " << answer.body);
      CHECK(answer.status == 200);
    }
    CHECK(owner.client.post("/api/audio/ticket/" + owner.ticket + "/complete", nlohmann::json::object()).code() ==
          "precondition_failed");
    CHECK(owner.client.remove("/api/audio/ticket/" + owner.ticket).status == 200);
  }
}

TEST_CASE("S1: another's and nobody's look the same to the letter", "[service]") {
  const ServiceProcess service;
  const Client alice(service, service.add_user("alice"));
  const Client bob(service, service.add_user("bob"));
  const std::string project = alice.make_project();
  REQUIRE(alice.upload(project, "r", make_wav(10)).status == 200);
  const auto same = [](const Answer& a, const Answer& b) {
    CHECK(a.status == 404);
    CHECK(a.status == b.status);
    CHECK(a.body == b.body);
  };
  same(bob.get("/api/audio/url?recordingId=r"), bob.get("/api/audio/url?recordingId=none"));
  same(bob.get("/api/audio/url?key=" + alice.key_of(project, "r")),
       bob.get("/api/audio/url?key=" + alice.key_of(project, "none")));
  same(bob.remove("/api/audio/delete", {{"recordingId", "r"}}),
       bob.remove("/api/audio/delete", {{"recordingId", "none"}}));
  same(bob.get("/api/projects/" + project + "/recordings"), bob.get("/api/projects/none/recordings"));
  same(bob.upload(project, "x", make_wav(10)), bob.upload("none", "x", make_wav(10)));
  // The id that alice has used is free for bob.
  CHECK(bob.upload(bob.make_project(), "r", make_wav(10)).status == 200);
}

TEST_CASE("S2: a key and an id that disagree are refused; an id that is gone is gone", "[service]") {
  const ServiceProcess service;
  const Client alice(service, service.add_user("alice"));
  const Client bob(service, service.add_user("bob"));
  const std::string project = alice.make_project();
  REQUIRE(alice.upload(project, "r1", make_wav(10)).status == 200);
  REQUIRE(alice.upload(project, "r2", make_wav(10)).status == 200);
  const std::string bobs = bob.make_project();
  REQUIRE(bob.upload(bobs, "r1", make_wav(10)).status == 200);

  const std::string key = alice.key_of(project, "r1");
  CHECK(alice.get("/api/audio/url?key=" + key + "&recordingId=r2").code() == "invalid_argument");
  CHECK(alice.remove("/api/audio/delete", {{"key", key}, {"recordingId", "r2"}}).status == 400);
  // bob's key with an id that alice has herself
  CHECK(alice.get("/api/audio/url?key=" + bob.key_of(bobs, "r1") + "&recordingId=r1").status == 404);
  CHECK(alice.remove("/api/audio/delete", {{"key", bob.key_of(bobs, "r1")}, {"recordingId", "r1"}}).status == 404);
  CHECK(alice.get("/api/audio/url?key=" + alice.key_of(bobs, "r1")).status == 404);  // another project's key
  CHECK(service.objects().size() == 3);

  REQUIRE(alice.remove("/api/audio/delete", {{"recordingId", "r1"}}).status == 200);
  CHECK(alice.get("/api/audio/url?recordingId=r1").status == 404);
  CHECK(alice.get("/api/audio/url?key=" + key).status == 404);
  REQUIRE(alice.upload(project, "r1", make_wav(30)).status == 200);  // used again: another recording
  CHECK(send("GET", alice.get("/api/audio/url?recordingId=r1").json()["url"]).body == make_wav(30));
  for (const char* id : {"..", ".", "a%2Fb", "a%00", "%c3%a9", "a%20b", ""}) {
    INFO(id);
    CHECK(alice.get(std::string("/api/audio/url?recordingId=") + id).status == 400);
  }
  CHECK(alice.upload(project, "../x", make_wav(10)).status == 400);
  CHECK(alice.upload("..", "x", make_wav(10)).status == 400);
  CHECK(alice.upload(project, std::string(65, 'a'), make_wav(10)).status == 400);
}

TEST_CASE("S3: the parts of an upload are its owner's, and numbered as planned", "[service]") {
  const ServiceProcess service({"--multipart-above", "5242880"});
  const Client alice(service, service.add_user("alice"));
  const Client bob(service, service.add_user("bob"));
  const std::string project = alice.make_project();
  const auto ticket = alice.open_ticket(project, "r", 20u << 20).json()["ticket"];
  REQUIRE(ticket["mode"] == "multipart");
  const int last = ticket["partCount"];
  CHECK(last == 3);
  const std::string parts = "/api/audio/ticket/" + ticket["id"].get<std::string>() + "/parts";
  for (const nlohmann::json& numbers :
       {nlohmann::json{0}, nlohmann::json{-1}, nlohmann::json{last + 1}, nlohmann::json{10'001}, nlohmann::json{1, 0},
        nlohmann::json{4294967297}, nlohmann::json{"1"}, nlohmann::json{1.5}, nlohmann::json::array(),
        nlohmann::json(1), nlohmann::json(nullptr)}) {
    INFO(numbers);
    CHECK(alice.post(parts, {{"partNumbers", numbers}}).status == 400);
  }
  CHECK(alice.post(parts, {{"partNumbers", std::vector<int>(101, 1)}}).status == 400);
  CHECK(alice.post(parts, {{"partNumbers", {1, last}}}).status == 200);
  CHECK(bob.post(parts, {{"partNumbers", {1}}}).status == 404);
  CHECK(
      bob.post("/api/audio/ticket/" + ticket["id"].get<std::string>() + "/complete", nlohmann::json::object()).status ==
      404);
  CHECK(bob.remove("/api/audio/ticket/" + ticket["id"].get<std::string>()).status == 404);
  const auto whole = alice.open_ticket(project, "r2", 100).json()["ticket"];
  CHECK(alice.post("/api/audio/ticket/" + whole["id"].get<std::string>() + "/parts", {{"partNumbers", {1}}}).status ==
        400);
}
