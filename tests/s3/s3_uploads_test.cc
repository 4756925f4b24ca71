// Uploads in parts that a program begins and ends by hand, request by request.
#include "scripted_uploads.h"

using namespace audiostore;

namespace {

using Operations = std::vector<std::string>;

struct ByHand : ScriptedUploads {
  /// An upload of ten bytes in parts of four.
  UploadCheckpoint begin() {
    on("CreateMultipartUpload", begun());
    return must(store->uploads().begin(take, 10));
  }
  void on_parts(const std::string& parts) { on("ListParts", listed_parts(parts)); }
  static std::string all_three() { return listed_part(1, "p1", 4) + listed_part(2, "p2", 4) + listed_part(3, "p3", 2); }
  Error refused(const UploadCheckpoint& upload, const CompleteUploadOptions& how = {}) {
    const auto result = store->uploads().complete(take, upload, how);
    REQUIRE_FALSE(result);
    return result.error();
  }
};

}  // namespace

TEST_CASE("an upload that is begun by hand says in which parts it is to come") {
  ByHand s;
  s.on("CreateMultipartUpload", ScriptedUploads::begun());
  const auto upload = must(s.store->uploads().begin(take, 10, {.attributes = {.content_type = "audio/wav"}}));
  CHECK(upload.upload_id == "U1");
  CHECK(upload.size == 10);
  CHECK(upload.part_size == 4);
  CHECK(part_count(upload) == 3);
  CHECK(upload.mark == s.header(0, mark_name));
  CHECK(upload.mark.size() == 32);
  CHECK(s.header(0, "Content-Type") == "audio/wav");
  CHECK(must(UploadCheckpoint::parse(upload.to_string())) == upload);
}

TEST_CASE("an upload by hand is of something, and of no more than there can be") {
  ByHand s;
  CHECK(s.store->uploads().begin(take, 0).error().code() == ErrorCode::invalid_argument);
  CHECK(s.store->uploads().begin(take, (5ULL << 40) + 1).error().code() == ErrorCode::too_large);
  const ObjectAttributes broken{.content_type = "audio/wav\r\nx: y"};
  CHECK(s.store->uploads().begin(take, 10, {.attributes = broken}).error().code() == ErrorCode::invalid_argument);
  CHECK(s.requests() == 0);
}

