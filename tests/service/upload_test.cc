// What strangers may send as a take, and how much of it.
#include "service/client.h"
#include "support/wav.h"

#include <fmt/format.h>
#include <catch2/catch.hpp>

#include <fstream>
#include <sstream>

using namespace audio_service;
using audiostore::make_wav;
using namespace std::string_literals;

namespace {

constexpr std::uint64_t limit = 1'000'000;
const std::vector<std::string> small{"--max-bytes", "1000000"};

struct Uploader {
  explicit Uploader(const std::vector<std::string>& options = small)
      : service(options), token(service.add_user("alice")), client(service, token), project(client.make_project()) {}

  [[nodiscard]] std::string head(std::uint64_t length, const std::string& more = {}) const {
    return fmt::format(
        "POST /api/audio/upload HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {}\r\n"
        "Content-Type: multipart/form-data; boundary=boundary\r\nContent-Length: {}\r\n{}\r\n",
        token, length, more);
  }
  [[nodiscard]] std::string form(std::string_view file) const {
    return make_form({{"projectId", project}, {"recordingId", "r"}}, file);
  }
  [[nodiscard]] Answer post_form(const std::string& body) const {
    return send("POST", service.origin() + "/api/audio/upload", body,
                {{"Authorization", "Bearer " + token}, {"Content-Type", "multipart/form-data; boundary=boundary"}});
  }
  /// Neither object nor row, and no file in the spool.
  void nothing_is_left() const {
    CHECK(service.objects().empty());
    CHECK(service.query("SELECT count(*) FROM recordings") == 0);
    CHECK(std::filesystem::is_empty(service.data() / "data" / "spool"));
  }

  ServiceProcess service;
  std::string token;
  Client client;
  std::string project;
};

int status_in(const std::string& response) { return response.size() < 12 ? 0 : std::stoi(response.substr(9, 3)); }

std::string read_sample(const std::string& name) {
  std::ostringstream bytes;
  bytes << std::ifstream(AUDIOSTORE_TESTDATA "/audio/" + name, std::ios::binary).rdbuf();
  return bytes.str();
}

/// Waits until the service has answered `count` uploads with `status`.
void wait_for_uploads(const Uploader& uploader, int status, int count) {
  const std::string wanted =
      fmt::format("audio_service_http_requests_total{{method=\"POST\",route=\"/api/audio/upload\",status=\"{}\"}} {}\n",
                  status, count);
  const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  while (uploader.client.get("/metrics").body.find(wanted) == std::string::npos) {
    REQUIRE(std::chrono::steady_clock::now() < until);
  }
}

}  // namespace

TEST_CASE("S13: what is no audio, or is not what it says, is refused", "[service]") {
  const Uploader up;
  const std::string wav = make_wav(50);
  const std::vector<std::pair<const char*, std::string>> hostile = {
      {"html", "<!doctype html><script>alert(1)</script>"},
      {"svg", "<svg xmlns=\"http://www.w3.org/2000/svg\" onload=\"alert(1)\"/>"},
      {"html in ID3", "ID3\3\0\0\0\0\0\x20<script>alert(1)</script>........"s},
      {"RIFF and script", "RIFF<script>alert(1)</script>"},
      {"RIFF of a picture", "RIFF\x10\0\0\0WEBPVP8 \0\0\0\0"s},
      {"WAVE without sound", "RIFF\4\0\0\0WAVE"s},
      {"EBML and script", "\x1a\x45\xdf\xa3<script>alert(1)</script>"s},
      {"ftyp and script",
       "\0\0\0\x18"
       "ftypM4A \0\0\0\0<script>x</script>"s},
      {"OggS and script", "OggS\0\2<script>alert(1)</script>........."s},
      {"fLaC and script", "fLaC<script>alert(1)</script>"},
      {"script before RIFF", "<script>alert(1)</script>" + wav},
      {"zip", "PK\3\4\x14\0\0\0\0\0"s},
      {"pdf", "%PDF-1.7\n<script>"},
      {"elf",
       "\x7f"
       "ELF\2\1\1"s},
      {"png", "\x89PNG\r\n\x1a\n"s},
      {"gif", "GIF89a/*"},
      {"javascript", "alert(1)//"},
      {"text", "hello"},
      {"zeros", std::string(5000, '\0')},
      {"MPEG sync once", "\xff\xfb\x90\x64" + std::string(100, 'x')},
      {"a film", read_sample("video.mp4")},
      {"a film", read_sample("video.webm")},
      {"silent film", read_sample("silent_video.webm")},
  };
  for (const auto& [what, bytes] : hostile) {
    INFO(what);
    const Answer answer = up.client.upload(up.project, "r", bytes);
    CHECK(answer.status == 415);
    CHECK(answer.code() == "unsupported_media_type");
    CHECK(up.client.upload(up.project, "r", bytes, "audio/wav").status == 415);
  }
  CHECK(up.client.upload(up.project, "r", "").status == 400);
  for (const char* claim : {"text/html", "audio/webm", "image/svg+xml", "audio/wav, text/html", "video/webm"}) {
    INFO(claim);
    CHECK(up.client.upload(up.project, "r", wav, claim).status == 415);
  }
  up.nothing_is_left();
  CHECK(up.client.upload(up.project, "r", wav, "audio/x-wav; charset=x").json()["contentType"] == "audio/wav");
}

