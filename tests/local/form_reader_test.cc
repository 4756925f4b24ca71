#include "local/form_reader.h"

#include "local/signed_request.h"
#include "support/random.h"

#include <catch2/catch.hpp>

#include <string>
#include <vector>

using namespace audiostore;
using namespace audiostore::local;

namespace {

struct ReadPart {
  FormPart head;
  std::string content;
};

struct ReadForm {
  std::vector<ReadPart> parts;
  bool malformed = false;
};

/// Reads the whole form, `piece` bytes of content at a time.
ReadForm read(const std::string& form, std::size_t piece = 100, std::string_view boundary = "B") {
  FormReader reader(ServiceFixture::reader(form), boundary);
  ReadForm result;
  std::vector<std::byte> buffer(piece);
  for (;;) {
    const auto part = reader.next();
    result.malformed = !part;
    if (!part || !*part) return result;
    result.parts.push_back({**part, ""});
    for (;;) {
      const auto got = reader.read(buffer);
      result.malformed = !got;
      if (!got) return result;
      if (*got == 0) break;
      result.parts.back().content.append(reinterpret_cast<const char*>(buffer.data()), *got);
    }
  }
}

std::string part(const std::string& disposition, const std::string& content) {
  return "--B\r\nContent-Disposition: form-data; " + disposition + "\r\n\r\n" + content + "\r\n";
}

/// What a head reads as; nullopt where it is refused.
std::optional<FormPart> head_of(const std::string& head) {
  const auto form = read("--B\r\n" + head + "\r\n\r\n\r\n--B--");
  if (form.malformed || form.parts.size() != 1) return std::nullopt;
  return form.parts[0].head;
}

}  // namespace

TEST_CASE("A form's parts come with their names and contents") {
  const std::string form = part("name=\"key\"", "a/b") + part("name=empty", "") +
                           "--B \t\r\ncontent-type: audio/wav\r\nContent-Disposition: form-data; name=\"file\"; "
                           "filename=\"t \\\"1\\\".wav\"\r\n\r\n\r\n--\r\n--A\r\n\r\n--B--\r\nepilogue";
  const std::size_t piece = GENERATE(1U, 3U, 100U);
  const auto read_form = read(form, piece);
  CHECK_FALSE(read_form.malformed);
  REQUIRE(read_form.parts.size() == 3);
  CHECK(read_form.parts[0].head.name == "key");
  CHECK(read_form.parts[0].head.filename == std::nullopt);
  CHECK(read_form.parts[0].content == "a/b");
  CHECK(read_form.parts[1].head.name == "empty");
  CHECK(read_form.parts[1].content.empty());
  CHECK(read_form.parts[2].head.filename == "t \"1\".wav");
  CHECK(read_form.parts[2].content == "\r\n--\r\n--A\r\n");
}

TEST_CASE("Contents may hold everything but the boundary, of any size") {
  const auto seed = test_seed();
  INFO("seed " << seed);
  Random random(seed);
  for (int round = 0; round < 50; ++round) {
    std::string content = random.bytes(random.below(round % 10 == 0 ? 300'000 : 300));
    for (int i = 0; i < 5; ++i) {
      const std::string almost = std::string("\r\n--BOUNDARY").substr(0, random.below(12));
      content.insert(random.below(content.size() + 1), almost);
    }
    const std::string form =
        "--BOUNDARY!\r\nContent-Disposition: form-data; name=file\r\n\r\n" + content + "\r\n--BOUNDARY!--\r\n";
    const auto read_form = read(form, 1 + random.below(5000), "BOUNDARY!");
    REQUIRE(read_form.parts.size() == 1);
    CHECK_FALSE(read_form.malformed);
    CHECK(read_form.parts[0].content == content);
  }
}

TEST_CASE("What is left of a part is passed over") {
  const std::string form = part("name=a", std::string(200'000, 'x')) + part("name=b", "2") + "--B--";
  FormReader reader(ServiceFixture::reader(form), "B");
  CHECK(reader.next().value().value().name == "a");
  CHECK(reader.next().value().value().name == "b");
  CHECK(reader.next().value() == std::nullopt);
  CHECK(reader.next().value() == std::nullopt);
}

TEST_CASE("A form that ends early is malformed") {
  const std::string whole = part("name=a", "1") + "--B--";
  for (std::size_t length = 0; length < whole.size(); ++length) {
    CAPTURE(length);
    CHECK(read(whole.substr(0, length)).malformed);
  }
  CHECK_FALSE(read(whole).malformed);
}

TEST_CASE("Malformed forms") {
  CHECK(read("x--B\r\n").malformed);
  CHECK(read("\r\n" + part("name=a", "1") + "--B--").malformed);
  CHECK(read("--Bx\r\nContent-Disposition: form-data; name=a\r\n\r\n1\r\n--B--").malformed);
  CHECK(read("--B\nContent-Disposition: form-data; name=a\n\n1\n--B--").malformed);
  CHECK(read("--B\r\n\r\n1\r\n--B--").malformed);
  CHECK(read("--B--").parts.empty());
}

TEST_CASE("Heads of parts") {
  CHECK(head_of("CONTENT-DISPOSITION:Form-Data;name=a")->name == "a");
  CHECK(head_of("Content-Disposition: form-data; name=\"C:\\a\"")->name == "C:\\a");
  CHECK(head_of("Content-Disposition: form-data; name=\"a\"; filename*=utf-8''b")->filename == std::nullopt);
  CHECK(head_of("X: 1\r\nContent-Disposition: form-data; name=\"a; b=\\\"\"; filename=\"\"")->name == "a; b=\"");
  for (const char* head :
       {"Content-Disposition: attachment; name=a", "Content-Disposition: form-data", "X: 1", "Content-Disposition",
        "Content-Disposition: form-data; name=\"a", "Content-Disposition: form-data; name=a; name=b",
        "Content-Disposition: form-data; name=a; filename=b; filename=c", "Content-Disposition: form-data; name=a b",
        "Content-Disposition: form-data; name=a\r\nContent-Disposition: form-data; name=a", "a b: 1",
        "Content-Disposition: form-data; name=a\r\n folded: 1"}) {
    CAPTURE(head);
    CHECK(head_of(head) == std::nullopt);
  }
  CHECK(head_of("X: " + std::string(3000, 'x') + "\r\nContent-Disposition: form-data; name=a") == std::nullopt);
  std::string many;
  for (int i = 0; i < 20; ++i) many += "X: 1\r\n";
  CHECK(head_of(many + "Content-Disposition: form-data; name=a") == std::nullopt);
}

TEST_CASE("Boundaries") {
  CHECK(form_boundary("multipart/form-data; boundary=----WebKitFormBoundary7MA4") == "----WebKitFormBoundary7MA4");
  CHECK(form_boundary("Multipart/Form-Data;charset=utf-8; Boundary=\"a b\"") == "a b");
  for (const char* type : {"multipart/form-data", "multipart/form-data; boundary=",
                           "multipart/form-data; boundary=\"\"", "multipart/mixed; boundary=a",
                           "multipart/form-data; boundary=a; boundary=b", "multipart/form-data; boundary=\"a",
                           "multipart/form-data; boundary=\"a \"", "multipart/form-data; boundary=\"a\r\nb\"", ""}) {
    CAPTURE(type);
    CHECK(form_boundary(type) == std::nullopt);
  }
  CHECK(form_boundary("multipart/form-data; boundary=" + std::string(70, 'a')).has_value());
  CHECK_FALSE(form_boundary("multipart/form-data; boundary=" + std::string(71, 'a')).has_value());
}
