// What is handed out to be played, and how it is served.
#include "service/client.h"
#include "support/wav.h"

#include <catch2/catch.hpp>

using namespace audio_service;
using audiostore::make_wav;

namespace {

std::string encode(const std::string& text) { return httplib::detail::encode_query_param(text); }

}  // namespace

TEST_CASE("S7: links for other buckets, hosts and lifetimes are refused", "[service]") {
  const ServiceProcess service;
  const Client alice(service, service.add_user("alice"));
  const std::string project = alice.make_project();
  const std::string url = alice.upload(project, "r", make_wav(10)).json()["url"];
  const std::string plain = url.substr(0, url.find('?'));
  CHECK(alice.get("/api/audio/url?url=" + encode(url)).status == 200);
  CHECK(alice.get("/api/audio/url?url=" + encode(plain)).status == 200);

  const auto replaced = [&](const std::string& from, const std::string& to) {
    std::string other = plain;
    return other.replace(other.find(from), from.size(), to);
  };
  for (const std::string& other :
       {replaced("/audiostore/", "/elsewhere/"), replaced("127.0.0.1", "localhost"), replaced("http:", "https:"),
        replaced("http://", "http://user@"), replaced("127.0.0.1:", "127.0.0.1:1"), replaced("/users/", "/../users/"),
        replaced("/users/", "//users/"), std::string("not a url"), std::string("//127.0.0.1/")}) {
    INFO(other);
    CHECK(alice.get("/api/audio/url?url=" + encode(other)).status == 400);
  }
  for (const char* lifetime : {"0", "-1", "315360000", "86401", "1e3", "", "60s", "99999999999999999999"}) {
    INFO(lifetime);
    CHECK(alice.get(std::string("/api/audio/url?recordingId=r&expiresIn=") + lifetime).status == 400);
  }
  CHECK(alice.get("/api/audio/url?recordingId=r&expiresIn=1").status == 200);
  CHECK(alice.get("/api/audio/url?recordingId=r&expiresIn=86400").status == 200);
  CHECK(alice.get("/api/audio/url").status == 400);
  CHECK(alice.get("/api/audio/url?recordingId=r&recordingId=r2").status == 400);
  const std::string link = alice.get("/api/audio/url?recordingId=r").json()["url"];
  CHECK(send("PUT", link, make_wav(10)).status == 403);
  CHECK(send("DELETE", link).status == 403);
}

TEST_CASE("S14: what is served is safe to open", "[service]") {
  const ServiceProcess service;
  const Client alice(service, service.add_user("alice"));
  const std::string project = alice.make_project();
  REQUIRE(alice.upload(project, "r", make_wav(10)).status == 200);

  const auto safe = [](const Answer& answer) {
    CHECK(answer.header("X-Content-Type-Options") == "nosniff");
    CHECK_FALSE(answer.header("Content-Security-Policy").empty());
    CHECK_FALSE(answer.header("Cache-Control").empty());
  };
  for (const char* path : {"/", "/app.js", "/healthz", "/metrics", "/nothing", "/api/session",
                           "/api/audio/url?recordingId=r", "/api/audio/url?recordingId=no"}) {
    INFO(path);
    safe(alice.get(path));
  }
  CHECK(alice.get("/healthz").header("Content-Security-Policy").find("sandbox") != std::string::npos);
  CHECK(alice.get("/").header("Content-Security-Policy").find("script-src 'self';") != std::string::npos);

  const Answer played = send("GET", alice.get("/api/audio/url?recordingId=r").json()["url"]);
  safe(played);
  CHECK(played.header("Content-Type") == "audio/wav");
  CHECK(played.header("Content-Disposition") == "inline");
  CHECK(played.header("Cache-Control") == "private");
  const std::string saved = alice.get("/api/audio/url?recordingId=r&download=My%20%22take%22.wav").json()["url"];
  CHECK(send("GET", saved).header("Content-Disposition").starts_with("attachment"));
  // What the link signs cannot be changed on the way.
  std::string as_html = saved;
  as_html.replace(as_html.find("audio%2Fwav"), 11, "text%2Fhtml");
  CHECK(send("GET", as_html).status == 403);
  CHECK(alice.get("/api/audio/url?recordingId=r&download=a%0d%0ab").status == 400);
  CHECK(alice.get("/api/audio/url?recordingId=r&download=..%2Fb").status == 400);
}
