// Puts in parts, request by request: what is sent, in which order, and what becomes of replies that are not as they
// should be.
#include "core/crypto.h"
#include "core/text.h"
#include "scripted_uploads.h"

#include <algorithm>
#include <condition_variable>
#include <future>
#include <mutex>
#include <thread>

using namespace audiostore;
using namespace std::chrono_literals;

namespace {

using Operations = std::vector<std::string>;

/// Never answers an abort; that ends when it is stopped, or after the time that it may take.
class HangingAborts final : public HttpTransport {
 public:
  explicit HangingAborts(std::shared_ptr<HttpTransport> script) : script_(std::move(script)) {}

  Result<HttpResponse> send(const HttpRequest& request, const ResponseHandler& handler) override {
    if (s3_operation(request) != "AbortMultipartUpload") return script_->send(request, handler);
    begun.set_value();
    std::mutex mutex;
    std::condition_variable_any never;
    std::unique_lock lock(mutex);
    never.wait_for(lock, request.call.stop, request.call.deadline, [] { return false; });
    was_stopped = request.call.stop.stop_requested();
    return Error(ErrorCode::cancelled, "the caller asked to stop");
  }
  std::promise<void> begun;
  bool was_stopped = false;

 private:
  std::shared_ptr<HttpTransport> script_;
};

std::string digest(std::string_view bytes) { return to_hex(sha256(bytes)); }

/// Everything that metadata can hold: no room for the mark.
ObjectAttributes full_metadata() { return {.metadata = {{"a", std::string(2047, 'x')}}}; }

}  // namespace

TEST_CASE("what is longer than the threshold goes up in parts, all of one size but the last") {
  ScriptedUploads s;
  s.script_parts(3);
  s.on("CompleteMultipartUpload", ScriptedUploads::completed());
  const ObjectAttributes attributes{.content_type = "audio/wav", .metadata = {{"take", "1"}}};
  CHECK(must(s.store->put(take, ten_bytes(), {.attributes = attributes})).etag == "\"whole-3\"");
  CHECK(s.operations() ==
        Operations{"CreateMultipartUpload", "UploadPart", "UploadPart", "UploadPart", "CompleteMultipartUpload"});
  CHECK(s.bodies("UploadPart") == Operations{"aaaa", "bbbb", "cc"});
  CHECK(s.request(1).url.ends_with("/takes/users/1/take.wav?partNumber=1&uploadId=U1"));
  CHECK(s.request(3).url.ends_with("?partNumber=3&uploadId=U1"));
  CHECK(s.header(1, "x-amz-content-sha256") == digest("aaaa"));
  CHECK(s.header(0, "Content-Type") == "audio/wav");
  CHECK(s.header(0, "x-amz-meta-take") == "1");
  CHECK(s.header(0, mark_name).size() == 32);
  CHECK(s.header(1, mark_name).empty());
  CHECK(s.bodies("CompleteMultipartUpload").front() ==
        "<CompleteMultipartUpload xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">"
        "<Part><PartNumber>1</PartNumber><ETag>\"p1\"</ETag></Part>"
        "<Part><PartNumber>2</PartNumber><ETag>\"p2\"</ETag></Part>"
        "<Part><PartNumber>3</PartNumber><ETag>\"p3\"</ETag></Part></CompleteMultipartUpload>");
}

TEST_CASE("what is no longer than the threshold is one request") {
  ScriptedUploads s;
  s.on("PutObject", stored());
  CHECK(s.store->put(take, Payload::from_string("aaaa")));
  CHECK(s.operations() == Operations{"PutObject"});
}

TEST_CASE("parts that end in another order are named in theirs") {
  ScriptedUploads s(3);
  s.script_parts(3);
  s.on("CompleteMultipartUpload", ScriptedUploads::completed());
  REQUIRE(s.store->put(take, ten_bytes()));
  const std::string body = s.bodies("CompleteMultipartUpload").front();
  CHECK(body.find("<PartNumber>1<") < body.find("<PartNumber>2<"));
  CHECK(body.find("<PartNumber>2<") < body.find("<PartNumber>3<"));
}

