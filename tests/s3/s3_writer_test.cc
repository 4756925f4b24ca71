// Writers of the S3 store, request by request.
#include "core/crypto.h"
#include "core/text.h"
#include "scripted_uploads.h"

#include <algorithm>
#include <condition_variable>
#include <thread>

using namespace audiostore;
using namespace std::chrono_literals;

namespace {

using Operations = std::vector<std::string>;

Result<void> write(ObjectWriter& writer, std::string_view text) { return writer.write(as_bytes(text)); }

/// The first failure of what goes on behind the writer's back. REQUIRES: there is one.
Error wait_for_failure(ObjectWriter& writer) {
  for (;;) {
    if (auto so_far = writer.write({}); !so_far) return so_far.error();
    std::this_thread::yield();
  }
}

/// Answers everything but parts, which it keeps waiting until they are stopped or let go.
class SlowParts final : public HttpTransport {
 public:
  explicit SlowParts(std::shared_ptr<HttpTransport> script) : script_(std::move(script)) {}

  Result<HttpResponse> send(const HttpRequest& request, const ResponseHandler& handler) override {
    if (s3_operation(request) == "UploadPart") {
      std::unique_lock lock(mutex_);
      ++waiting_;
      changed_.notify_all();
      if (!changed_.wait(lock, request.call.stop, [this] { return let_go_; })) {
        return Error(ErrorCode::cancelled, "the caller asked to stop");
      }
    }
    return script_->send(request, handler);
  }
  void wait_for_parts(int count) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return waiting_ >= count; });
  }
  void let_go() {
    const std::scoped_lock lock(mutex_);
    let_go_ = true;
    changed_.notify_all();
  }

 private:
  std::shared_ptr<HttpTransport> script_;
  std::mutex mutex_;
  std::condition_variable_any changed_;
  int waiting_ = 0;
  bool let_go_ = false;
};

/// Takes any number of parts.
class EasyParts final : public HttpTransport {
 public:
  explicit EasyParts(std::shared_ptr<HttpTransport> script) : script_(std::move(script)) {}

  Result<HttpResponse> send(const HttpRequest& request, const ResponseHandler& handler) override {
    if (s3_operation(request) != "UploadPart") return script_->send(request, handler);
    ++parts;
    const HttpResponse response{.status = 200, .headers = {{"ETag", "\"p\""}}};
    return handler(response).transform([&](const ByteSink&) { return response; });
  }
  std::atomic<int> parts = 0;

 private:
  std::shared_ptr<HttpTransport> script_;
};

struct SlowUploads : ScriptedUploads {
  explicit SlowUploads(int parts_in_flight) : ScriptedUploads(parts_in_flight) {
    options.transport = slow;
    remake();
  }
  std::shared_ptr<SlowParts> slow = std::make_shared<SlowParts>(transport);
};

}  // namespace

TEST_CASE("what a writer was given is one request as long as it is no longer than a part") {
  for (const std::string bytes : {"", "a", "aaaa"}) {
    ScriptedUploads s;
    s.on("PutObject", stored());
    const auto writer = must(s.store->writer(take, {.attributes = {.content_type = "audio/wav"}}));
    must(write(*writer, bytes));
    CHECK(s.requests() == 0);
    CHECK(writer->written() == bytes.size());
    CHECK(must(writer->finish()).etag == "\"e1\"");
    CHECK(s.bodies("PutObject") == Operations{bytes});
    CHECK(s.header(0, "Content-Type") == "audio/wav");
  }
}

TEST_CASE("what is longer goes up in parts, wherever the pieces end") {
  const std::string bytes = "aaaabbbbcc";
  for (const std::size_t piece : {1U, 3U, 4U, 5U, 8U, 10U}) {
    CAPTURE(piece);
    ScriptedUploads s;
    s.script_parts(3);
    s.on("CompleteMultipartUpload", ScriptedUploads::completed());
    const auto writer = must(s.store->writer(take));
    for (std::size_t at = 0; at < bytes.size(); at += piece) must(write(*writer, bytes.substr(at, piece)));
    CHECK(must(writer->finish()).etag == "\"whole-3\"");
    CHECK(s.bodies("UploadPart") == Operations{"aaaa", "bbbb", "cc"});
    CHECK(s.header(1, "x-amz-content-sha256") == to_hex(sha256("aaaa")));
    CHECK(s.header(0, mark_name).size() == 32);
    CHECK(s.operations().back() == "CompleteMultipartUpload");
  }
}

