// Copies of what is too large for one request.
#include "s3/multipart/copy.h"

#include "s3/s3_client.h"
#include "scripted_uploads.h"

using namespace audiostore;

namespace {

using Operations = std::vector<std::string>;

const ObjectKey from = *ObjectKey::parse("users/1/take one.wav");
const ObjectKey to = *ObjectKey::parse("users/1/copy.wav");

/// Copies as the store does it, but with a limit of 8 bytes for one request.
struct Copying : ScriptedUploads {
  explicit Copying(S3Provider of = S3Provider::local) {
    provider = of;
    on("CopyObject", refusal(400, "InvalidRequest"));
  }
  Result<PutResult> copy(const CopyOptions& copy_options = {}) {
    S3Client client(S3Endpoint::make(options.endpoint, "takes", AddressingStyle::path, false).value(),
                    profile_of(provider), options, "eu-central-1");
    return copy_object(client, options.transfer, 8, from, to, copy_options);
  }
  static Answer source(std::size_t size = 10) {
    Answer answer = shown(size);
    answer.headers.push_back({"Content-Type", "audio/wav"});
    answer.headers.push_back({"x-amz-meta-take", "1"});
    answer.headers.push_back({mark_name, "the source's own"});
    return answer;
  }
  static Answer copied(std::string_view etag) {
    return {.body = fmt::format("<CopyPartResult><ETag>\"{}\"</ETag></CopyPartResult>", etag)};
  }
  void script_source() {
    on("HeadObject", source());
    on("GetObject", {.body = "<Tagging><TagSet/></Tagging>"});
  }
  void script_copies() {
    on("CreateMultipartUpload", begun());
    for (const auto* etag : {"p1", "p2", "p3"}) on("UploadPartCopy", copied(etag));
  }
  S3Provider provider;
};

}  // namespace

TEST_CASE("what one request can copy is one request") {
  ScriptedUploads s;
  s.on("CopyObject", {.body = "<CopyObjectResult><ETag>\"c\"</ETag></CopyObjectResult>"});
  CHECK(must(s.store->copy(from, to)).etag == "\"c\"");
  CHECK(s.requests() == 1);
}

TEST_CASE("what is too large for one request is copied in parts, of one version, with its attributes") {
  Copying s;
  s.script_source();
  s.script_copies();
  s.on("CompleteMultipartUpload", ScriptedUploads::completed());
  CHECK(must(s.copy()).etag == "\"whole-3\"");
  CHECK(s.operations() == Operations{"CopyObject", "HeadObject", "GetObject", "CreateMultipartUpload", "UploadPartCopy",
                                     "UploadPartCopy", "UploadPartCopy", "CompleteMultipartUpload"});
  CHECK(s.header(3, "Content-Type") == "audio/wav");
  CHECK(s.header(3, "x-amz-meta-take") == "1");
  CHECK(s.header(3, mark_name).size() == 32);  // its own, not the source's
  CHECK(s.header(5, "x-amz-copy-source") == "/takes/users/1/take%20one.wav");
  CHECK(s.header(5, "x-amz-copy-source-range") == "bytes=4-7");
  CHECK(s.header(6, "x-amz-copy-source-range") == "bytes=8-9");
  CHECK(s.header(5, "x-amz-copy-source-if-match") == "\"shown\"");
  CHECK(s.request(5).url.ends_with("/takes/users/1/copy.wav?partNumber=2&uploadId=U1"));
}

TEST_CASE("attributes that are given replace those of the source") {
  Copying s;
  s.script_source();
  s.script_copies();
  s.on("CompleteMultipartUpload", ScriptedUploads::completed());
  REQUIRE(s.copy({.attributes = ObjectAttributes{.content_type = "audio/flac"}}));
  CHECK(s.header(3, "Content-Type") == "audio/flac");
  CHECK(s.header(3, "x-amz-meta-take").empty());
}

TEST_CASE("a copy in parts keeps what one request would have kept, unless attributes are given") {
  const Headers kept{{"Content-Encoding", "gzip"},
                     {"Content-Language", "de"},
                     {"Expires", "Fri, 24 May 2013 00:00:00 GMT"},
                     {"x-amz-meta-audiostore-sha256", std::string(64, 'a')}};
  for (const bool given : {false, true}) {
    Copying s;
    Answer source = Copying::source();
    source.headers.insert(source.headers.end(), kept.begin(), kept.end());
    s.on("HeadObject", source);
    s.on("GetObject", {.body = "<Tagging><TagSet/></Tagging>"});
    s.script_copies();
    s.on("CompleteMultipartUpload", ScriptedUploads::completed());
    REQUIRE(s.copy(given ? CopyOptions{.attributes = ObjectAttributes()} : CopyOptions()));
    for (const auto& [name, value] : kept) CHECK(s.header(3, name) == (given ? "" : value));
  }
}