TEST_CASE("no more parts are on their way at once than the options say, and all threads are gone at the end") {
  // The script's transport lets one request in at a time, so it is the payload that counts the threads.
  class Counting final : public PayloadSource {
   public:
    [[nodiscard]] std::uint64_t size() const override { return 100; }
    [[nodiscard]] Result<void> read_at(std::uint64_t, std::span<std::byte> out) const override {
      most = std::max(most.load(), ++now);
      std::this_thread::yield();
      std::ranges::fill(out, std::byte{'x'});
      --now;
      return {};
    }
    mutable std::atomic<int> now = 0;
    mutable std::atomic<int> most = 0;
  };
  ScriptedUploads s(3);
  s.script_parts(25);
  s.on("CompleteMultipartUpload", ScriptedUploads::completed());
  const auto source = std::make_shared<Counting>();
  REQUIRE(s.store->put(take, Payload(source)));
  CHECK(source->most >= 1);
  CHECK(source->most <= 3);
  CHECK(source->now == 0);
}

TEST_CASE("unsigned parts are not read for a hash") {
  ScriptedUploads s;
  s.options.endpoint = "https://127.0.0.1:9";
  s.options.payload_signing = PayloadSigning::unsigned_over_tls;
  s.remake();
  s.script_parts(3);
  s.on("CompleteMultipartUpload", ScriptedUploads::completed());
  REQUIRE(s.store->put(take, ten_bytes()));
  CHECK(s.header(1, "x-amz-content-sha256") == "UNSIGNED-PAYLOAD");
}

TEST_CASE("a part that fails for a reason that passes is sent again, and only that one") {
  ScriptedUploads s;
  s.on("CreateMultipartUpload", ScriptedUploads::begun());
  s.on("UploadPart", ScriptedUploads::part("p1"));
  s.on("UploadPart", refusal(500, "InternalError"));
  s.on("UploadPart", no_answer());
  s.on("UploadPart", ScriptedUploads::part("p2"));
  s.on("UploadPart", ScriptedUploads::part("p3"));
  s.on("CompleteMultipartUpload", ScriptedUploads::completed());
  REQUIRE(s.store->put(take, ten_bytes()));
  CHECK(s.bodies("UploadPart") == Operations{"aaaa", "bbbb", "bbbb", "bbbb", "cc"});
}

TEST_CASE("a part that fails for good ends the put, and nothing is left of it") {
  ScriptedUploads s;
  s.on("CreateMultipartUpload", ScriptedUploads::begun());
  s.on("UploadPart", ScriptedUploads::part("p1"));
  s.on("UploadPart", refusal(403, "AccessDenied"));
  s.on("AbortMultipartUpload", {.status = 204});
  const auto put = s.store->put(take, ten_bytes());
  CHECK(code_of(put) == ErrorCode::permission_denied);
  CHECK(put.error().operation() == "put");
  CHECK(put.error().key() == take.str());
  CHECK(s.count("CompleteMultipartUpload") == 0);
  CHECK(s.first("AbortMultipartUpload").url.ends_with("?uploadId=U1"));
}

TEST_CASE("F69: a part that outlives the abort is dropped by another one") {
  ScriptedUploads s;
  s.on("CreateMultipartUpload", ScriptedUploads::begun());
  s.on("UploadPart", refusal(403, "AccessDenied"));
  s.on("AbortMultipartUpload", {.status = 204});
  s.on("ListParts", ScriptedUploads::listed_parts(ScriptedUploads::listed_part(2, "p2", 4)));
  s.on("AbortMultipartUpload", {.status = 204});
  CHECK(code_of(s.store->put(take, ten_bytes())) == ErrorCode::permission_denied);
  CHECK(s.count("AbortMultipartUpload") == 2);
}

TEST_CASE("an abort is tried again, and one of what is gone already is done") {
  for (const bool gone : {false, true}) {
    ScriptedUploads s;
    s.on("CreateMultipartUpload", ScriptedUploads::begun());
    s.on("UploadPart", refusal(403, "AccessDenied"));
    s.on("AbortMultipartUpload", refusal(503, "ServiceUnavailable"));
    s.on("AbortMultipartUpload", gone ? refusal(404, "NoSuchUpload") : Answer{.status = 204});
    CHECK(code_of(s.store->put(take, ten_bytes())) == ErrorCode::permission_denied);
    CHECK(s.count("AbortMultipartUpload") == 2);
  }
}

