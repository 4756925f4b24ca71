#include "s3/multipart/multipart_xml.h"

#include "support/results.h"

#include <fmt/format.h>

using namespace audiostore;

namespace {

std::string parts_page(std::string_view inside) { return fmt::format("<ListPartsResult>{}</ListPartsResult>", inside); }
std::string uploads_page(std::string_view inside) {
  return fmt::format("<ListMultipartUploadsResult>{}</ListMultipartUploadsResult>", inside);
}

constexpr std::string_view last_page = "<IsTruncated>false</IsTruncated>";
constexpr std::string_view truncated = "<IsTruncated>true</IsTruncated>";

}  // namespace

TEST_CASE("the id of an upload that has begun") {
  CHECK(must(parse_begun_upload("<InitiateMultipartUploadResult xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">"
                                "<Bucket>takes</Bucket><Key>a</Key><UploadId>2~a.b/c==</UploadId>"
                                "</InitiateMultipartUploadResult>")) == "2~a.b/c==");
  for (const char* xml : {"", "<Other><UploadId>1</UploadId></Other>",
                          "<InitiateMultipartUploadResult><UploadId></UploadId></InitiateMultipartUploadResult>",
                          "<InitiateMultipartUploadResult><UploadId>a&#10;b</UploadId></InitiateMultipartUploadResult>",
                          "<InitiateMultipartUploadResult><UploadId>1</UploadId>"}) {
    CHECK(code_of(parse_begun_upload(xml)) == ErrorCode::corrupt);
  }
}