TEST_CASE("what ends with a part has no empty one behind it") {
  ScriptedUploads s;
  s.script_parts(2);
  s.on("CompleteMultipartUpload", ScriptedUploads::completed());
  const auto writer = must(s.store->writer(take));
  must(write(*writer, "aaaabbbb"));
  must(writer->finish());
  CHECK(s.bodies("UploadPart") == Operations{"aaaa", "bbbb"});
}

TEST_CASE("parts go up while the recording goes on, and the deadline of a write is not theirs") {
  SlowUploads s(2);
  s.script_parts(3);
  s.on("CompleteMultipartUpload", ScriptedUploads::completed());
  const auto writer = must(s.store->writer(take, {.call = {.deadline = 1h}}));
  must(write(*writer, "aaaab"));
  s.slow->wait_for_parts(1);
  must(write(*writer, "bbbc"));  // another part under way, and this one is being filled
  s.slow->wait_for_parts(2);
  CHECK(s.operations() == Operations{"CreateMultipartUpload"});
  s.slow->let_go();
  must(write(*writer, "c"));
  must(writer->finish());
  CHECK(s.first("UploadPart").call.deadline == 0ms);
  CHECK(s.first("CompleteMultipartUpload").call.deadline > 0ms);
}

TEST_CASE("a write that must wait for parts ends when its time is up, and nothing is left") {
  SlowUploads s(1);
  s.on("CreateMultipartUpload", ScriptedUploads::begun());
  s.on("AbortMultipartUpload", {.status = 204});
  const auto writer = must(s.store->writer(take, {.call = {.deadline = 50ms}}));
  must(write(*writer, "aaaab"));
  s.slow->wait_for_parts(1);
  const auto late = write(*writer, "bbbcccc");
  CHECK(code_of(late) == ErrorCode::timed_out);
  CHECK(late.error().operation() == "write");
  CHECK(late.error().key() == take.str());
  CHECK(s.operations().back() == "AbortMultipartUpload");
  CHECK(code_of(writer->finish()) == ErrorCode::timed_out);
}

TEST_CASE("a finish that must wait for parts ends when its time is up") {
  SlowUploads s(2);
  s.on("CreateMultipartUpload", ScriptedUploads::begun());
  s.on("AbortMultipartUpload", {.status = 204});
  const auto writer = must(s.store->writer(take, {.call = {.deadline = 50ms}}));
  must(write(*writer, "aaaab"));
  CHECK(code_of(writer->finish()) == ErrorCode::timed_out);
}

TEST_CASE("F66: a stop ends the parts under way and the next write, and the upload is dropped at once") {
  SlowUploads s(2);
  s.on("CreateMultipartUpload", ScriptedUploads::begun());
  s.on("AbortMultipartUpload", {.status = 204});
  std::stop_source stop;
  const auto writer = must(s.store->writer(take, {.call = {.stop = stop.get_token()}}));
  must(write(*writer, "aaaab"));
  s.slow->wait_for_parts(1);
  stop.request_stop();
  CHECK(code_of(write(*writer, "b")) == ErrorCode::cancelled);
  CHECK(s.operations().back() == "AbortMultipartUpload");
  CHECK(s.transport->sent().back().request.call.deadline < 1s);
}

TEST_CASE("a part that fails ends the next write, and all that follow, with its error") {
  ScriptedUploads s;
  s.options.transfer.part_size = 1000;
  s.remake();
  s.on("CreateMultipartUpload", ScriptedUploads::begun());
  s.on("UploadPart", refusal(403, "AccessDenied"));
  s.on("AbortMultipartUpload", {.status = 204});
  s.on("ListParts", refusal(404, "NoSuchUpload"));
  const auto writer = must(s.store->writer(take));
  must(write(*writer, std::string(1001, 'x')));
  const Error failure = wait_for_failure(*writer);
  CHECK(failure.code() == ErrorCode::permission_denied);
  CHECK(s.operations() == Operations{"CreateMultipartUpload", "UploadPart", "AbortMultipartUpload", "ListParts"});
  CHECK(write(*writer, "more").error().message() == failure.message());
  CHECK(code_of(writer->finish()) == ErrorCode::permission_denied);
  CHECK(writer->abort());
  CHECK(s.requests() == 4);
}