TEST_CASE("an upload that cannot begin fails the put, and there is nothing to abort") {
  for (const Answer& answer : {refusal(403, "AccessDenied"), Answer{.body = "<html/>"}, Answer{},
                               Answer{.body = "<InitiateMultipartUploadResult></InitiateMultipartUploadResult>"}}) {
    ScriptedUploads s;
    s.on("CreateMultipartUpload", answer);
    CHECK_FALSE(s.store->put(take, ten_bytes()));
    CHECK(s.requests() == 1);
  }
}

TEST_CASE("F47: a part without an ETag is an error, and the upload is dropped") {
  for (const Headers& headers : {Headers{}, Headers{{"ETag", ""}}, Headers{{"ETag", "\"p\x01\""}}}) {
    ScriptedUploads s;
    s.on("CreateMultipartUpload", ScriptedUploads::begun());
    s.on("UploadPart", {.headers = headers});
    s.on("AbortMultipartUpload", {.status = 204});
    CHECK(code_of(s.store->put(take, ten_bytes())) == ErrorCode::corrupt);
    CHECK(s.count("CompleteMultipartUpload") == 0);
  }
}

TEST_CASE("F47: the value of a part's ETag is the service's business") {
  ScriptedUploads s;
  s.on("CreateMultipartUpload", ScriptedUploads::begun());
  for (const auto* etag : {"not & an <MD5>", "2", "2"}) s.on("UploadPart", ScriptedUploads::part(etag));
  s.on("CompleteMultipartUpload", ScriptedUploads::completed());
  REQUIRE(s.store->put(take, ten_bytes()));
  CHECK(s.bodies("CompleteMultipartUpload").front().find("\"not&#32;&amp;&#32;an&#32;&lt;MD5&gt;\"") !=
        std::string::npos);
}

TEST_CASE("F4: an error document in the 200 of a completion is an error, and tried again where it passes") {
  ScriptedUploads s;
  s.script_parts(3);
  s.on("CompleteMultipartUpload", {.body = "<Error><Code>InternalError</Code></Error>"});
  s.on("CompleteMultipartUpload", {.body = "\n<?xml version=\"1.0\"?>\n<Error><Code>SlowDown</Code></Error>"});
  s.on("CompleteMultipartUpload", ScriptedUploads::completed());
  CHECK(s.store->put(take, ten_bytes()));
}

TEST_CASE("F4: one that does not pass fails the put") {
  ScriptedUploads s;
  s.script_parts(3);
  s.on("CompleteMultipartUpload", {.body = "<Error><Code>AccessDenied</Code></Error>"});
  s.on("HeadObject", {.status = 404});
  s.on("AbortMultipartUpload", {.status = 204});
  CHECK(code_of(s.store->put(take, ten_bytes())) == ErrorCode::permission_denied);
}

TEST_CASE("F6: a completion that sends blanks before its document is waited for") {
  ScriptedUploads s;
  s.script_parts(3);
  Answer slow = ScriptedUploads::completed();
  slow.body = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>" + std::string(60, '\n') + slow.body;
  s.on("CompleteMultipartUpload", slow);
  CHECK(must(s.store->put(take, ten_bytes())).etag == "\"whole-3\"");
}

TEST_CASE("F5: a completion whose reply says nothing of use is looked into, never believed") {
  for (const char* body : {"", "<html></html>", "<CompleteMultipartUploadResult></CompleteMultipartUploadResult>",
                           "<CompleteMultipartUploadResult><ETag></ETag></CompleteMultipartUploadResult>"}) {
    CAPTURE(body);
    ScriptedUploads ours;
    ours.show_mark();
    ours.script_parts(3);
    ours.on("CompleteMultipartUpload", {.body = body});
    ours.on("HeadObject", ScriptedUploads::shown(10));
    CHECK(must(ours.store->put(take, ten_bytes())).etag == "\"shown\"");
    CHECK(ours.count("AbortMultipartUpload") == 0);

    ScriptedUploads nothing;
    nothing.script_parts(3);
    nothing.on("CompleteMultipartUpload", {.body = body});
    nothing.on("HeadObject", {.status = 404});
    nothing.on("AbortMultipartUpload", {.status = 204});
    CHECK(code_of(nothing.store->put(take, ten_bytes())) == ErrorCode::corrupt);
  }
}

