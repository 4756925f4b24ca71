#include <audiostore/local_endpoint.h>
#include <audiostore/memory_store.h>

#include "core/text.h"
#include "local/tcp_client.h"
#include "s3/sigv4.h"
#include "support/manual_clock.h"

#include <catch2/catch.hpp>

#include <chrono>
#include <csignal>
#include <string>
#include <thread>
#include <vector>

using namespace audiostore;
using local::TcpClient;
using namespace std::chrono_literals;

namespace {

struct Running {
  std::shared_ptr<ObjectStore> store = make_memory_store();
  std::unique_ptr<LocalEndpoint> endpoint = LocalEndpoint::start(store).value();

  /// A signed request as text.
  [[nodiscard]] std::string request(std::string method, std::string path, std::string_view body = {},
                                    Headers more = {}) const {
    const TimePoint now = system_clock()->now();
    const sigv4::SigningKey key(endpoint->credentials(), amz_date(now).day(), {.region = "us-east-1"});
    more.push_back({"Host", "127.0.0.1:" + std::to_string(endpoint->port())});
    const auto made = sigv4::sign({.method = std::move(method),
                                   .path = std::move(path),
                                   .query = {},
                                   .headers = std::move(more),
                                   .payload_hash = to_hex(sha256(body))},
                                  now, key);
    std::string text = made.method + " " + made.path + " HTTP/1.1\r\n";
    for (const auto& [name, value] : made.headers) text += name + ": " + value + "\r\n";
    if (!body.empty()) text += "Content-Length: " + std::to_string(body.size()) + "\r\n";
    return text + "\r\n" + std::string(body);
  }
};

std::chrono::milliseconds time_of(auto&& action) {
  const auto started = std::chrono::steady_clock::now();
  action();
  return std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - started);
}

}  // namespace

TEST_CASE("The endpoint serves over a socket, several requests a connection") {
  const Running running;
  TcpClient client(running.endpoint->port());
  client.send(running.request("PUT", "/audiostore/k", "0123456789"));
  CHECK(client.receive().starts_with("HTTP/1.1 200 OK"));
  client.send(running.request("GET", "/audiostore/k") + running.request("HEAD", "/audiostore/k") +
              running.request("GET", "/audiostore/none"));
  CHECK(client.receive().ends_with("\r\n\r\n0123456789"));
  client.send(running.request("DELETE", "/audiostore/k"));
  const std::string rest = [&] {
    client.send("GET / HTTP/1.0\r\nHost: x\r\n\r\n");
    return client.receive_rest();
  }();
  CHECK(rest.find("HTTP/1.1 404") != std::string::npos);
  CHECK(rest.find("HTTP/1.1 204") != std::string::npos);
  CHECK(rest.find("HTTP/1.1 403") != std::string::npos);
}

TEST_CASE("The endpoint is on loopback, on the port that it says") {
  const Running running;
  CHECK(running.endpoint->url() == "http://127.0.0.1:" + std::to_string(running.endpoint->port()));
  CHECK(TcpClient(running.endpoint->port()).connected());
  CHECK_FALSE(TcpClient(running.endpoint->port(), "127.0.0.2").connected());
}

TEST_CASE("A port that is taken is an error") {
  const Running running;
  const auto second = LocalEndpoint::start(running.store, {.port = running.endpoint->port()});
  REQUIRE_FALSE(second);
  CHECK(second.error().code() == ErrorCode::unavailable);
}

TEST_CASE("Options that cannot work are refused") {
  const auto store = std::shared_ptr<ObjectStore>(make_memory_store());
  CHECK_FALSE(LocalEndpoint::start(nullptr));
  for (const char* bucket : {"", "ab", "UPPER", "a/b", "-ab", "a_b"}) {
    CHECK_FALSE(LocalEndpoint::start(store, {.bucket = bucket}));
  }
  CHECK_FALSE(LocalEndpoint::start(store, {.region = ""}));
  CHECK_FALSE(LocalEndpoint::start(store, {.credentials = std::make_shared<Credentials>()}));
  CHECK_FALSE(LocalEndpoint::start(store, {.clock = nullptr}));
}

TEST_CASE("Every endpoint has credentials of its own") {
  const Running one;
  const Running two;
  CHECK(one.endpoint->credentials().access_key_id != two.endpoint->credentials().access_key_id);
  CHECK(one.endpoint->credentials().secret_access_key.reveal() !=
        two.endpoint->credentials().secret_access_key.reveal());
  TcpClient client(two.endpoint->port());
  client.send(one.request("GET", "/audiostore"));
  CHECK(client.receive().starts_with("HTTP/1.1 403"));
}

TEST_CASE("Its options reach it") {
  const Running running;
  const S3Options options = running.endpoint->s3_options();
  CHECK(options.endpoint == running.endpoint->url());
  CHECK(options.bucket == "audiostore");
  CHECK(options.region == "us-east-1");
  CHECK(options.credentials->get().value()->access_key_id == running.endpoint->credentials().access_key_id);
}