TEST_CASE("a take of 100 MB and one byte is refused by its length, before a byte of it is sent", "[service]") {
  const Uploader up(std::vector<std::string>{});
  const RawConnection connection(up.service.port());
  const std::uint64_t whole_form = up.form("").size() + 104'857'600 + 1 + 4096;
  REQUIRE(connection.send(up.head(whole_form)));
  const std::string response = connection.receive_all();
  CHECK(status_in(response) == 413);
  CHECK(response.find("Connection: close") != std::string::npos);
  CHECK(response.find("too_large") != std::string::npos);
  // Who waits for "100 Continue" is told in its place.
  const RawConnection polite(up.service.port());
  REQUIRE(polite.send(up.head(whole_form, "Expect: 100-continue\r\n")));
  CHECK(status_in(polite.receive_all()) == 413);
  for (const char* length : {"18446744073709551615", "99999999999999999999999"}) {
    const RawConnection huge(up.service.port());
    REQUIRE(huge.send("POST /api/audio/upload HTTP/1.1\r\nContent-Length: "s + length + "\r\n\r\n"));
    CHECK(status_in(huge.receive_all()) >= 400);
  }
  up.nothing_is_left();
}

TEST_CASE("a take is cut at the byte that crosses the limit, whatever was said", "[service]") {
  const Uploader up;
  const std::string most = make_wav((limit - 44) / 2);
  REQUIRE(most.size() == limit);
  const Answer over = up.client.upload(up.project, "r", most + "x");
  CHECK(over.status == 413);
  CHECK(over.code() == "too_large");
  up.nothing_is_left();

  // The answer comes with that byte: the rest is never sent.
  const RawConnection stopping(up.service.port());
  const std::string too_long = up.form(most + std::string(2000, 'x'));
  REQUIRE(stopping.send(up.head(too_long.size()) + too_long.substr(0, too_long.size() - 1000)));
  CHECK(status_in(stopping.receive_all(std::chrono::seconds(8))) == 413);

  // Announced as half of it, but sent whole: the rest is not taken for a body, nor for a request.
  const RawConnection liar(up.service.port());
  const std::string form = up.form(most);
  liar.send(up.head(form.size() / 2) + form);
  const std::string response = liar.receive_all();
  CHECK(status_in(response) == 400);
  CHECK(response.find("HTTP/1.1", 1) == std::string::npos);
  up.nothing_is_left();

  CHECK(up.client.upload(up.project, "r", most).status == 200);
}

TEST_CASE("an upload without a length is refused", "[service]") {
  const Uploader up;
  const RawConnection none(up.service.port());
  REQUIRE(none.send("POST /api/audio/upload HTTP/1.1\r\nContent-Type: multipart/form-data; boundary=b\r\n\r\n"));
  const std::string response = none.receive_all(std::chrono::milliseconds(500));
  CHECK(status_in(response) == 411);
  CHECK(response.find("length_required") != std::string::npos);
  const RawConnection chunked(up.service.port());
  REQUIRE(chunked.send(up.head(5, "Transfer-Encoding: chunked\r\n") + "5\r\nhello\r\n0\r\n\r\n"));
  CHECK(status_in(chunked.receive_all()) == 411);
  const RawConnection twice(up.service.port());
  REQUIRE(twice.send(up.head(5, "Content-Length: 6\r\n") + "hello"));
  CHECK(status_in(twice.receive_all()) == 400);
  const RawConnection zipped(up.service.port());
  REQUIRE(zipped.send(up.head(5, "Content-Encoding: gzip\r\n") + "hello"));
  CHECK(status_in(zipped.receive_all()) == 415);
}

