// Uploads that go to the bucket directly, over the wire.
#include "backend.h"
#include "service/client.h"
#include "service/shared_bucket.h"
#include "support/wav.h"

#include <catch2/catch.hpp>

using namespace audio_service;
using audiostore::make_wav;

namespace {

const auto nothing = nlohmann::json::object();

std::string path_of(const nlohmann::json& ticket) { return "/api/audio/ticket/" + ticket["id"].get<std::string>(); }

/// Where the final object would be, on the storage of `ticket`.
std::string final_url(const std::string& url, const std::string& key) {
  const std::size_t bucket = url.find("/audiostore");
  return url.substr(0, bucket) + "/audiostore/" + key;
}

}  // namespace

TEST_CASE("a take goes to the bucket directly, by form, by PUT and in parts", "[service]") {
  const auto [mode, options] = GENERATE(std::pair("post", std::vector<std::string>{}),
                                        std::pair("put", std::vector<std::string>{"--no-post-forms"}),
                                        std::pair("multipart", std::vector<std::string>{"--multipart-above", "1000"}));
  INFO(mode);
  const ServiceProcess service(options);
  const Client alice(service, service.add_user("alice"));
  const std::string project = alice.make_project();
  const std::string take = make_wav(mode == std::string("multipart") ? 6'000'000 : 4000);  // two parts

  const Answer opened = alice.open_ticket(project, "r", take.size(), "audio/x-wav");
  REQUIRE(opened.status == 200);
  const auto ticket = opened.json()["ticket"];
  CHECK(ticket["mode"] == mode);
  CHECK(alice.post(path_of(ticket) + "/complete", nothing).code() == "precondition_failed");
  const Answer sent = use_ticket(alice, ticket, take);
  INFO(sent.body);
  CHECK(sent.status / 100 == 2);

  const Answer completed = alice.post(path_of(ticket) + "/complete", nothing);
  REQUIRE(completed.status == 200);
  CHECK(completed.json()["key"] == alice.key_of(project, "r"));
  CHECK(completed.json()["size"] == take.size());
  CHECK(completed.json()["contentType"] == "audio/wav");
  CHECK(completed.json()["durationSeconds"] == static_cast<double>(take.size() - 44) / 16'000);
  const Answer played = send("GET", completed.json()["url"]);
  CHECK(played.body == take);
  CHECK(played.header("Cache-Control") == "private");
  CHECK(alice.post(path_of(ticket) + "/complete", nothing).status == 200);
  CHECK(service.objects() == std::vector<std::string>{alice.key_of(project, "r")});
  CHECK(alice.get("/api/projects/" + project + "/recordings").json()["recordings"].size() == 1);
  CHECK(alice.open_ticket(project, "r", take.size()).status == 409);
}

TEST_CASE("a take goes to a bucket directly that copies on no condition", "[service]") {
  struct Way {
    std::string provider, mode;
    std::vector<std::string> options;
  };
  const Way way = GENERATE(Way{"ceph", "post", {"--env"}}, Way{"other", "put", {"--env"}},
                           Way{"ceph", "post", {"--env", "--multipart-above", "1000", "--no-post-forms"}},
                           Way{"other", "multipart", {"--env", "--multipart-above", "1000"}});
  INFO(way.provider << ' ' << way.mode);
  const SharedBucket bucket(way.provider);
  const ServiceProcess service(way.options);
  const Client alice(service, service.add_user("alice"));
  const std::string project = alice.make_project();
  const std::string take = make_wav(way.mode == "multipart" ? 6'000'000 : 4000);
  const auto ticket = alice.open_ticket(project, "r", take.size()).json()["ticket"];
  REQUIRE(ticket["mode"] == way.mode);
  CHECK(alice.post(path_of(ticket) + "/complete", nothing).code() == "precondition_failed");
  CHECK(use_ticket(alice, ticket, take).status / 100 == 2);

  const Answer completed = alice.post(path_of(ticket) + "/complete", nothing);
  REQUIRE(completed.status == 200);
  const Answer played = send("GET", completed.json()["url"]);
  CHECK(played.body == take);
  CHECK(played.header("Content-Type") == "audio/wav");
  CHECK(played.header("Cache-Control") == "private");
  CHECK(bucket.objects() == std::vector<std::string>{alice.key_of(project, "r")});
  CHECK(alice.post(path_of(ticket) + "/complete", nothing).status == 200);
}

TEST_CASE("a provider that nobody knows is refused", "[service]") {
  const SharedBucket bucket("mine");
  const auto backend = open_environment_backend({});
  REQUIRE_FALSE(backend);
  CHECK(backend.error().code() == audiostore::ErrorCode::invalid_argument);
}

TEST_CASE("S20: the bucket refuses what the ticket is not for", "[service]") {
  const auto options = GENERATE(std::vector<std::string>{}, std::vector<std::string>{"--no-post-forms"});
  const ServiceProcess service(options);
  const Client alice(service, service.add_user("alice"));
  const std::string project = alice.make_project();
  const std::string take = make_wav(1000);
  const auto ticket = alice.open_ticket(project, "r", take.size()).json()["ticket"];

  CHECK(use_ticket(alice, ticket, take + "x").status >= 400);
  CHECK(use_ticket(alice, ticket, take.substr(1)).status >= 400);
  CHECK(use_ticket(alice, ticket, "").status >= 400);
  auto other_type = ticket;
  if (ticket["mode"] == "put") {
    other_type["headers"]["content-type"] = "text/html";
  } else {
    for (auto& field : other_type["fields"]) {
      if (field[0] == "Content-Type") field[1] = "text/html";
    }
  }
  CHECK(use_ticket(alice, other_type, take).status == 403);
  CHECK(service.objects().empty());

  // The final key cannot be written by anything that the ticket signs.
  const std::string key = alice.key_of(project, "r");
  auto final_key = ticket;
  if (ticket["mode"] == "put") {
    std::string url = ticket["url"];
    final_key["url"] = final_url(url, key) + url.substr(url.find('?'));
  } else {
    for (auto& field : final_key["fields"]) {
      if (field[0] == "key") field[1] = key;
    }
  }
  CHECK(use_ticket(alice, final_key, take).status == 403);
  CHECK(service.objects().empty());
  CHECK(use_ticket(alice, ticket, take).status < 300);
  CHECK(service.objects() == std::vector<std::string>{"staging/" + ticket["id"].get<std::string>()});
}

TEST_CASE("S20: a ticket is for audio of a size that can be stored", "[service]") {
  const ServiceProcess service;
  const Client alice(service, service.add_user("alice"));
  const std::string project = alice.make_project();
  CHECK(alice.open_ticket(project, "r", 0).status == 400);
  CHECK(alice.open_ticket(project, "r", 104'857'601).status == 413);
  CHECK(alice.open_ticket(project, "r", ~std::uint64_t{0}).status == 413);
  CHECK(alice.open_ticket(project, "r", 10, "text/html").status == 415);
  CHECK(alice.open_ticket(project, "r", 10, "").status == 415);
  CHECK(alice.open_ticket(project, "../r", 10).status == 400);
  CHECK(alice
            .post("/api/audio/ticket",
                  {{"projectId", project}, {"recordingId", "r"}, {"size", -1}, {"contentType", "audio/wav"}})
            .status == 400);
  CHECK(alice.open_ticket(project, "r", 104'857'600).status == 200);
}

TEST_CASE("what is in staging is no recording, and an abort removes it", "[service]") {
  const ServiceProcess service({"--multipart-above", "5242880"});
  const Client alice(service, service.add_user("alice"));
  const std::string project = alice.make_project();
  const std::string page = "<script>alert(1)</script>";
  const auto ticket = alice.open_ticket(project, "r", page.size()).json()["ticket"];
  REQUIRE(use_ticket(alice, ticket, page).status == 204);
  CHECK(alice.post(path_of(ticket) + "/complete", nothing).code() == "unsupported_media_type");
  CHECK(alice.get("/api/audio/url?recordingId=r").status == 404);
  CHECK(alice.get("/api/audio/url?key=staging/" + ticket["id"].get<std::string>()).status == 400);
  CHECK(alice.remove(path_of(ticket)).status == 200);
  CHECK(service.objects().empty());
  CHECK(alice.remove(path_of(ticket)).status == 404);
  CHECK(alice.post(path_of(ticket) + "/complete", nothing).status == 404);

  const auto parts = alice.open_ticket(project, "r", 6u << 20).json()["ticket"];
  const Answer incomplete = alice.post(path_of(parts) + "/complete", nothing);
  CHECK(incomplete.code() == "precondition_failed");
  CHECK(alice.remove(path_of(parts)).status == 200);
  CHECK(service.query("SELECT count(*) FROM tickets WHERE is_aborted = 0") == 0);
}
