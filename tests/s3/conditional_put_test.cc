#include "scripted_store.h"

#include <catch2/catch.hpp>

using namespace audiostore;
using namespace std::chrono_literals;

namespace {

constexpr const char* mark_name = "x-amz-meta-audiostore-upload";

/// A service that loses the reply to a PUT, says to the next that there is an object, and shows the stored metadata.
class Forgetful final : public HttpTransport {
 public:
  explicit Forgetful(std::shared_ptr<HttpTransport> script) : script_(std::move(script)) {}

  Result<HttpResponse> send(const HttpRequest& request, const ResponseHandler& handler) override {
    if (request.method == "PUT" && mark_.empty()) mark_ = find_header(request.headers, mark_name).value_or("");
    const auto with_mark = [&](HttpResponse head) {
      if (request.method == "HEAD") head.headers.push_back({mark_name, mark_});
      return head;
    };
    return script_->send(request, [&](const HttpResponse& head) { return handler(with_mark(head)); })
        .transform(with_mark);
  }

 private:
  std::shared_ptr<HttpTransport> script_;
  std::string mark_;
};

/// A put whose first reply is lost and whose second finds an object under the key.
struct LostReply : ScriptedStore {
  LostReply() {
    transport->on("PutObject", no_answer());
    transport->on("PutObject", refusal(412, "PreconditionFailed"));
  }
  Result<PutResult> put() { return store->put(take, Payload::from_string("RIFF"), {.mode = PutMode::create}); }
};

}  // namespace

TEST_CASE("F16: a create whose reply was lost knows its own object by its mark") {
  LostReply s;
  s.transport->on("HeadObject", stored());
  s.options.transport = std::make_shared<Forgetful>(s.transport);
  s.remake();
  CHECK(must(s.put()).etag == "\"e1\"");
  CHECK(s.requests() == 3);
  CHECK(s.header(0, mark_name).size() == 32);
  CHECK(s.header(0, mark_name) == s.header(1, mark_name));
}

TEST_CASE("F16: it knows another writer's object too, with a mark or without") {
  for (const Headers& mark : {Headers{}, Headers{{mark_name, "0123456789abcdef0123456789abcdef"}}}) {
    LostReply s;
    s.transport->on("HeadObject", stored("", mark));
    const auto put = s.put();
    CHECK(code_of(put) == ErrorCode::already_exists);
    CHECK(put.error().attempts() == 3);
  }
}

TEST_CASE("F16 F31: a create that the transport had to send twice knows its own object after a single attempt") {
  ScriptedStore s;
  auto refused = refusal(412, "PreconditionFailed");
  refused.sends = 2;
  s.transport->on("PutObject", refused);
  s.transport->on("HeadObject", stored());
  s.options.transport = std::make_shared<Forgetful>(s.transport);
  s.remake();
  CHECK(must(s.store->put(take, Payload(), {.mode = PutMode::create})).etag == "\"e1\"");

  s.transport->on("PutObject", refused);
  s.transport->on("HeadObject", {.status = 403});
  const auto put = s.store->put(take, Payload(), {.mode = PutMode::create});
  CHECK(code_of(put) == ErrorCode::unavailable);
  CHECK(put.error().message().find("not known") != std::string::npos);
}

TEST_CASE("F16: when the truth cannot be known, the error says that") {
  LostReply s;
  for (int i = 0; i < 3; ++i) s.transport->on("HeadObject", {.status = 500});
  const auto put = s.put();
  CHECK(code_of(put) == ErrorCode::unavailable);
  CHECK_FALSE(put.error().retryable());
  CHECK(put.error().message().find("not known") != std::string::npos);
  CHECK(put.error().attempts() == 5);

  LostReply gone;
  gone.transport->on("HeadObject", {.status = 404});
  CHECK(code_of(gone.put()) == ErrorCode::conflict);
}

TEST_CASE("F16: metadata that fills S3's limit leaves no room for the mark, and no guess is made") {
  LostReply s;
  s.transport->on("HeadObject", stored());
  PutOptions options{.attributes = {.metadata = {{"a", std::string(2000, 'x')}}}, .mode = PutMode::create};
  const auto put = s.store->put(take, Payload(), options);
  CHECK(code_of(put) == ErrorCode::unavailable);
  CHECK(put.error().message().find("no room") != std::string::npos);
  CHECK(s.header(0, mark_name).empty());
}

TEST_CASE("without a retry a failed condition is simply that, and other puts carry no mark") {
  ScriptedStore s;
  s.transport->on("PutObject", refusal(412, "PreconditionFailed"));
  CHECK(code_of(s.store->put(take, Payload(), {.mode = PutMode::create})) == ErrorCode::already_exists);
  CHECK(s.requests() == 1);
  s.transport->on("PutObject", stored());
  REQUIRE(s.store->put(take, Payload()));
  CHECK(s.header(1, mark_name).empty());
}

TEST_CASE("the mark is not shown as metadata of the object") {
  ScriptedStore s;
  s.transport->on("HeadObject", stored("", {{"X-Amz-Meta-Audiostore-Upload", "0123"}, {"x-amz-meta-artist", "x"}}));
  CHECK(must(s.store->head(take)).attributes.metadata == Metadata{{"artist", "x"}});
}