TEST_CASE("the parts of an upload by hand are cut larger where 10,000 would not be enough") {
  ByHand s;
  s.on("CreateMultipartUpload", ScriptedUploads::begun());
  const auto upload = must(s.store->uploads().begin(take, 1ULL << 40));
  CHECK(part_count(upload) <= 10'000);
  CHECK(upload.part_size % (1 << 20) == 0);
}

TEST_CASE("whoever does not have the customer's key cannot be given parts") {
  ByHand s;
  s.options.provider = S3Provider::aws;
  s.options.endpoint = {};
  s.options.transfer = {};
  s.options.encryption = SseC{Secret(std::string(32, 'k'))};
  s.remake();
  CHECK(s.store->uploads().begin(take, 10).error().code() == ErrorCode::unsupported);
  CHECK(s.requests() == 0);
}

TEST_CASE("an upload is completed by hand with the parts that the service has") {
  ByHand s;
  const auto upload = s.begin();
  s.on_parts(ByHand::all_three());
  s.on("CompleteMultipartUpload", ScriptedUploads::completed());
  CHECK(must(s.store->uploads().complete(take, upload)).etag == "\"whole-3\"");
  CHECK(s.operations() == Operations{"CreateMultipartUpload", "ListParts", "CompleteMultipartUpload"});
  CHECK(s.bodies("CompleteMultipartUpload").front().find("<PartNumber>3</PartNumber><ETag>\"p3\"</ETag>") !=
        std::string::npos);
}

TEST_CASE("parts that are not as they were planned do not become an object") {
  struct Case {
    std::string there;
    std::string_view says;
  };
  const std::string one = ByHand::listed_part(1, "p1", 4);
  const std::string two = ByHand::listed_part(2, "p2", 4);
  const std::string three = ByHand::listed_part(3, "p3", 2);
  const std::vector<Case> cases{
      {"", "part 1 of 3 is not there"},
      {one + three, "part 2 of 3 is not there"},
      {one + two, "part 3 of 3 is not there"},
      {one + ByHand::listed_part(2, "p2", 3) + three, "part 2 has 3 bytes, and is to have 4"},
      {one + two + ByHand::listed_part(3, "p3", 3), "part 3 has 3 bytes, and is to have 2"},
      {one + two + three + ByHand::listed_part(9, "p9", 4), "part 9 is one more than the 3 of the upload"},
  };
  for (const Case& c : cases) {
    ByHand s;
    const auto upload = s.begin();
    s.on_parts(c.there);
    const Error error = s.refused(upload);
    CHECK(error.code() == ErrorCode::precondition_failed);
    CHECK_THAT(error.message(), Catch::Contains(std::string(c.says)));
    CHECK(s.count("CompleteMultipartUpload") == 0);
  }
}

TEST_CASE("a part whose ETag was given has to have it") {
  ByHand s;
  auto upload = s.begin();
  upload.parts = {{.number = 2, .etag = "\"other\"", .sha256 = {}}};
  s.on_parts(ByHand::all_three());
  CHECK_THAT(s.refused(upload).message(), Catch::Contains("part 2 is not the one"));
  upload.parts = {{.number = 2, .etag = "\"p2\"", .sha256 = {}}};
  s.on_parts(ByHand::all_three());
  s.on("CompleteMultipartUpload", ScriptedUploads::completed());
  CHECK(s.store->uploads().complete(take, upload));
}

TEST_CASE("a completion whose reply was lost can be repeated by hand") {
  ByHand s;
  s.show_mark();
  const auto upload = s.begin();
  s.on("ListParts", {.status = 404, .body = "<Error><Code>NoSuchUpload</Code></Error>"});
  s.on("HeadObject", ScriptedUploads::shown(10));
  CHECK(must(s.store->uploads().complete(take, upload)).etag == "\"shown\"");
}

TEST_CASE("an upload that is gone, and not become the object, is not found") {
  ByHand s;
  const auto upload = s.begin();
  s.on("ListParts", {.status = 404, .body = "<Error><Code>NoSuchUpload</Code></Error>"});
  s.on("HeadObject", ScriptedUploads::shown(10, "somebody else's"));
  CHECK(s.refused(upload).code() == ErrorCode::not_found);
  s.on("ListParts", {.status = 404, .body = "<Error><Code>NoSuchUpload</Code></Error>"});
  CHECK(s.store->uploads().parts(take, "U1").error().code() == ErrorCode::not_found);
}

TEST_CASE("what begin() did not give cannot be completed") {
  ByHand s;
  const UploadCheckpoint good{.upload_id = "U1", .mark = {}, .size = 10, .part_size = 4, .parts = {}};
  for (auto spoil : std::vector<void (*)(UploadCheckpoint&)>{
           [](UploadCheckpoint& u) { u.upload_id.clear(); }, [](UploadCheckpoint& u) { u.size = 0; },
           [](UploadCheckpoint& u) { u.size = ~0ULL; }, [](UploadCheckpoint& u) { u.part_size = 0; },
           [](UploadCheckpoint& u) { u.part_size = ~0ULL; }, [](UploadCheckpoint& u) { u.size = 40'001; }}) {
    UploadCheckpoint bad = good;
    spoil(bad);
    CHECK(s.refused(bad).code() == ErrorCode::invalid_argument);
  }
  CHECK(s.store->uploads().parts(take, "").error().code() == ErrorCode::invalid_argument);
  CHECK(s.requests() == 0);
}

TEST_CASE("conditions on an upload by hand are the completion's") {
  ByHand s;
  const auto upload = s.begin();
  s.on_parts(ByHand::all_three());
  s.on("CompleteMultipartUpload", {.status = 412, .body = "<Error><Code>PreconditionFailed</Code></Error>"});
  s.on("HeadObject", ScriptedUploads::shown(10, "somebody else's"));
  CHECK(s.refused(upload, {.mode = PutMode::create}).code() == ErrorCode::already_exists);
  CHECK(find_header(s.first("CompleteMultipartUpload").headers, "If-None-Match") == "*");
}

TEST_CASE("a service that keeps to no condition at the end of an upload is not asked to") {
  ByHand s;
  const auto upload = s.begin();
  s.options.provider = S3Provider::other;
  s.options.transfer = {};
  s.remake();
  CHECK(s.refused(upload, {.mode = PutMode::create}).code() == ErrorCode::unsupported);
}
