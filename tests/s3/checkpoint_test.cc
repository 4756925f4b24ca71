// Checkpoints of uploads in parts: as text, and taken up again.
#include "core/crypto.h"
#include "core/text.h"
#include "scripted_uploads.h"

using namespace audiostore;

namespace {

using Operations = std::vector<std::string>;

std::string digest(std::string_view bytes) { return to_hex(sha256(bytes)); }

UploadedPart part(int number, std::string_view bytes) {
  return {number, fmt::format("\"p{}\"", number), digest(bytes)};
}

UploadCheckpoint two_of_three() {
  return {
      .upload_id = "U1", .mark = "our mark", .size = 10, .part_size = 4, .parts = {part(1, "aaaa"), part(2, "bbbb")}};
}

UploadCheckpoint three_of_three() {
  UploadCheckpoint checkpoint = two_of_three();
  checkpoint.parts.push_back(part(3, "cc"));
  return checkpoint;
}

std::string listed(std::initializer_list<int> numbers) {
  std::string parts;
  for (const int number : numbers) {
    parts += ScriptedUploads::listed_part(number, fmt::format("p{}", number), number == 3 ? 2 : 4);
  }
  return parts;
}

}  // namespace

TEST_CASE("a checkpoint is lines of text, and the text a checkpoint again") {
  UploadCheckpoint checkpoint = two_of_three();
  checkpoint.parts[1].sha256.clear();
  const std::string text = checkpoint.to_string();
  CHECK(text == "audiostore-upload 1\nid U1\nmark our mark\nsize 10\npart-size 4\npart 1 " + digest("aaaa") +
                    " \"p1\"\npart 2 - \"p2\"\n");
  CHECK(must(UploadCheckpoint::parse(text)) == checkpoint);
  checkpoint = {.upload_id = "with blanks/and+signs==", .size = UINT64_MAX, .part_size = 1};
  CHECK(must(UploadCheckpoint::parse(checkpoint.to_string())) == checkpoint);
}

TEST_CASE("the text of a checkpoint that was cut off anywhere is refused, or one of fewer parts") {
  const std::string text = two_of_three().to_string();
  int whole_lines = 0;
  for (std::size_t size = 0; size < text.size(); ++size) {
    CAPTURE(size);
    const auto parsed = UploadCheckpoint::parse(text.substr(0, size));
    if (!parsed) {
      CHECK(parsed.error().code() == ErrorCode::invalid_argument);
      continue;
    }
    ++whole_lines;
    UploadCheckpoint fewer = two_of_three();
    fewer.parts.resize(parsed->parts.size());
    CHECK(*parsed == fewer);
  }
  CHECK(whole_lines == 2);  // without parts, and with one
}

TEST_CASE("what is not the text of a checkpoint is refused") {
  const std::string head = "audiostore-upload 1\nid U1\nmark m\nsize 10\npart-size 4\n";
  REQUIRE(UploadCheckpoint::parse(head));
  const std::string d = digest("");
  for (const std::string& text :
       {std::string(), std::string("\n"), std::string("audiostore-upload 2\nid U1\nmark m\nsize 10\npart-size 4\n"),
        std::string("audiostore-upload 1\nid \nmark m\nsize 10\npart-size 4\n"),
        std::string("audiostore-upload 1\nid U1\nmark m\nsize -1\npart-size 4\n"),
        std::string("audiostore-upload 1\nid U1\nmark m\nsize 18446744073709551616\npart-size 4\n"),
        std::string("audiostore-upload 1\nmark m\nid U1\nsize 10\npart-size 4\n"), head + "\n", head + "more\n",
        head + "part 0 - \"e\"\n", head + "part 10001 - \"e\"\n", head + "part x - \"e\"\n", head + "part 1 - \n",
        head + "part 1 " + d + "\n", head + "part 1 " + d.substr(1) + " \"e\"\n", head + "part 1 " + d + "0 \"e\"\n",
        head + "part 1 G" + d.substr(1) + " \"e\"\n", head + "part 2 - \"e\"\npart 1 - \"e\"\n",
        head + "part 1 - \"e\"\npart 1 - \"e\"\n"}) {
    CAPTURE(text);
    CHECK(code_of(UploadCheckpoint::parse(text)) == ErrorCode::invalid_argument);
  }
}