TEST_CASE("A large body goes through the spool and comes back") {
  const Running running;
  std::string body(5'000'000, '\0');
  for (std::size_t i = 0; i < body.size(); ++i) body[i] = static_cast<char>(i * 31 + i / 251);
  TcpClient client(running.endpoint->port());
  client.send(running.request("PUT", "/audiostore/k", body));
  CHECK(client.receive().starts_with("HTTP/1.1 200"));
  client.send(running.request("GET", "/audiostore/k"));
  const std::string got = client.receive();
  CHECK(got.substr(got.find("\r\n\r\n") + 4) == body);
}

TEST_CASE("A refused upload's sender gets to read why") {
  const Running running;
  TcpClient client(running.endpoint->port());
  CHECK(client.send("PUT /audiostore/k HTTP/1.1\r\nHost: x\r\nContent-Length: 20000000\r\n\r\n" +
                    std::string(20'000'000, 'x')));
  const std::string answer = client.receive_rest();
  CHECK(answer.starts_with("HTTP/1.1 403"));
  CHECK(answer.find("<Code>AccessDenied</Code>") != std::string::npos);
}

TEST_CASE("More clients than threads are served, although the first ones stay connected") {
  const Running running;
  std::vector<std::unique_ptr<TcpClient>> clients;
  for (int i = 0; i < 40; ++i) {
    clients.push_back(std::make_unique<TcpClient>(running.endpoint->port()));
    clients.back()->send(running.request("GET", "/audiostore"));
    REQUIRE(clients.back()->receive().starts_with("HTTP/1.1 200"));
  }
}

TEST_CASE("Connections that are idle, or in the middle of a head, keep no other client from being served") {
  const Running running;
  std::vector<std::unique_ptr<TcpClient>> patient;
  const std::string request = running.request("GET", "/audiostore");
  for (int i = 0; i < 96; ++i) {
    patient.push_back(std::make_unique<TcpClient>(running.endpoint->port()));
    if (i % 3 == 0) continue;
    patient.back()->send(request + (i % 3 == 1 ? "" : request.substr(0, 10)));
    REQUIRE(patient.back()->receive().starts_with("HTTP/1.1 200"));
  }
  std::vector<std::thread> threads;
  std::atomic<int> right{0};
  for (int t = 0; t < 32; ++t) {
    threads.emplace_back([&] {
      TcpClient client(running.endpoint->port());
      for (int i = 0; i < 5; ++i) {
        client.send(request);
        if (client.receive().starts_with("HTTP/1.1 200")) ++right;
      }
    });
  }
  for (auto& thread : threads) thread.join();
  CHECK(right == 160);
  for (std::size_t i = 0; i < patient.size(); ++i) {
    CAPTURE(i);
    patient[i]->send(i % 3 == 2 ? request.substr(10) : request);
    CHECK(patient[i]->receive().starts_with("HTTP/1.1 200"));
  }
}

TEST_CASE("Heads that never end keep no other client from being served") {
  const Running running;
  std::vector<std::unique_ptr<TcpClient>> slow;
  for (int i = 0; i < 40; ++i) {
    slow.push_back(std::make_unique<TcpClient>(running.endpoint->port()));
    slow.back()->send("GET / HT");
  }
  TcpClient honest(running.endpoint->port());
  honest.send(running.request("GET", "/audiostore"));
  CHECK(honest.receive().starts_with("HTTP/1.1 200"));
}

TEST_CASE("Forms that never end keep no other client from being served") {
  const Running running;
  std::vector<std::unique_ptr<TcpClient>> slow;
  for (int i = 0; i < 40; ++i) {
    slow.push_back(std::make_unique<TcpClient>(running.endpoint->port()));
    slow.back()->send(
        "POST /audiostore HTTP/1.1\r\nHost: localhost\r\nContent-Type: multipart/form-data; boundary=B\r\n"
        "Content-Length: 100000\r\n\r\n--B\r\nContent-Disposition: form-data; name=key\r\n\r\na");
  }
  TcpClient honest(running.endpoint->port());
  honest.send(running.request("GET", "/audiostore"));
  CHECK(honest.receive().starts_with("HTTP/1.1 200"));
}

TEST_CASE("A HEAD that makes no sense is refused without a body") {
  const Running running;
  for (const char* rest : {"Transfer-Encoding: gzip\r\n\r\n", "Host : x\r\n\r\n"}) {
    TcpClient client(running.endpoint->port());
    client.send(std::string("HEAD /audiostore/k HTTP/1.1\r\n") + rest);
    const std::string answer = client.receive_rest();
    CHECK(answer.starts_with("HTTP/1.1 4"));
    CHECK(answer.find("\r\n\r\n") == answer.size() - 4);
  }
}