TEST_CASE("F5: an object of another size or mark is not ours") {
  for (const auto& [size, mark, code] :
       {std::tuple{9U, "", ErrorCode::corrupt}, std::tuple{10U, "other", ErrorCode::corrupt}}) {
    ScriptedUploads s;
    if (*mark == '\0') s.show_mark();
    s.script_parts(3);
    s.on("CompleteMultipartUpload", {.body = "<html></html>"});
    s.on("HeadObject", ScriptedUploads::shown(size, mark));
    s.on("AbortMultipartUpload", {.status = 204});
    CHECK(code_of(s.store->put(take, ten_bytes())) == code);
  }
}

TEST_CASE("F5: without an ETag in the reply, an object that was replaced at once is a conflict") {
  ScriptedUploads s;
  s.script_parts(3);
  s.on("CompleteMultipartUpload", ScriptedUploads::completed(""));
  s.on("HeadObject", ScriptedUploads::shown(10, "another one's"));
  s.on("AbortMultipartUpload", refusal(404, "NoSuchUpload"));
  const auto put = s.store->put(take, ten_bytes());
  CHECK(code_of(put) == ErrorCode::conflict);
  CHECK(put.error().retryable());
}

TEST_CASE("F5: where metadata has no room for a mark, the size must do for a completion without an ETag") {
  ScriptedUploads s;
  s.script_parts(3);
  s.on("CompleteMultipartUpload", ScriptedUploads::completed(""));
  s.on("HeadObject", ScriptedUploads::shown(10));
  CHECK(must(s.store->put(take, ten_bytes(), {.attributes = full_metadata()})).etag == "\"shown\"");
  CHECK(s.header(0, mark_name).empty());
}

TEST_CASE("F16: a completion whose reply was lost has succeeded if the object carries our mark") {
  for (const Answer& again : {refusal(404, "NoSuchUpload"), refusal(404, "NoSuchKey"), Answer{.status = 404}}) {
    ScriptedUploads s;
    s.show_mark();
    s.script_parts(3);
    s.on("CompleteMultipartUpload", no_answer());
    s.on("CompleteMultipartUpload", again);
    s.on("HeadObject", ScriptedUploads::shown(10));
    CHECK(must(s.store->put(take, ten_bytes())).etag == "\"shown\"");
    CHECK(s.count("AbortMultipartUpload") == 0);
  }
}

TEST_CASE("F16: it has failed if there is nothing, or another writer's object") {
  for (const Answer& head : {Answer{.status = 404}, ScriptedUploads::shown(10, "another one's")}) {
    ScriptedUploads s;
    s.script_parts(3);
    s.on("CompleteMultipartUpload", no_answer());
    s.on("CompleteMultipartUpload", refusal(404, "NoSuchUpload"));
    s.on("HeadObject", head);
    s.on("AbortMultipartUpload", refusal(404, "NoSuchUpload"));
    const auto put = s.store->put(take, ten_bytes());
    CHECK(code_of(put) == ErrorCode::not_found);
    CHECK(put.error().service_code() == "NoSuchUpload");
  }
}

TEST_CASE("F16: replies that never come do not hide an object that is there") {
  for (const auto code : {ErrorCode::unavailable, ErrorCode::timed_out}) {
    ScriptedUploads s;
    s.show_mark();
    s.script_parts(3);
    for (int i = 0; i < 3; ++i) s.on("CompleteMultipartUpload", no_answer(code));
    s.on("HeadObject", ScriptedUploads::shown(10));
    CHECK(s.store->put(take, ten_bytes()));
  }
}

TEST_CASE("F16: nor do replies to its repetition, whatever they say") {
  for (const Answer& again : {refusal(403, "AccessDenied"), refusal(400, "InvalidPart"), refusal(503, "SlowDown")}) {
    ScriptedUploads s;
    s.show_mark();
    s.script_parts(3);
    s.on("CompleteMultipartUpload", no_answer());
    for (int i = again.status == 503 ? 0 : 1; i < 2; ++i) s.on("CompleteMultipartUpload", again);
    s.on("HeadObject", ScriptedUploads::shown(10));
    CHECK(s.store->put(take, ten_bytes()));
  }
}