TEST_CASE("a checkpoint is told when the upload has begun, and when parts are there") {
  ScriptedUploads s;
  s.script_parts(3);
  s.on("CompleteMultipartUpload", ScriptedUploads::completed());
  std::vector<UploadCheckpoint> told;
  std::vector<std::size_t> requests;
  const auto note = [&](const UploadCheckpoint& checkpoint) {
    told.push_back(checkpoint);
    requests.push_back(s.requests());
  };
  REQUIRE(s.store->put(take, ten_bytes(), {.on_checkpoint = note}));
  REQUIRE(told.size() >= 2);
  CHECK(requests.front() == 1);  // nothing but the beginning was sent
  CHECK(told.front().parts.empty());
  CHECK(told.front().upload_id == "U1");
  CHECK(told.front().mark == s.header(0, mark_name));
  CHECK(requests.back() < s.requests());
  UploadCheckpoint all = three_of_three();
  all.mark = told.front().mark;
  CHECK(told.back() == all);
  for (std::size_t i = 1; i < told.size(); ++i) CHECK(told[i - 1].parts.size() < told[i].parts.size());
}

TEST_CASE("unsigned parts are hashed for a checkpoint all the same") {
  ScriptedUploads s;
  s.options.endpoint = "https://127.0.0.1:9";
  s.options.payload_signing = PayloadSigning::unsigned_over_tls;
  s.remake();
  s.script_parts(3);
  s.on("CompleteMultipartUpload", ScriptedUploads::completed());
  UploadCheckpoint last;
  REQUIRE(s.store->put(take, ten_bytes(), {.on_checkpoint = [&](const UploadCheckpoint& now) { last = now; }}));
  CHECK(s.header(1, "x-amz-content-sha256") == "UNSIGNED-PAYLOAD");
  CHECK(last.parts == three_of_three().parts);
}

TEST_CASE("F66: a put with a checkpoint that fails or is stopped leaves its parts") {
  for (const bool stopped : {false, true}) {
    ScriptedUploads s;
    std::stop_source stop;
    s.on("CreateMultipartUpload", ScriptedUploads::begun());
    s.on("UploadPart", ScriptedUploads::part("p1"));
    Answer second = stopped ? ScriptedUploads::part("p2") : refusal(403, "AccessDenied");
    if (stopped) second.before = [&] { stop.request_stop(); };
    s.on("UploadPart", second);
    UploadCheckpoint last;
    const auto put = s.store->put(
        take, ten_bytes(),
        {.on_checkpoint = [&](const UploadCheckpoint& now) { last = now; }, .call = {.stop = stop.get_token()}});
    CHECK(code_of(put) == (stopped ? ErrorCode::cancelled : ErrorCode::permission_denied));
    CHECK(s.count("AbortMultipartUpload") == 0);
    REQUIRE(last.parts.size() >= 1);
    CHECK(last.parts[0] == part(1, "aaaa"));
  }
}

TEST_CASE("a create that has lost leaves nothing, checkpoint or not") {
  ScriptedUploads s;
  s.script_parts(3);
  s.on("CompleteMultipartUpload", refusal(412, "PreconditionFailed"));
  s.on("HeadObject", ScriptedUploads::shown(10, "another one's"));
  s.on("AbortMultipartUpload", {.status = 204});
  CHECK(code_of(s.store->put(take, ten_bytes(), {.mode = PutMode::create, .on_checkpoint = [](const UploadCheckpoint&) {
                                                 }})) == ErrorCode::already_exists);
}

TEST_CASE("a checkpoint callback that throws ends the put with internal") {
  ScriptedUploads s;
  s.on("CreateMultipartUpload", ScriptedUploads::begun());
  const auto put = s.store->put(
      take, ten_bytes(), {.on_checkpoint = [](const UploadCheckpoint&) { throw std::runtime_error("disk full"); }});
  CHECK(code_of(put) == ErrorCode::internal);
  CHECK(put.error().message().find("checkpoint callback") != std::string::npos);
}

