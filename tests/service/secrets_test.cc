// S11: what nobody may see is in no log, no error and no file.
#include "service/client.h"
#include "support/wav.h"

#include <catch2/catch.hpp>

#include <fstream>
#include <sstream>

using namespace audio_service;
using audiostore::make_wav;

namespace {

/// The text of every file below `folder`, objects too.
std::string all_files(const std::filesystem::path& folder) {
  std::ostringstream all;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
    if (entry.is_regular_file()) all << std::ifstream(entry.path(), std::ios::binary).rdbuf();
  }
  return all.str();
}

}  // namespace

TEST_CASE("S11: no token, signature or signed URL is logged, told or stored", "[service]") {
  const ServiceProcess service({"--no-post-forms"});
  const std::string token = service.add_user("alice");
  const Client alice(service, token);
  const std::string project = alice.make_project();
  const std::string url = alice.upload(project, "r", make_wav(10)).json()["url"];
  const std::string signature = url.substr(url.find("X-Amz-Signature=") + 16, 64);
  const auto ticket = alice.open_ticket(project, "t", 10).json()["ticket"];
  const std::string put_url = ticket["url"];
  const std::string put_signature = put_url.substr(put_url.find("X-Amz-Signature=") + 16, 64);
  const Answer in = send("POST", service.origin() + "/api/session", nlohmann::json{{"token", token}}.dump());
  const std::string cookie = in.header("Set-Cookie").substr(19, 64);

  // Failures of all kinds, with what must not be told in them.
  std::string told;
  const auto note = [&](const Answer& answer) { told += answer.body; };
  note(alice.get("/api/audio/url?url=" + httplib::detail::encode_query_param(url + "x/../")));
  note(alice.get("/api/audio/url?url=" + httplib::detail::encode_query_param("http://evil/" + url)));
  note(alice.get("/api/audio/url?key=" + token));
  note(alice.get("/" + token + ".js"));
  note(alice.post("/api/projects", {{"name", token + "\n"}}));
  note(send("POST", service.origin() + "/api/session", nlohmann::json{{"token", token + "x"}}.dump()));
  note(send("POST", service.origin() + "/api/session", nlohmann::json{{"token", token}}.dump(), {{"Origin", token}}));
  note(alice.post("/api/audio/ticket/" + ticket["id"].get<std::string>() + "/complete", nlohmann::json::object()));
  note(alice.upload(token, "r", make_wav(10)));

  const std::string written = service.output();
  REQUIRE(written.find("POST /api/audio/upload 200") != std::string::npos);  // the log is there to be looked at
  const std::string stored = all_files(service.data());
  REQUIRE(stored.find("alice") != std::string::npos);
  for (const std::string& secret : {token, cookie, signature, put_signature}) {
    REQUIRE(secret.size() == 64);
    CHECK(written.find(secret) == std::string::npos);
    CHECK(told.find(secret) == std::string::npos);
    CHECK(stored.find(secret) == std::string::npos);
  }
  CHECK(written.find("X-Amz") == std::string::npos);
  CHECK(told.find("X-Amz") == std::string::npos);
}