TEST_CASE("F16: where nothing shows whose the object is, the outcome is not known, and not to be tried again") {
  ScriptedUploads s;
  s.script_parts(3);
  s.on("CompleteMultipartUpload", no_answer());
  s.on("CompleteMultipartUpload", refusal(404, "NoSuchUpload"));
  s.on("HeadObject", ScriptedUploads::shown(10));
  s.on("AbortMultipartUpload", refusal(404, "NoSuchUpload"));
  const auto put = s.store->put(take, ten_bytes(), {.attributes = full_metadata()});
  CHECK(code_of(put) == ErrorCode::unavailable);
  CHECK_FALSE(put.error().retryable());
}

TEST_CASE("a refusal that says that nothing was done is not looked into") {
  ScriptedUploads s;
  s.script_parts(3);
  s.on("CompleteMultipartUpload", refusal(400, "InvalidPart"));
  s.on("AbortMultipartUpload", {.status = 204});
  CHECK(code_of(s.store->put(take, ten_bytes())) == ErrorCode::invalid_argument);
  CHECK(s.count("HeadObject") == 0);
}

TEST_CASE("a create in parts carries its condition to the completion, and loses with already_exists") {
  ScriptedUploads s;
  s.script_parts(3);
  s.on("CompleteMultipartUpload", refusal(412, "PreconditionFailed"));
  s.on("HeadObject", ScriptedUploads::shown(10, "another one's"));
  s.on("AbortMultipartUpload", {.status = 204});
  const auto put = s.store->put(take, ten_bytes(), {.mode = PutMode::create});
  CHECK(code_of(put) == ErrorCode::already_exists);
  CHECK(put.error().http_status() == 412);
  CHECK(find_header(s.first("CompleteMultipartUpload").headers, "If-None-Match") == "*");
  CHECK_FALSE(find_header(s.first("CreateMultipartUpload").headers, "If-None-Match"));
}

TEST_CASE("F16: a create in parts that meets its own object has won") {
  ScriptedUploads s;
  s.show_mark();
  s.script_parts(3);
  s.on("CompleteMultipartUpload", no_answer());
  s.on("CompleteMultipartUpload", refusal(412, "PreconditionFailed"));
  s.on("HeadObject", ScriptedUploads::shown(10));
  CHECK(s.store->put(take, ten_bytes(), {.mode = PutMode::create}));
}

TEST_CASE("where a completion ignores conditions, a create is one request however long") {
  ScriptedUploads s;
  s.options.provider = S3Provider::ceph;
  s.options.transfer = {};
  s.remake();
  s.on("PutObject", stored());
  CHECK(s.store->put(take, Payload::from_string(std::string(17 << 20, 'x')), {.mode = PutMode::create}));

  class Endless final : public PayloadSource {
   public:
    [[nodiscard]] std::uint64_t size() const override { return (std::uint64_t{5} << 30) + 1; }
    [[nodiscard]] Result<void> read_at(std::uint64_t, std::span<std::byte>) const override {
      return Error(ErrorCode::internal, "nobody should read this");
    }
  };
  CHECK(code_of(s.store->put(take, Payload(std::make_shared<Endless>()), {.mode = PutMode::create})) ==
        ErrorCode::unsupported);
  const UploadCheckpoint checkpoint{.upload_id = "U1", .size = 4, .part_size = 4};
  CHECK(code_of(s.store->put(take, Payload::from_string("aaaa"),
                             {.mode = PutMode::create, .resume_from = checkpoint})) == ErrorCode::unsupported);
  CHECK(s.requests() == 1);
}