TEST_CASE("Clients at once get each their own bytes") {
  const Running running;
  std::vector<std::thread> threads;
  std::atomic<int> right{0};
  for (int t = 0; t < 8; ++t) {
    threads.emplace_back([&, t] {
      TcpClient client(running.endpoint->port());
      for (int i = 0; i < 20; ++i) {
        const std::string path = "/audiostore/k" + std::to_string(t);
        const std::string body(static_cast<std::size_t>(1 + t * 1000 + i), static_cast<char>('a' + t));
        client.send(running.request("PUT", path, body));
        client.receive();
        client.send(running.request("GET", path));
        if (client.receive().ends_with("\r\n\r\n" + body)) ++right;
      }
    });
  }
  for (auto& thread : threads) thread.join();
  CHECK(right == 160);
}

TEST_CASE("It stops at once, with clients that are idle, in the middle of a head, and in the middle of a body") {
  Running running;
  TcpClient idle(running.endpoint->port());
  idle.send(running.request("GET", "/audiostore"));
  idle.receive();
  TcpClient slow(running.endpoint->port());
  slow.send("GET / HT");
  TcpClient uploading(running.endpoint->port());
  const std::string upload = running.request("PUT", "/audiostore/k", std::string(2'000'000, 'x'));
  uploading.send(upload.substr(0, 1'500'000));
  CHECK(time_of([&] { running.endpoint.reset(); }) < 1s);
  CHECK(idle.receive_rest().empty());
  CHECK_FALSE(running.store->head(*ObjectKey::parse("k")));
}

TEST_CASE("Starting and stopping is quick, and leaves the process as it was") {
  const auto before = std::signal(SIGPIPE, SIG_DFL);
  for (int i = 0; i < 20; ++i) CHECK(time_of([] { Running running; }) < 1s);
  CHECK(std::signal(SIGPIPE, before) == SIG_DFL);
}

TEST_CASE("The library's own client and the endpoint agree on what a bucket has besides objects") {
  const Running running;
  const auto store = make_s3_store(running.endpoint->s3_options()).value();
  S3Bucket bucket = store->bucket();
  CHECK(bucket.cors().value().empty());
  const std::vector<CorsRule> cors{
      {.id = "page", .allowed_origins = {"https://*.example"}, .allowed_methods = {"GET"}, .max_age = 60s}};
  REQUIRE(bucket.set_cors(cors));
  CHECK(bucket.cors().value() == cors);
  CHECK(bucket.lifecycle().value().empty());
  const std::vector<LifecycleRule> lifecycle{
      {.id = "old", .prefix = "takes/", .expire_after_days = 30, .abort_incomplete_after_days = 7}};
  REQUIRE(bucket.set_lifecycle(lifecycle));
  CHECK(bucket.lifecycle().value() == lifecycle);
  const ObjectKey key = *ObjectKey::parse("takes/one.wav");
  REQUIRE(store->put(key, Payload::from_string("1"), {.tags = {{"mood", "calm"}}}));
  CHECK(store->tags(key).value() == Tags{{"mood", "calm"}});
  const auto versions = bucket.list_versions({.prefix = "takes/"}).value().versions;
  REQUIRE(versions.size() == 1);
  CHECK(versions[0].version_id == "null");
  CHECK(versions[0].is_latest);
  CHECK(bucket.remove_version(key, "null"));
  CHECK(store->head(key).error().code() == ErrorCode::not_found);
}

TEST_CASE("A form that the library signs is taken by the endpoint") {
  const Running running;
  const auto store = make_s3_store(running.endpoint->s3_options()).value();
  const auto form = store->presign_post({.key = "takes/", .max_bytes = 5, .content_type = "audio/"}).value();
  const auto post = [&](const std::string& file) {
    std::string body;
    Headers fields = form.fields;
    fields.push_back({"Content-Type", "audio/wav"});
    for (const auto& [name, value] : fields) {
      body += "--B\r\nContent-Disposition: form-data; name=\"" + name + "\"\r\n\r\n" + value + "\r\n";
    }
    body +=
        "--B\r\nContent-Disposition: form-data; name=\"file\"; filename=\"one.wav\"\r\n\r\n" + file + "\r\n--B--\r\n";
    TcpClient client(running.endpoint->port());
    client.send("POST " + form.url.substr(running.endpoint->url().size()) +
                " HTTP/1.1\r\nHost: localhost\r\nContent-Type: multipart/form-data; boundary=B\r\nContent-Length: " +
                std::to_string(body.size()) + "\r\n\r\n" + body);
    return client.receive().substr(9, 3);
  };
  CHECK(post("123456") == "400");
  CHECK(post("12345") == "204");
  CHECK(read_to_string(*store, *ObjectKey::parse("takes/one.wav")).value() == "12345");
}