TEST_CASE("F66: the abort of a writer that fails has no more time than the write, and a moment") {
  ScriptedUploads s;
  s.options.transfer.part_size = 1000;
  s.remake();
  s.on("CreateMultipartUpload", ScriptedUploads::begun());
  s.on("UploadPart", refusal(403, "AccessDenied"));
  s.on("AbortMultipartUpload", {.status = 204});
  const auto writer = must(s.store->writer(take, {.call = {.deadline = 2s}}));
  must(write(*writer, std::string(1001, 'x')));
  CHECK(wait_for_failure(*writer).code() == ErrorCode::permission_denied);
  CHECK(s.transport->sent().back().request.call.deadline > 500ms);
  CHECK(s.transport->sent().back().request.call.deadline <= 2500ms);
}

TEST_CASE("an upload that cannot begin ends the writer, and there is nothing to drop") {
  ScriptedUploads s(2);
  s.on("CreateMultipartUpload", refusal(403, "AccessDenied"));
  const auto writer = must(s.store->writer(take));
  must(write(*writer, "aaaab"));
  CHECK(wait_for_failure(*writer).code() == ErrorCode::permission_denied);
  CHECK(s.requests() == 1);
}

TEST_CASE("a writer that is destroyed or aborted leaves nothing behind") {
  for (const bool aborted : {false, true}) {
    SlowUploads s(2);
    s.on("CreateMultipartUpload", ScriptedUploads::begun());
    s.on("AbortMultipartUpload", {.status = 204});
    s.on("ListParts", refusal(404, "NoSuchUpload"));
    auto writer = must(s.store->writer(take));
    must(write(*writer, "aaaab"));
    s.slow->wait_for_parts(1);
    if (aborted) CHECK(writer->abort());
    if (aborted) CHECK(code_of(write(*writer, "b")) == ErrorCode::invalid_argument);
    if (aborted) CHECK(code_of(writer->finish()) == ErrorCode::invalid_argument);
    writer.reset();
    CHECK(s.operations() == Operations{"CreateMultipartUpload", "AbortMultipartUpload", "ListParts"});
  }
}

TEST_CASE("a transport that throws while a writer is destroyed does not end the program") {
  struct Throwing final : HttpTransport {
    explicit Throwing(std::shared_ptr<HttpTransport> behind) : behind_(std::move(behind)) {}
    Result<HttpResponse> send(const HttpRequest& request, const ResponseHandler& handler) override {
      if (s3_operation(request) == "AbortMultipartUpload") throw std::runtime_error("the program's own mistake");
      return behind_->send(request, handler);
    }
    std::shared_ptr<HttpTransport> behind_;
  };
  SlowUploads s(2);
  s.options.transport = std::make_shared<Throwing>(s.slow);
  s.remake();
  s.on("CreateMultipartUpload", ScriptedUploads::begun());
  auto writer = must(s.store->writer(take));
  must(write(*writer, "aaaab"));
  s.slow->wait_for_parts(1);
  writer.reset();
  CHECK(s.operations() == Operations{"CreateMultipartUpload"});
}

TEST_CASE("one that has sent nothing sends nothing") {
  ScriptedUploads s;
  {
    const auto writer = must(s.store->writer(take));
    must(write(*writer, "aaaa"));
  }
  CHECK(s.requests() == 0);
}

TEST_CASE("an abort that fails says so") {
  SlowUploads s(1);
  s.on("CreateMultipartUpload", ScriptedUploads::begun());
  s.on("AbortMultipartUpload", refusal(403, "AccessDenied"));
  const auto writer = must(s.store->writer(take));
  must(write(*writer, "aaaab"));
  s.slow->wait_for_parts(1);
  const auto aborted = writer->abort();
  CHECK(code_of(aborted) == ErrorCode::permission_denied);
  CHECK(aborted.error().operation() == "abort");
  CHECK(aborted.error().key() == take.str());
}

TEST_CASE("F16: a writer's completion whose reply was lost is looked into") {
  ScriptedUploads s;
  s.show_mark();
  s.script_parts(3);
  s.on("CompleteMultipartUpload", no_answer());
  s.on("CompleteMultipartUpload", refusal(404, "NoSuchUpload"));
  s.on("HeadObject", ScriptedUploads::shown(10));
  const auto writer = must(s.store->writer(take));
  must(write(*writer, "aaaabbbbcc"));
  CHECK(must(writer->finish()).etag == "\"shown\"");
  CHECK(code_of(writer->abort()) == ErrorCode::invalid_argument);
  CHECK(code_of(writer->finish()) == ErrorCode::invalid_argument);
}