TEST_CASE("F13: credentials that end between parts are renewed, and what is up already stays") {
  class Renewable final : public CredentialsProvider {
   public:
    Result<std::shared_ptr<const Credentials>> get() override {
      return std::make_shared<const Credentials>(
          Credentials{.access_key_id = fmt::format("AKID{}", refusals), .secret_access_key = Secret("s")});
    }
    void refused(const std::shared_ptr<const Credentials>&) override { ++refusals; }
    int refusals = 0;
  };
  for (const int status : {400, 403}) {
    ScriptedUploads s;
    s.options.credentials = std::make_shared<Renewable>();
    s.remake();
    s.on("CreateMultipartUpload", ScriptedUploads::begun());
    s.on("UploadPart", ScriptedUploads::part("p1"));
    s.on("UploadPart", ScriptedUploads::part("p2"));
    s.on("UploadPart", refusal(status, "ExpiredToken"));
    s.on("UploadPart", ScriptedUploads::part("p3"));
    s.on("CompleteMultipartUpload", ScriptedUploads::completed());
    REQUIRE(s.store->put(take, ten_bytes()));
    CHECK(s.bodies("UploadPart") == Operations{"aaaa", "bbbb", "cc", "cc"});
    CHECK(s.header(3, "Authorization").find("AKID0/") != std::string::npos);
    CHECK(s.header(4, "Authorization").find("AKID1/") != std::string::npos);
    CHECK(s.request(4).url.ends_with("?partNumber=3&uploadId=U1"));
  }
}

TEST_CASE("F46: bytes that the service finds to be others than were hashed are not published") {
  ScriptedUploads s;
  s.on("CreateMultipartUpload", ScriptedUploads::begun());
  s.on("UploadPart", ScriptedUploads::part("p1"));
  s.on("UploadPart", refusal(400, "XAmzContentSHA256Mismatch"));
  s.on("AbortMultipartUpload", {.status = 204});
  CHECK(code_of(s.store->put(take, ten_bytes())) == ErrorCode::corrupt);
}

TEST_CASE("F46: a payload that cannot be read any more ends the put, and the upload is dropped") {
  class Shrunk final : public PayloadSource {
   public:
    [[nodiscard]] std::uint64_t size() const override { return 10; }
    [[nodiscard]] Result<void> read_at(std::uint64_t offset, std::span<std::byte> out) const override {
      if (offset + out.size() > 6) return Error(ErrorCode::corrupt, "the file has shrunk");
      return {};
    }
  };
  ScriptedUploads s;
  s.on("CreateMultipartUpload", ScriptedUploads::begun());
  s.on("UploadPart", ScriptedUploads::part("p1"));
  s.on("AbortMultipartUpload", {.status = 204});
  CHECK(code_of(s.store->put(take, Payload(std::make_shared<Shrunk>()))) == ErrorCode::corrupt);
  CHECK(s.count("CompleteMultipartUpload") == 0);
}

TEST_CASE("F66: a stop between any two requests ends the put with cancelled, and the upload is dropped all the same") {
  const Operations all{"CreateMultipartUpload", "UploadPart", "UploadPart", "UploadPart"};
  for (std::size_t last = 0; last < all.size(); ++last) {
    CAPTURE(last);
    ScriptedUploads s;
    std::stop_source stop;
    for (std::size_t i = 0; i <= last; ++i) {
      Answer answer = i == 0 ? ScriptedUploads::begun() : ScriptedUploads::part("p");
      if (i == last) answer.before = [&] { stop.request_stop(); };
      s.on(all[i], answer);
    }
    s.on("AbortMultipartUpload", {.status = 204});
    const auto put = s.store->put(take, ten_bytes(), {.call = {.stop = stop.get_token()}});
    CHECK(code_of(put) == ErrorCode::cancelled);
    CHECK(s.operations().back() == "AbortMultipartUpload");
    const auto& abort = s.transport->sent().back().request.call;
    CHECK_FALSE(abort.stop.stop_requested());
    CHECK(abort.deadline > 0ms);
    CHECK(abort.deadline < 1s);
  }
}

TEST_CASE("F66: an abort after a failure has time for its own attempts") {
  ScriptedUploads s;
  s.on("CreateMultipartUpload", ScriptedUploads::begun());
  s.on("UploadPart", refusal(403, "AccessDenied"));
  s.on("AbortMultipartUpload", {.status = 204});
  CHECK_FALSE(s.store->put(take, ten_bytes(), {.call = {.deadline = 1h}}));
  CHECK(s.transport->sent().back().request.call.deadline == 10s);
}

TEST_CASE("F66: an abort after a failure has no more time than its call, and a moment") {
  ScriptedUploads s;
  s.on("CreateMultipartUpload", ScriptedUploads::begun());
  s.on("UploadPart", refusal(403, "AccessDenied"));
  s.on("AbortMultipartUpload", {.status = 204});
  CHECK(code_of(s.store->put(take, ten_bytes(), {.call = {.deadline = 2s}})) == ErrorCode::permission_denied);
  CHECK(s.transport->sent().back().request.call.deadline > 500ms);
  CHECK(s.transport->sent().back().request.call.deadline <= 2500ms);
}

