// S11: no secret, session token, signature or presigned URL in anything that the library says, whatever goes wrong.
#include <audiostore/audiostore.h>
#include <audiostore/local_endpoint.h>

#include "support/manual_clock.h"
#include "support/tcp_server.h"
#include "support/wav.h"

#include <catch2/catch.hpp>

#include <unistd.h>
#include <algorithm>
#include <cstdio>
#include <memory>
#include <string>
#include <vector>

using namespace audiostore;

namespace {

constexpr std::string_view secret = "C4NARYsecret/key+0123456789";
constexpr std::string_view token = "C4NARYtoken/0123456789==";

/// All that this process writes to stdout and stderr while it lives.
class CapturedOutput {
 public:
  CapturedOutput() : out_(dup(STDOUT_FILENO)), err_(dup(STDERR_FILENO)), file_(std::tmpfile()) {
    std::fflush(nullptr);
    dup2(fileno(file_), STDOUT_FILENO);
    dup2(fileno(file_), STDERR_FILENO);
  }
  CapturedOutput(const CapturedOutput&) = delete;
  CapturedOutput& operator=(const CapturedOutput&) = delete;
  ~CapturedOutput() {
    restore();
    std::fclose(file_);
  }

  std::string text() {
    restore();
    std::rewind(file_);
    std::string all(1 << 20, '\0');
    all.resize(std::fread(all.data(), 1, all.size(), file_));
    return all;
  }

 private:
  void restore() {
    if (out_ < 0) return;
    std::fflush(nullptr);
    dup2(out_, STDOUT_FILENO);
    dup2(err_, STDERR_FILENO);
    close(std::exchange(out_, -1));
    close(std::exchange(err_, -1));
  }
  int out_;
  int err_;
  std::FILE* file_;
};

/// Everything that was said, and what must not be in it.
struct Listener {
  std::vector<std::string> said;
  std::vector<std::string> forbidden{std::string(secret), std::string(token),
                                     "X-Amz-Signature=", "Signature=", "X-Amz-Security-Token="};

  void hear(const auto& result) {
    if (!result) said.push_back(result.error().to_string());
  }
  /// A URL that was handed out: its signature must not come back in a message.
  void forbid(const Result<SignedRequest>& request) {
    if (request) forbidden.push_back(request->url.substr(request->url.size() - 64));
  }
};

/// Every operation of a store once.
void try_everything(ObjectStore& store, Listener& listener) {
  const ObjectKey key = *ObjectKey::parse("users/1/take.wav");
  const auto discard = [](ByteSpan) -> Result<void> { return {}; };
  const auto url = store.presign({.key = key});
  listener.forbid(url);
  listener.hear(store.put(key, Payload::from_string(make_wav(10))));
  listener.hear(store.get(key, discard));
  listener.hear(store.head(key));
  listener.hear(store.copy(key, *ObjectKey::parse("b")));
  listener.hear(store.list());
  listener.hear(store.remove(key));
  listener.hear(store.remove_many(std::vector{key}));
  if (url) {
    listener.hear(store.key_from_url(url->url + "#"));
    const auto transport = make_curl_transport().value();
    for (const std::string& target : {url->url, url->url + " ", "http://127.0.0.1:1/?" + url->url}) {
      listener.hear(transport->send({.method = "GET", .url = target, .headers = {}, .body = {}, .call = {}},
                                    [&](const HttpResponse&) -> Result<ByteSink> { return ByteSink(discard); }));
    }
  }
}

S3Options options_for(const std::string& endpoint, std::string_view chosen_secret, std::string_view chosen_token) {
  return {
      .bucket = "audiostore",
      .credentials = static_credentials(
          {.access_key_id = "AKID", .secret_access_key = Secret(chosen_secret), .session_token = Secret(chosen_token)}),
      .region = "us-east-1",
      .endpoint = endpoint};
}

/// What stands around the echo in a reply.
struct Frame {
  std::string status;
  std::string before;
  std::string after;
};

const std::vector<Frame> frames{{"403 Forbidden", "<Error><Code>InvalidToken</Code><Message>", "</Message></Error>"},
                                {"200 OK", "<Error><Code>InvalidToken</Code><Message>", "</Message></Error>"},
                                {"200 OK", "<ListBucketResult><IsTruncated>false</IsTruncated><Contents><Key>",
                                 "</Key></Contents></ListBucketResult>"},
                                {"200 OK", "<DeleteResult><Error><Key>k</Key><Code>", "</Code></Error></DeleteResult>"},
                                {"200 OK", "<A>", "</A>"}};

/// A server that answers with all that it was sent.
std::unique_ptr<TcpServer> echo_in(Frame frame) {
  return std::make_unique<TcpServer>([frame = std::move(frame)](TcpConnection& connection) {
    std::string message = connection.read_some();
    std::ranges::replace_if(
        message, [](char c) { return c == '<' || c == '&'; }, '.');
    const std::string body = frame.before + message + frame.after;
    connection.send("HTTP/1.1 " + frame.status + "\r\nContent-Length: " + std::to_string(body.size()) +
                    "\r\nConnection: close\r\n\r\n" + body);
  });
}

}  // namespace

TEST_CASE("S11: a canary secret, token and signature reach no error and no output", "[canary]") {
  CapturedOutput captured;
  Listener listener;
  {
    const auto endpoint =
        LocalEndpoint::start(
            make_memory_store(),
            {.credentials = std::make_shared<const Credentials>(Credentials{
                 .access_key_id = "AKID", .secret_access_key = Secret(secret), .session_token = Secret(token)})})
            .value();
    const auto late = std::make_shared<ManualClock>();
    for (const auto& [chosen_secret, chosen_token] :
         {std::pair(secret, token), std::pair(std::string_view("C4NARYsecret/key+wrong"), token),
          std::pair(secret, std::string_view("C4NARYtoken/wrong"))}) {
      S3Options options = options_for(endpoint->url(), chosen_secret, chosen_token);
      listener.forbidden.emplace_back(chosen_secret);
      listener.forbidden.emplace_back(chosen_token);
      try_everything(*make_s3_store(options).value(), listener);
      options.clock = late;
      try_everything(*make_s3_store(options).value(), listener);
    }
  }
  for (const Frame& frame : frames) {
    const auto echo = echo_in(frame);
    try_everything(*make_s3_store(options_for("http://" + echo->authority(), secret, token)).value(), listener);
  }
  listener.said.push_back(captured.text());

  CHECK(listener.said.size() > 40);
  for (const std::string& text : listener.said) {
    for (const std::string& hidden : listener.forbidden) {
      if (text.find(hidden) != std::string::npos) FAIL_CHECK("found '" << hidden << "' in: " << text);
    }
  }
}