TEST_CASE("a put that is resumed sends what is missing, and nothing else") {
  ScriptedUploads s;
  s.on("ListParts", ScriptedUploads::listed_parts(listed({1, 2})));
  s.script_parts(3, 3);
  s.on("CompleteMultipartUpload", ScriptedUploads::completed());
  std::vector<std::uint64_t> done;
  const CallOptions call{.on_progress = [&](const Progress& progress) { done.push_back(progress.done); }};
  CHECK(must(s.store->put(take, ten_bytes(), {.resume_from = two_of_three(), .call = call})).etag == "\"whole-3\"");
  CHECK(s.operations() == Operations{"ListParts", "UploadPart", "CompleteMultipartUpload"});
  CHECK(s.bodies("UploadPart") == Operations{"cc"});
  CHECK(s.bodies("CompleteMultipartUpload").front().find("\"p1\"") != std::string::npos);
  CHECK(std::ranges::is_sorted(done));
  CHECK(done.back() == 10);
}

TEST_CASE("a resumed put sends again what has changed here, or is not what the service has") {
  ScriptedUploads s;
  s.on("ListParts", ScriptedUploads::listed_parts(ScriptedUploads::listed_part(1, "p1", 4) +
                                                  ScriptedUploads::listed_part(2, "p2", 4)));
  for (const auto* etag : {"new", "p3"}) s.on("UploadPart", ScriptedUploads::part(etag));
  s.on("CompleteMultipartUpload", ScriptedUploads::completed());
  REQUIRE(s.store->put(take, Payload::from_string("aaaaBBBBcc"), {.resume_from = two_of_three()}));
  CHECK(s.bodies("UploadPart") == Operations{"BBBB", "cc"});
  CHECK(s.bodies("CompleteMultipartUpload").front().find("<PartNumber>2</PartNumber><ETag>\"new\"") !=
        std::string::npos);

  for (const std::string& there :
       {std::string(), ScriptedUploads::listed_part(2, "p2", 3), ScriptedUploads::listed_part(2, "other", 4)}) {
    ScriptedUploads t;
    t.on("ListParts", ScriptedUploads::listed_parts(listed({1, 3}) + there));
    for (const auto* etag : {"p2", "p3"}) t.on("UploadPart", ScriptedUploads::part(etag));
    t.on("CompleteMultipartUpload", ScriptedUploads::completed());
    REQUIRE(t.store->put(take, ten_bytes(), {.resume_from = two_of_three()}));
    CHECK(t.bodies("UploadPart") == Operations{"bbbb", "cc"});
  }
}

TEST_CASE("the parts of a resumed put have the size that they had, whatever the options say now") {
  ScriptedUploads s;
  s.options.transfer.part_size = 7;
  s.options.transfer.multipart_threshold = 1000;
  s.remake();
  s.on("ListParts", ScriptedUploads::listed_parts(listed({1, 2})));
  s.script_parts(3, 3);
  s.on("CompleteMultipartUpload", ScriptedUploads::completed());
  REQUIRE(s.store->put(take, ten_bytes(), {.resume_from = two_of_three()}));
  CHECK(s.bodies("UploadPart") == Operations{"cc"});
}

TEST_CASE("the list of a resumed upload's parts is read page by page") {
  ScriptedUploads s;
  s.on("ListParts", {.body = "<ListPartsResult><IsTruncated>true</IsTruncated><NextPartNumberMarker>1"
                             "</NextPartNumberMarker>" +
                             listed({1}) + "</ListPartsResult>"});
  s.on("ListParts", ScriptedUploads::listed_parts(listed({2, 3})));
  s.on("CompleteMultipartUpload", ScriptedUploads::completed());
  REQUIRE(s.store->put(take, ten_bytes(), {.resume_from = three_of_three()}));
  CHECK(s.count("UploadPart") == 0);
  CHECK(s.request(1).url.find("part-number-marker=1&") != std::string::npos);
}

TEST_CASE("F49: a list of parts that does not get on stops with an error, and the upload stays") {
  ScriptedUploads s;
  const Answer page{.body =
                        "<ListPartsResult><IsTruncated>true</IsTruncated><NextPartNumberMarker>1"
                        "</NextPartNumberMarker></ListPartsResult>"};
  s.on("ListParts", page);
  s.on("ListParts", page);
  CHECK(code_of(s.store->put(take, ten_bytes(), {.resume_from = two_of_three()})) == ErrorCode::corrupt);
  CHECK(s.requests() == 2);
}