TEST_CASE("F47: a part without an ETag ends the writer") {
  ScriptedUploads s;
  s.on("CreateMultipartUpload", ScriptedUploads::begun());
  s.on("UploadPart", {});
  s.on("AbortMultipartUpload", {.status = 204});
  const auto writer = must(s.store->writer(take));
  must(write(*writer, "aaaab"));
  CHECK(wait_for_failure(*writer).code() == ErrorCode::corrupt);
}

TEST_CASE("a writer that is to create the object loses at the end") {
  ScriptedUploads s;
  s.script_parts(3);
  s.on("CompleteMultipartUpload", refusal(412, "PreconditionFailed"));
  s.on("HeadObject", ScriptedUploads::shown(10, "another one's"));
  s.on("AbortMultipartUpload", {.status = 204});
  const auto writer = must(s.store->writer(take, {.mode = PutMode::create}));
  must(write(*writer, "aaaabbbbcc"));
  const auto finished = writer->finish();
  CHECK(code_of(finished) == ErrorCode::already_exists);
  CHECK(finished.error().operation() == "finish");
  CHECK(find_header(s.first("CompleteMultipartUpload").headers, "If-None-Match") == "*");
}

TEST_CASE("where a completion ignores conditions, a writer that is to create is refused before it begins") {
  ScriptedUploads s;
  s.options.provider = S3Provider::ceph;
  s.options.transfer = {};
  s.remake();
  CHECK(code_of(s.store->writer(take, {.mode = PutMode::create})) == ErrorCode::unsupported);
  CHECK(s.store->writer(take));
}

TEST_CASE("a writer cannot resume, and attributes are checked before it begins") {
  ScriptedUploads s;
  CHECK(code_of(s.store->writer(take, {.resume_from = UploadCheckpoint{}})) == ErrorCode::invalid_argument);
  CHECK(code_of(s.store->writer(take, {.attributes = {.content_type = "a\nb"}})) == ErrorCode::invalid_argument);
}

TEST_CASE("an object can have 10,000 parts; more are too large, and the error names the option") {
  for (const bool more : {false, true}) {
    ScriptedUploads s(4);
    const auto easy = std::make_shared<EasyParts>(s.transport);
    s.options.transport = easy;
    s.options.transfer.part_size = 1;
    s.remake();
    s.on("CreateMultipartUpload", ScriptedUploads::begun());
    s.on(more ? "AbortMultipartUpload" : "CompleteMultipartUpload", ScriptedUploads::completed());
    const auto writer = must(s.store->writer(take));
    must(write(*writer, std::string(10'000, 'x')));
    if (more) {
      const auto refused = write(*writer, "x");
      CHECK(code_of(refused) == ErrorCode::too_large);
      CHECK(refused.error().message().find("transfer.part_size") != std::string::npos);
    } else {
      CHECK(writer->finish());
      CHECK(easy->parts == 10'000);
    }
  }
}

TEST_CASE("what a writer's checkpoint is of can be put from a file when the writer has failed") {
  ScriptedUploads s;
  s.on("CreateMultipartUpload", ScriptedUploads::begun());
  s.on("UploadPart", ScriptedUploads::part("p1"));
  s.on("UploadPart", refusal(403, "AccessDenied"));
  UploadCheckpoint last;
  std::thread::id thread;
  const auto note = [&](const UploadCheckpoint& now) {
    last = now;
    thread = std::this_thread::get_id();
  };
  {
    const auto writer = must(s.store->writer(take, {.on_checkpoint = note}));
    must(write(*writer, "aaaa"));
    static_cast<void>(write(*writer, "bbbbc"));
    CHECK(wait_for_failure(*writer).code() == ErrorCode::permission_denied);
  }
  CHECK(thread == std::this_thread::get_id());
  CHECK(s.count("AbortMultipartUpload") == 0);
  CHECK(last == UploadCheckpoint{.upload_id = "U1",
                                 .mark = s.header(0, mark_name),
                                 .size = 0,
                                 .part_size = 4,
                                 .parts = {{1, "\"p1\"", to_hex(sha256("aaaa"))}}});
  s.on("ListParts", ScriptedUploads::listed_parts(ScriptedUploads::listed_part(1, "p1", 4)));
  s.script_parts(3, 2);
  s.on("CompleteMultipartUpload", ScriptedUploads::completed());
  CHECK(s.store->put(take, ten_bytes(), {.resume_from = must(UploadCheckpoint::parse(last.to_string()))}));
  CHECK(s.bodies("UploadPart") == Operations{"aaaa", "bbbb", "bbbb", "cc"});
}
