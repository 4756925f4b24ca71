#include "local/signed_request.h"

#include "core/crypto.h"
#include "core/text.h"

#include <algorithm>
#include <cstring>

namespace audiostore::local {
namespace {

class RecordingResponder final : public Responder {
 public:
  explicit RecordingResponder(bool answers_head) : answers_head_(answers_head) {}

  Result<void> begin(const ResponseHead& head) override {
    answer.status = head.status;
    answer.headers = head.headers;
    answer.content_length = head.content_length;
    return {};
  }
  Result<void> write(ByteSpan bytes) override {
    answer.body.append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    return {};
  }
  [[nodiscard]] bool begun() const override { return answer.status != 0; }
  [[nodiscard]] bool answers_head() const override { return answers_head_; }

  Answer answer;

 private:
  bool answers_head_;
};

}  // namespace

std::string Answer::element(std::string_view name) const {
  const std::string open = "<" + std::string(name) + ">";
  const auto start = body.find(open);
  if (start == std::string::npos) return "";
  const auto end = body.find("</" + std::string(name) + ">", start);
  return body.substr(start + open.size(), end - start - open.size());
}

std::string etag_of(std::string_view bytes) { return '"' + to_hex(md5(as_bytes(bytes))) + '"'; }

ServiceFixture::ServiceFixture(LocalEndpointOptions options, std::shared_ptr<ObjectStore> served)
    : store(served ? std::move(served) : make_memory_store(clock)) {
  if (!options.credentials) {
    options.credentials = std::make_shared<const Credentials>(
        Credentials{.access_key_id = "AKID", .secret_access_key = Secret("C4NARY-secret")});
  }
  credentials = options.credentials;
  options.clock = clock;
  service = std::make_unique<S3Service>(store, std::move(options));
}

BodyReader ServiceFixture::reader(std::string body) {
  return [body = std::move(body), at = std::size_t{0}](std::span<std::byte> out) mutable -> Result<std::size_t> {
    const std::size_t count = std::min({out.size(), body.size() - at, std::size_t{1000}});
    std::memcpy(out.data(), body.data() + at, count);
    at += count;
    return count;
  };
}

Answer ServiceFixture::send(IncomingRequest& request) {
  RecordingResponder responder(request.head.method == "HEAD");
  service->serve(request, responder);
  return std::move(responder.answer);
}

IncomingRequest ServiceFixture::sign(Ask ask) const {
  if (!find_header(ask.headers, "host")) ask.headers.push_back({"Host", "127.0.0.1:9000"});
  const sigv4::SigningKey key(*credentials, amz_date(clock->now()).day(), {.region = service->options().region});
  const std::string hash = ask.payload_word.empty() ? to_hex(sha256(ask.body)) : ask.payload_word;
  const auto request = sigv4::sign({.method = ask.method,
                                    .path = ask.path,
                                    .query = sigv4::canonical_query(ask.query),
                                    .headers = ask.headers,
                                    .payload_hash = hash},
                                   clock->now(), key);
  IncomingRequest incoming{.head = {.method = ask.method,
                                    .target = request.query.empty() ? ask.path : ask.path + "?" + request.query,
                                    .headers = request.headers},
                           .read_body = reader(ask.body)};
  if (!ask.body.empty() || ask.method == "PUT" || ask.method == "POST") incoming.content_length = ask.body.size();
  return incoming;
}

Answer ServiceFixture::operator()(Ask ask) {
  IncomingRequest request = sign(std::move(ask));
  return send(request);
}

Answer ServiceFixture::put(std::string_view key, std::string body, Headers headers) {
  return (*this)({.method = "PUT",
                  .path = "/audiostore/" + uri_encode(key, UriPart::path),
                  .headers = std::move(headers),
                  .body = std::move(body)});
}

}  // namespace audiostore::local
