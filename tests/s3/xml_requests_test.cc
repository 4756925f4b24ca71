#include "s3/xml_requests.h"

#include "s3/xml_tree.h"
#include "support/results.h"

#include <catch2/catch.hpp>

using namespace audiostore;

namespace {

std::string complete(const std::string& parts) {
  return "<CompleteMultipartUpload>" + parts + "</CompleteMultipartUpload>";
}

std::string part(int number) {
  return "<Part><PartNumber>" + std::to_string(number) + "</PartNumber><ETag>&quot;e&quot;</ETag></Part>";
}

std::string parts(int count) {
  std::string out;
  for (int number = 1; number <= count; ++number) out += part(number);
  return complete(out);
}

}  // namespace

TEST_CASE("A tree has names without prefixes, texts, and children in order") {
  const auto root = must(
      parse_xml("<?xml version=\"1.0\"?><a:x xmlns:a=\"u\"><y>1 &amp; 2</y><y/><z xsi:type=\"t\"/></a:x>", "x", 1000));
  CHECK(root.name == "x");
  CHECK(root.text_of("y") == "1 & 2");
  CHECK(root.text_of("none").empty());
  CHECK(root.child("none") == nullptr);
  REQUIRE(root.children.size() == 3);
  CHECK(root.children[1].text.empty());
  CHECK(root.child("z")->type == "t");
  CHECK(code_of(parse_xml("<x/>", "y", 1000)) == ErrorCode::corrupt);
  CHECK(code_of(parse_xml("<x><y/></x>", "x", 1000, 1)) == ErrorCode::corrupt);
  CHECK(code_of(parse_xml("<x></x>", "x", 6)) == ErrorCode::corrupt);
  CHECK(code_of(parse_xml("", "x", 6)) == ErrorCode::corrupt);
}

TEST_CASE("The parts to complete come in the order of the document") {
  const auto read = must(parse_complete_request(complete(part(3) + part(1))));
  REQUIRE(read.size() == 2);
  CHECK(read[0].number == 3);
  CHECK(read[0].etag == "\"e\"");
  CHECK(read[1].number == 1);
}

TEST_CASE("A part to complete can have a checksum") {
  const auto with = [](const std::string& fields) {
    return parse_complete_request(complete("<Part><PartNumber>1</PartNumber><ETag>e</ETag>" + fields + "</Part>"));
  };
  CHECK(must(with(""))[0].checksum == std::nullopt);
  const auto read = must(with("<ChecksumCRC64NVME>AAAAAAAAAAA=</ChecksumCRC64NVME>"));
  CHECK(read[0].checksum == StatedChecksum{ChecksumAlgorithm::crc64nvme, "AAAAAAAAAAA="});
  CHECK(code_of(with("<ChecksumMD5>x</ChecksumMD5>")) == ErrorCode::corrupt);
  CHECK(code_of(with("<ChecksumSHA1>x</ChecksumSHA1><ChecksumSHA1>x</ChecksumSHA1>")) == ErrorCode::corrupt);
}

TEST_CASE("Ten thousand parts can be completed, but no more") {
  CHECK(must(parse_complete_request(parts(10'000))).size() == 10'000);
  std::string more = parts(10'000);
  more.insert(more.rfind("</Complete"), part(10'000));
  CHECK(code_of(parse_complete_request(more)) == ErrorCode::corrupt);
}

TEST_CASE("Parts that say too little or too much are refused") {
  const std::string inner =
      GENERATE("", "<Part/>", "<Part><PartNumber>1</PartNumber></Part>", "<Part><ETag>e</ETag></Part>",
               "<Part><PartNumber>0</PartNumber><ETag>e</ETag></Part>",
               "<Part><PartNumber>10001</PartNumber><ETag>e</ETag></Part>",
               "<Part><PartNumber>-1</PartNumber><ETag>e</ETag></Part>",
               "<Part><PartNumber>1</PartNumber><ETag>e</ETag><Size>1</Size></Part>",
               "<Other><PartNumber>1</PartNumber><ETag>e</ETag></Other>");
  CAPTURE(inner);
  CHECK(code_of(parse_complete_request(complete(inner))) == ErrorCode::corrupt);
}