TEST_CASE("a completion names each part once, escaped") {
  const std::vector<UploadedPart> parts{{1, "\"a&b\"", {}}, {10'000, "<", {}}};
  CHECK(write_complete_request(parts) ==
        "<CompleteMultipartUpload xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">"
        "<Part><PartNumber>1</PartNumber><ETag>\"a&amp;b\"</ETag></Part>"
        "<Part><PartNumber>10000</PartNumber><ETag>&lt;</ETag></Part></CompleteMultipartUpload>");
}

TEST_CASE("the ETag of a completed upload comes with its quotes, and may be left out") {
  const auto completed = [](std::string_view inside) {
    return parse_completed_upload(
        fmt::format("<CompleteMultipartUploadResult>{}</CompleteMultipartUploadResult>", inside));
  };
  CHECK(must(completed("<ETag>&quot;a-2&quot;</ETag>")) == "\"a-2\"");
  CHECK(must(completed("<ETag>\"a-2\"</ETag>")) == "\"a-2\"");
  CHECK(must(completed("<ETag>a-2</ETag>")) == "\"a-2\"");
  CHECK(must(completed("<ETag></ETag>")).empty());
  CHECK(must(completed("")).empty());
  CHECK(code_of(completed("<ETag>a\u00e4</ETag>")) == ErrorCode::corrupt);
  CHECK(code_of(parse_completed_upload("<CopyPartResult/>")) == ErrorCode::corrupt);
}

TEST_CASE("F5: a copied part must have an ETag") {
  CHECK(must(parse_copied_part("<CopyPartResult><ETag>\"a\"</ETag></CopyPartResult>")) == "\"a\"");
  CHECK(code_of(parse_copied_part("<CopyPartResult><ETag/></CopyPartResult>")) == ErrorCode::corrupt);
  CHECK(code_of(parse_copied_part("<CopyObjectResult><ETag>\"a\"</ETag></CopyObjectResult>")) == ErrorCode::corrupt);
}

TEST_CASE("a page of parts") {
  const auto page = must(parse_parts_page(
      parts_page("<NextPartNumberMarker>7</NextPartNumberMarker><IsTruncated>true</IsTruncated>"
                 "<Part><PartNumber>2</PartNumber><LastModified>x</LastModified><ETag>e2</ETag><Size>5</Size></Part>"
                 "<Part><PartNumber>7</PartNumber><ETag>\"e7\"</ETag><Size>0</Size></Part>")));
  REQUIRE(page.parts.size() == 2);
  CHECK(page.parts[0].number == 2);
  CHECK(page.parts[0].etag == "\"e2\"");
  CHECK(page.parts[0].size == 5);
  CHECK(page.parts[1].number == 7);
  CHECK(page.next_marker == 7);
  CHECK(must(parse_parts_page(parts_page(last_page))).next_marker == 0);
}

TEST_CASE("F49: a page of parts that cannot be relied on is refused") {
  const auto with_part = [](std::string_view part) {
    return parse_parts_page(parts_page(fmt::format("{}<Part>{}</Part>", last_page, part)));
  };
  CHECK(code_of(with_part("<ETag>e</ETag><Size>1</Size>")) == ErrorCode::corrupt);
  CHECK(code_of(with_part("<PartNumber>0</PartNumber><ETag>e</ETag><Size>1</Size>")) == ErrorCode::corrupt);
  CHECK(code_of(with_part("<PartNumber>10001</PartNumber><ETag>e</ETag><Size>1</Size>")) == ErrorCode::corrupt);
  CHECK(code_of(with_part("<PartNumber>1</PartNumber><ETag/><Size>1</Size>")) == ErrorCode::corrupt);
  CHECK(code_of(with_part("<PartNumber>1</PartNumber><ETag>e</ETag><Size>-1</Size>")) == ErrorCode::corrupt);
  CHECK(code_of(parse_parts_page(parts_page(""))) == ErrorCode::corrupt);
  CHECK(code_of(parse_parts_page(parts_page(truncated))) == ErrorCode::corrupt);
  for (const char* marker : {"0", "x", "10001", ""}) {
    CHECK(code_of(parse_parts_page(parts_page(fmt::format("{}<NextPartNumberMarker>{}</NextPartNumberMarker>",
                                                          truncated, marker)))) == ErrorCode::corrupt);
  }
}

TEST_CASE("a page of uploads, URL-encoded or not") {
  const auto page = must(parse_uploads_page(uploads_page(
      "<EncodingType>url</EncodingType><IsTruncated>true</IsTruncated><NextKeyMarker>a%2Fb+c</NextKeyMarker>"
      "<NextUploadIdMarker>U2</NextUploadIdMarker>"
      "<Upload><Key>a%2Fb</Key><UploadId>U1</UploadId><Initiated>2013-05-24T00:00:00.000Z</Initiated></Upload>"
      "<Upload><Key>a%2Fb+c</Key><UploadId>U2</UploadId><Initiated>2013-05-25T00:00:00Z</Initiated></Upload>")));
  REQUIRE(page.uploads.size() == 2);
  CHECK(page.uploads[0].key == "a/b");
  CHECK(page.uploads[0].upload_id == "U1");
  CHECK(page.uploads[0].begun == TimePoint(std::chrono::seconds(1'369'353'600)));
  CHECK(page.next_key == "a/b c");
  CHECK(page.next_id == "U2");
  const std::string silent = uploads_page(
      "<IsTruncated>false</IsTruncated>"
      "<Upload><Key>a%2F+b</Key><UploadId>U</UploadId><Initiated>2013-05-25T00:00:00Z</Initiated></Upload>");
  const auto plain = must(parse_uploads_page(silent));
  CHECK(must(parse_uploads_page(silent, true)).uploads.at(0).key == "a/ b");
  CHECK(plain.uploads.at(0).key == "a%2F+b");
  CHECK(plain.next_key.empty());
}

TEST_CASE("F49: a page of uploads that cannot be relied on is refused") {
  const auto with_upload = [](std::string_view upload) {
    return parse_uploads_page(uploads_page(fmt::format("{}<Upload>{}</Upload>", last_page, upload)));
  };
  CHECK(code_of(with_upload("<UploadId>U</UploadId><Initiated>2013-05-25T00:00:00Z</Initiated>")) ==
        ErrorCode::corrupt);
  CHECK(code_of(with_upload("<Key>a</Key><Initiated>2013-05-25T00:00:00Z</Initiated>")) == ErrorCode::corrupt);
  CHECK(code_of(with_upload("<Key>a</Key><UploadId>U</UploadId><Initiated>soon</Initiated>")) == ErrorCode::corrupt);
  CHECK(code_of(parse_uploads_page(uploads_page(""))) == ErrorCode::corrupt);
  CHECK(code_of(parse_uploads_page(uploads_page(truncated))) == ErrorCode::corrupt);
}