TEST_CASE("tags go with a copy in parts, where the service has any") {
  Copying s(S3Provider::ceph);
  s.on("HeadObject", Copying::source());
  s.on("GetObject", {.body = "<Tagging><TagSet><Tag><Key>kind</Key><Value>take</Value></Tag></TagSet></Tagging>"});
  s.script_copies();
  s.on("HeadObject", Copying::source());
  s.on("CompleteMultipartUpload", ScriptedUploads::completed());
  REQUIRE(s.copy());
  CHECK(find_header(s.first("CreateMultipartUpload").headers, "x-amz-tagging") == "kind=take");
}

TEST_CASE("a refusal that the size does not explain is what the copy fails with") {
  Copying small;
  small.on("HeadObject", Copying::source(8));
  CHECK(small.copy().error().service_code() == "InvalidRequest");
  Copying absent;
  absent.on("HeadObject", {.status = 404});
  CHECK(absent.copy().error().service_code() == "InvalidRequest");
}

TEST_CASE("a refusal for another reason is not looked into") {
  ScriptedUploads s;
  s.on("CopyObject", refusal(404, "NoSuchKey"));
  CHECK(code_of(s.store->copy(from, to)) == ErrorCode::not_found);
  s.on("CopyObject", no_answer(ErrorCode::invalid_argument));  // it was never sent
  CHECK(code_of(s.store->copy(from, to)) == ErrorCode::invalid_argument);
  CHECK(s.requests() == 2);
}

TEST_CASE("a source that is not the one asked for is not copied in parts either") {
  Copying s;
  s.on("HeadObject", {.status = 412});
  CHECK(code_of(s.copy({.source_if_match = "\"older\""})) == ErrorCode::precondition_failed);
  CHECK(s.header(1, "If-Match") == "\"older\"");
  CHECK(s.requests() == 2);
}

TEST_CASE("a source that is replaced meanwhile is a conflict, and nothing is left") {
  Copying s;
  s.script_source();
  s.on("CreateMultipartUpload", ScriptedUploads::begun());
  s.on("UploadPartCopy", Copying::copied("p1"));
  s.on("UploadPartCopy", refusal(412, "PreconditionFailed"));
  s.on("AbortMultipartUpload", {.status = 204});
  const auto copy = s.copy();
  CHECK(code_of(copy) == ErrorCode::conflict);
  CHECK(copy.error().retryable());
}

TEST_CASE("where the service knows no condition on the source, it is looked at again before the end") {
  for (const bool replaced : {false, true}) {
    Copying s(S3Provider::ceph);
    s.script_source();
    s.script_copies();
    Answer again = Copying::source();
    if (replaced) again.headers[0].value = "\"another\"";
    s.on("HeadObject", again);
    if (replaced) {
      s.on("AbortMultipartUpload", {.status = 204});
      CHECK(code_of(s.copy()) == ErrorCode::conflict);
      CHECK(s.count("CompleteMultipartUpload") == 0);
    } else {
      s.on("CompleteMultipartUpload", ScriptedUploads::completed());
      CHECK(s.copy());
    }
    CHECK_FALSE(find_header(s.first("UploadPartCopy").headers, "x-amz-copy-source-if-match"));
  }
}

TEST_CASE("where the service copies no parts, that is what the error says") {
  Copying s(S3Provider::gcs);
  s.on("HeadObject", Copying::source());
  CHECK(code_of(s.copy()) == ErrorCode::unsupported);
  CHECK(s.requests() == 2);
}

TEST_CASE("F4 F5: a copied part's 200 counts by its document") {
  for (const char* body : {"<Error><Code>AccessDenied</Code></Error>", "", "<CopyPartResult></CopyPartResult>"}) {
    Copying s;
    s.script_source();
    s.on("CreateMultipartUpload", ScriptedUploads::begun());
    s.on("UploadPartCopy", {.body = body});
    s.on("AbortMultipartUpload", {.status = 204});
    CHECK_FALSE(s.copy());
  }
}

TEST_CASE("parts of copies are large, since no bytes of theirs come here") {
  CHECK(for_copies({.part_size = 5 << 20}).part_size == 128 << 20);
  CHECK(for_copies({.part_size = std::uint64_t{1} << 30}).part_size == std::uint64_t{1} << 30);
}

TEST_CASE("a copy with new attributes keeps its tags where the service would drop them") {
  ScriptedStore s;
  s.options.provider = S3Provider::ceph;
  s.options.endpoint = "https://ceph.test";
  s.remake();
  s.transport->answer({.body = "<Tagging><TagSet><Tag><Key>kind</Key><Value>raw</Value></Tag></TagSet></Tagging>"});
  s.transport->answer({.body = "<CopyObjectResult><ETag>&quot;c&quot;</ETag></CopyObjectResult>"});
  s.transport->answer({});
  const auto copied = s.store->copy(take, *ObjectKey::parse("copy.wav"), {.attributes = ObjectAttributes{}});
  CHECK(must(copied).etag == "\"c\"");
  REQUIRE(s.requests() == 3);
  CHECK(s.request(2).method == "PUT");
  CHECK(s.request(2).url == "https://ceph.test/takes/copy.wav?tagging=");
  CHECK(s.transport->sent()[2].body.find("<Key>kind</Key><Value>raw</Value>") != std::string::npos);
}