TEST_CASE("an upload that is gone begins anew, with everything") {
  for (const Answer& gone : {refusal(404, "NoSuchUpload"), refusal(404, "NoSuchKey")}) {
    ScriptedUploads s;
    s.on("ListParts", gone);
    s.on("CreateMultipartUpload", ScriptedUploads::begun("U2"));
    for (int i = 0; i < 3; ++i) s.on("UploadPart", ScriptedUploads::part("p"));
    s.on("CompleteMultipartUpload", ScriptedUploads::completed());
    REQUIRE(s.store->put(take, ten_bytes(), {.resume_from = two_of_three()}));
    CHECK(s.bodies("UploadPart") == Operations{"aaaa", "bbbb", "cc"});
    CHECK(s.first("UploadPart").url.ends_with("uploadId=U2"));
  }
}

TEST_CASE("F16: an upload that was completed, and whose program was killed before it knew, is not made again") {
  ScriptedUploads s;
  s.on("ListParts", refusal(404, "NoSuchUpload"));
  s.on("HeadObject", ScriptedUploads::shown(10, "our mark"));
  CHECK(must(s.store->put(take, ten_bytes(), {.resume_from = three_of_three()})).etag == "\"shown\"");
  CHECK(s.requests() == 2);
}

TEST_CASE("F16: but it is if the object is another, or its bytes are no longer the payload's") {
  for (const auto& [bytes, head] : {std::pair{"aaaabbbbcc", ScriptedUploads::shown(10, "another one's")},
                                    std::pair{"aaaabbbbcc", Answer{.status = 404}},
                                    std::pair{"aaaaBBBBcc", ScriptedUploads::shown(10, "our mark")}}) {
    ScriptedUploads s;
    s.on("ListParts", refusal(404, "NoSuchUpload"));
    s.on("HeadObject", head);
    s.script_parts(3);
    s.on("CompleteMultipartUpload", ScriptedUploads::completed());
    CHECK(must(s.store->put(take, Payload::from_string(bytes), {.resume_from = three_of_three()})).etag ==
          "\"whole-3\"");
  }
}

TEST_CASE("a resumed put that fails leaves the caller's upload, and drops one that it began itself") {
  ScriptedUploads s;
  s.on("ListParts", ScriptedUploads::listed_parts(listed({1, 2})));
  s.on("UploadPart", refusal(403, "AccessDenied"));
  CHECK(code_of(s.store->put(take, ten_bytes(), {.resume_from = two_of_three()})) == ErrorCode::permission_denied);
  CHECK(s.count("AbortMultipartUpload") == 0);

  s.on("ListParts", refusal(404, "NoSuchUpload"));
  s.on("CreateMultipartUpload", ScriptedUploads::begun("U2"));
  s.on("UploadPart", refusal(403, "AccessDenied"));
  s.on("AbortMultipartUpload", {.status = 204});
  CHECK(code_of(s.store->put(take, ten_bytes(), {.resume_from = two_of_three()})) == ErrorCode::permission_denied);
  CHECK(s.first("AbortMultipartUpload").url.ends_with("uploadId=U2"));
}

TEST_CASE("a checkpoint that cannot be the payload's is refused before any request") {
  ScriptedUploads s;
  const auto refused = [&](auto change) {
    UploadCheckpoint checkpoint = two_of_three();
    change(checkpoint);
    return code_of(s.store->put(take, ten_bytes(), {.resume_from = checkpoint}));
  };
  constexpr auto invalid = ErrorCode::invalid_argument;
  CHECK(refused([](UploadCheckpoint& c) { c.size = 11; }) == invalid);
  CHECK(refused([](UploadCheckpoint& c) { c.upload_id.clear(); }) == invalid);
  CHECK(refused([](UploadCheckpoint& c) { c.part_size = 0; }) == invalid);
  CHECK(refused([](UploadCheckpoint& c) { c.part_size = UINT64_MAX; }) == invalid);
  CHECK(refused([](UploadCheckpoint& c) { c.parts[0].number = 0; }) == invalid);
  CHECK(refused([](UploadCheckpoint& c) { c.parts[1].number = 4; }) == invalid);
  CHECK(refused([](UploadCheckpoint& c) { std::swap(c.parts[0], c.parts[1]); }) == invalid);
  CHECK(s.requests() == 0);
}
