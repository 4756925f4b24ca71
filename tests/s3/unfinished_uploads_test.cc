// Listing what was begun and never ended, and doing away with it.
#include "scripted_uploads.h"

using namespace audiostore;

namespace {

Answer page(std::string_view inside) {
  return {.body = fmt::format("<ListMultipartUploadsResult>{}</ListMultipartUploadsResult>", inside)};
}

std::string upload(std::string_view key, std::string_view id, int day = 1) {
  return fmt::format(
      "<Upload><Key>{}</Key><UploadId>{}</UploadId><Initiated>2013-05-{:02}T00:00:00Z</Initiated></Upload>", key, id,
      day);
}

std::string more(std::string_view key, std::string_view id) {
  return fmt::format(
      "<IsTruncated>true</IsTruncated><NextKeyMarker>{}</NextKeyMarker><NextUploadIdMarker>{}"
      "</NextUploadIdMarker>",
      key, id);
}

constexpr std::string_view last = "<IsTruncated>false</IsTruncated>";
const TimePoint day_2 = TimePoint(std::chrono::seconds(1'367'452'800));  // 2013-05-02T00:00:00Z

}  // namespace

TEST_CASE("unfinished uploads are listed over all pages") {
  ScriptedUploads s;
  s.on("ListMultipartUploads", page(upload("users/1/a", "U1") + more("users/1/a", "U1")));
  s.on("ListMultipartUploads", page(upload("users/1/a", "U2") + upload("users/1/b", "U1") + std::string(last)));
  const auto uploads = must(s.store->list_uploads({.prefix = "users/1/"}));
  REQUIRE(uploads.size() == 3);
  CHECK(uploads[1].key == "users/1/a");
  CHECK(uploads[1].upload_id == "U2");
  CHECK(uploads[2].key == "users/1/b");
  CHECK(s.request(0).url.ends_with("/takes?encoding-type=url&prefix=users%2F1%2F&uploads="));
  CHECK(s.request(1).url.find("key-marker=users%2F1%2Fa&") != std::string::npos);
  CHECK(s.request(1).url.find("upload-id-marker=U1") != std::string::npos);
}

TEST_CASE("only those that began before a time are listed, if one is given") {
  ScriptedUploads s;
  s.on("ListMultipartUploads",
       page(upload("a", "U1", 1) + upload("a", "U2", 2) + upload("a", "U3", 3) + std::string(last)));
  const auto uploads = must(s.store->list_uploads({.begun_before = day_2}));
  REQUIRE(uploads.size() == 1);
  CHECK(uploads[0].upload_id == "U1");
  CHECK(uploads[0].begun == day_2 - std::chrono::hours(24));
}

TEST_CASE("F49: a listing of uploads that goes round in a circle, or strays, stops with an error") {
  ScriptedUploads s;
  s.on("ListMultipartUploads", page(more("a", "U1")));
  s.on("ListMultipartUploads", page(more("b", "U1")));
  s.on("ListMultipartUploads", page(more("a", "U1")));
  CHECK(code_of(s.store->list_uploads()) == ErrorCode::corrupt);

  s.on("ListMultipartUploads", page(upload("users/2/a", "U1") + std::string(last)));
  const auto strayed = s.store->list_uploads({.prefix = "users/1/"});
  CHECK(code_of(strayed) == ErrorCode::corrupt);
  CHECK(strayed.error().operation() == "list_uploads");
}

TEST_CASE("uploads are listed by prefixes that keys can have only") {
  ScriptedUploads s;
  CHECK(code_of(s.store->list_uploads({.prefix = "a\nb"})) == ErrorCode::invalid_argument);
  CHECK(s.requests() == 0);
}

TEST_CASE("an upload is dropped by its id, and one that is gone is a success") {
  for (const Answer& answer : {Answer{.status = 204}, refusal(404, "NoSuchUpload"), refusal(404, "NoSuchKey")}) {
    ScriptedUploads s;
    s.on("AbortMultipartUpload", answer);
    CHECK(s.store->abort_upload(take, "U/1"));
    CHECK(s.request(0).method == "DELETE");
    CHECK(s.request(0).url.ends_with("/takes/users/1/take.wav?uploadId=U%2F1"));
  }
}

TEST_CASE("dropping an upload fails where it may still be there") {
  for (const Answer& answer : {refusal(404, "NoSuchBucket"), refusal(403, "AccessDenied")}) {
    ScriptedUploads s;
    s.on("AbortMultipartUpload", answer);
    CHECK_FALSE(s.store->abort_upload(take, "U1"));
  }
  ScriptedUploads s;
  CHECK(code_of(s.store->abort_upload(take, "")) == ErrorCode::invalid_argument);
  CHECK(s.requests() == 0);
}