TEST_CASE("a client that goes away in the middle leaves neither object nor row", "[service]") {
  const Uploader up;
  const std::string form = up.form(make_wav(100'000));
  int count = 0;
  for (const std::size_t sent : {std::size_t{0}, std::size_t{10}, form.size() / 2, form.size() - 1}) {
    {
      const RawConnection connection(up.service.port());
      REQUIRE(connection.send(up.head(form.size()) + form.substr(0, sent)));
    }
    wait_for_uploads(up, 400, ++count);
  }
  up.nothing_is_left();
  CHECK(up.client.upload(up.project, "r", make_wav(100'000)).status == 200);
}

TEST_CASE("S19: forms with too much of anything are refused", "[service]") {
  const Uploader up;
  const std::string take = make_wav(50);
  const std::vector<std::pair<std::string, std::string>> good{{"projectId", up.project}, {"recordingId", "r"}};
  const auto with = [&](const std::string& name, const std::string& value) {
    auto fields = good;
    fields.emplace_back(name, value);
    return up.post_form(make_form(fields, take)).status;
  };
  CHECK(with("contentType", std::string(257, 'a')) == 400);
  CHECK(with("other", "x") == 400);
  CHECK(with("projectId", up.project) == 400);
  CHECK(with(std::string(100'000, 'n'), "x") == 400);
  CHECK(with("", "x") == 400);
  std::vector<std::pair<std::string, std::string>> many;
  for (int i = 0; i < 10'000; ++i) many.emplace_back(fmt::format("f{}", i), "x");
  CHECK(up.post_form(make_form(many, take)).status == 400);

  CHECK(up.post_form(make_form({{"projectId", up.project}}, take)).status == 400);  // no recordingId
  CHECK(up.post_form(make_form({{"recordingId", "r"}}, take)).status == 400);       // no projectId
  CHECK(up.post_form("").status == 400);
  CHECK(up.post_form("--boundary--\r\n").status == 400);
  CHECK(up.post_form(std::string(900'000, '-')).status == 400);                        // never a boundary
  CHECK(up.post_form("--boundary\r\nX: " + std::string(900'000, 'x')).status == 400);  // a header without an end
  const std::string endless = "--boundary\r\n" + std::string(20'000, 'x') + "\r\n\r\n";
  CHECK(up.post_form(endless).status == 400);
  std::string two_files = make_form(good, take);
  two_files.resize(two_files.size() - 4);
  two_files = two_files.substr(0, two_files.rfind("--boundary")) + make_form({}, take);
  CHECK(up.post_form(two_files).status == 400);
  // The fields come first: the file's fate is decided before its bytes are taken.
  std::string file_first = make_form({}, take);
  file_first = file_first.substr(0, file_first.rfind("--boundary")) +
               "--boundary\r\nContent-Disposition: form-data; name=\"projectId\"\r\n\r\n" + up.project +
               "\r\n--boundary--\r\n";
  CHECK(up.post_form(file_first).status == 400);
  CHECK(send("POST", up.service.origin() + "/api/audio/upload", "{}",
             {{"Authorization", "Bearer " + up.token}, {"Content-Type", "application/json"}})
            .status == 415);
  up.nothing_is_left();
  CHECK(up.post_form(make_form(good, take)).status == 200);
}

TEST_CASE("S19: JSON with too much of anything is refused", "[service]") {
  const Uploader up;
  const auto post = [&](const std::string& body) {
    return send("POST", up.service.origin() + "/api/projects", body, {{"Authorization", "Bearer " + up.token}});
  };
  CHECK(post(std::string(65'537, ' ')).status == 413);
  CHECK(post(std::string(30'000, '[')).status == 400);
  CHECK(post(R"({"name":)" + std::string(20'000, '[') + std::string(20'000, ']') + "}").status == 400);
  CHECK(post(R"({"name":")" + std::string(201, 'a') + "\"}").status == 400);
  CHECK(post(R"({"name":""})").status == 400);
  CHECK(post(R"({"name":"a\u0007"})").status == 400);
  CHECK(post("{\"name\":\"\xff\xfe\"}").status == 400);
  CHECK(post(R"({"name":5})").status == 400);
  CHECK(post(R"(["name"])").status == 400);
  CHECK(post("").status == 400);
  CHECK(post(R"({"name":"fine"})").status == 200);
}