TEST_CASE("F66: a stop during an abort ends that too") {
  ScriptedUploads s;
  s.options.transport = std::make_shared<HangingAborts>(s.transport);
  s.remake();
  std::stop_source stop;
  s.on("CreateMultipartUpload", ScriptedUploads::begun());
  s.on("UploadPart", refusal(403, "AccessDenied"));
  const auto hanging = std::static_pointer_cast<HangingAborts>(s.options.transport);
  std::jthread stopper([&] {
    hanging->begun.get_future().wait();
    stop.request_stop();
  });
  CHECK(code_of(s.store->put(take, ten_bytes(), {.call = {.stop = stop.get_token()}})) == ErrorCode::permission_denied);
  CHECK(hanging->was_stopped);
}

TEST_CASE("every request of a put in parts has what is left of the deadline, its beginning a moment more") {
  ScriptedUploads s;
  s.script_parts(3);
  s.on("CompleteMultipartUpload", ScriptedUploads::completed());
  REQUIRE(s.store->put(take, ten_bytes(), {.call = {.deadline = 1h}}));
  for (const auto& sent : s.transport->sent()) {
    CHECK(sent.request.call.deadline > 0ms);
    const bool begins = s3_operation(sent.request) == "CreateMultipartUpload";
    CHECK(sent.request.call.deadline <= 1h + (begins ? 300ms : 0ms));
  }
}

TEST_CASE("progress of a put in parts is that of the object, never goes back, and is told on the caller's thread") {
  ScriptedUploads s(3);
  s.script_parts(3);
  s.on("CompleteMultipartUpload", ScriptedUploads::completed());
  std::vector<std::uint64_t> done;
  const auto self = std::this_thread::get_id();
  bool elsewhere = false;
  const auto note = [&](const Progress& progress) {
    elsewhere |= std::this_thread::get_id() != self || progress.total != 10;
    done.push_back(progress.done);
  };
  REQUIRE(s.store->put(take, ten_bytes(), {.call = {.on_progress = note}}));
  CHECK_FALSE(elsewhere);
  CHECK(std::ranges::is_sorted(done));
  CHECK(done.back() == 10);
}

TEST_CASE("a progress callback that throws ends a put in parts with internal, and the upload is dropped") {
  ScriptedUploads s;
  s.on("CreateMultipartUpload", ScriptedUploads::begun());
  s.on("AbortMultipartUpload", {.status = 204});
  const CallOptions call{.on_progress = [](const Progress&) { throw std::runtime_error("from the callback"); }};
  CHECK(code_of(s.store->put(take, ten_bytes(), {.call = call})) == ErrorCode::internal);
}

TEST_CASE("transfer options out of range are refused, naming them") {
  const auto refused = [](const TransferOptions& transfer, S3Provider provider = S3Provider::aws) {
    ScriptedStore s;
    s.options.provider = provider;
    s.options.endpoint = "https://s3.example";
    s.options.transfer = transfer;
    const auto store = make_s3_store(s.options);
    return store ? "" : store.error().message().substr(0, store.error().message().find(" is"));
  };
  constexpr std::uint64_t mib = 1 << 20;
  CHECK(refused({.part_size = 5 * mib}).empty());
  CHECK(refused({.part_size = 5 * mib - 1}) == "TransferOptions::part_size");
  CHECK(refused({.part_size = (std::uint64_t{5} << 30) + 1}) == "TransferOptions::part_size");
  CHECK(refused({.multipart_threshold = (std::uint64_t{5} << 30) + 1}) == "TransferOptions::multipart_threshold");
  CHECK(refused({.parts_in_flight = 0}) == "TransferOptions::parts_in_flight");
  CHECK(refused({.parts_in_flight = 65}) == "TransferOptions::parts_in_flight");
  CHECK(refused({.part_size = 1}, S3Provider::local).empty());
  CHECK(refused({.part_size = 0}, S3Provider::local) == "TransferOptions::part_size");
}
