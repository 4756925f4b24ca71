// What vouches for bytes, up and down, as requests and responses have it.
#include "core/crypto.h"
#include "core/text.h"
#include "s3/object_headers.h"
#include "scripted_store.h"

#include <fmt/format.h>

#include <functional>

using namespace audiostore;

namespace {

const std::string song = "RIFF-a-song-of-some-bytes";
const std::string song_sha256 = to_hex(sha256(song));

/// The song, with what else the service says of it.
ScriptedTransport::Answer song_with(Headers more, std::string etag = "\"e1\"") {
  more.push_back({"ETag", std::move(etag)});
  more.push_back({"Content-Length", std::to_string(song.size())});
  return {.headers = std::move(more), .body = song};
}

Header kept_sha256(std::string value) { return {std::string(sha256_header), std::move(value)}; }

}  // namespace

TEST_CASE("F44: what is put in one request keeps its SHA-256 in its metadata, and nobody sees it there") {
  ScriptedStore s;
  s.transport->on("PutObject", stored());
  REQUIRE(s.store->put(take, Payload::from_string(song), {.attributes = {.metadata = {{"artist", "x"}}}}));
  CHECK(s.header(0, sha256_header) == song_sha256);
  CHECK(s.header(0, "x-amz-content-sha256") == song_sha256);

  const Headers kept{kept_sha256(song_sha256), {"x-amz-meta-artist", "x"}};
  s.transport->on("GetObject", song_with(kept));
  s.transport->on("HeadObject", song_with(kept));
  std::string bytes;
  const auto got = must(s.store->get(take, into(bytes)));
  CHECK(got.digests == Digests{.sha256 = song_sha256});
  CHECK(got.attributes.metadata == Metadata{{"artist", "x"}});
  CHECK(must(s.store->head(take)).digests == got.digests);
}

TEST_CASE("the SHA-256 is left out where it is not wanted, not known or has no room, and is never the caller's") {
  const auto kept_by = [](const std::function<void(S3Options&)>& change, const PutOptions& options) {
    ScriptedStore s;
    change(s.options);
    s.remake();
    s.transport->on("PutObject", stored());
    REQUIRE(s.store->put(take, Payload::from_string(song), options));
    std::size_t fields = 0;
    for (const Header& header : s.request(0).headers) fields += header.name == sha256_header ? 1 : 0;
    CHECK(fields <= 1);
    CHECK(metadata_bytes(s.request(0).headers) <= max_metadata_bytes);
    CHECK((s.header(0, mark_header) != "") == (options.mode == PutMode::create));
    return s.header(0, sha256_header);
  };
  const auto filled = [](std::size_t bytes, PutMode mode) {
    return PutOptions{.attributes = {.metadata = {{"a", std::string(bytes - 1, 'x')}}}, .mode = mode};
  };
  const auto as_they_are = [](S3Options&) {};
  const auto without = [](S3Options& changed) { changed.store_sha256 = StoreSha256::never; };
  const auto unsigned_payload = [](S3Options& changed) { changed.payload_signing = PayloadSigning::unsigned_over_tls; };
  CHECK(kept_by(without, {}) == "");
  CHECK(kept_by(unsigned_payload, {}) == "");
  for (const PutMode mode : {PutMode::overwrite, PutMode::create}) {  // 49 bytes stay free for the mark
    CHECK(kept_by(as_they_are, filled(2048 - 49 - 81, mode)) == song_sha256);
    CHECK(kept_by(as_they_are, filled(2048 - 49 - 80, mode)) == "");
  }
  const PutOptions forged{.attributes = {.metadata = {{"audiostore-sha256", std::string(64, '0')}}}};
  CHECK(kept_by(as_they_are, forged) == song_sha256);
  CHECK(kept_by(without, forged) == "");
}

TEST_CASE("F44: the SHA-256 of every put is stored if that is asked for, at the price of another reading") {
  ScriptedStore s;
  s.options.store_sha256 = StoreSha256::always;
  s.options.payload_signing = PayloadSigning::unsigned_over_tls;
  s.remake();
  s.transport->on("PutObject", stored());
  REQUIRE(s.store->put(take, Payload::from_string(song)));
  CHECK(s.header(0, "x-amz-content-sha256") == "UNSIGNED-PAYLOAD");
  CHECK(s.header(0, sha256_header) == song_sha256);

  const std::string bytes(20'000'000, 'x');  // two parts, by the limits as they are
  s.options.payload_signing = PayloadSigning::sha256;
  for (const auto choice : {StoreSha256::always, StoreSha256::if_computed}) {
    s.options.store_sha256 = choice;
    s.options.transfer.part_size = 10 << 20;
    s.options.transfer.parts_in_flight = 1;
    s.remake();
    const auto begun = s.requests();
    s.transport->on("CreateMultipartUpload",
                    {.body = "<InitiateMultipartUploadResult><UploadId>u1</UploadId></InitiateMultipartUploadResult>"});
    s.transport->on("UploadPart", stored());
    s.transport->on("UploadPart", stored());
    s.transport->on("CompleteMultipartUpload", {.body = "<CompleteMultipartUploadResult><ETag>\"e1-2\"</ETag>"
                                                        "</CompleteMultipartUploadResult>"});
    must(s.store->put(take, Payload::from_memory(as_bytes(bytes))));
    CHECK(s.header(begun, sha256_header) == (choice == StoreSha256::always ? to_hex(sha256(bytes)) : ""));
    CHECK(s.header(begun, mark_header) != "");
  }
}

TEST_CASE("F44: a whole object that does not have its SHA-256 is corrupt, and its last bytes are kept back") {
  ScriptedStore s;
  s.transport->on("GetObject", song_with({kept_sha256(to_hex(sha256("other")))}));
  std::string bytes;
  const auto got = s.store->get(take, into(bytes));
  CHECK(code_of(got) == ErrorCode::corrupt);
  CHECK(got.error().message().find("SHA-256") != std::string::npos);
  CHECK(bytes.size() < song.size());
  CHECK(s.requests() == 1);
}

TEST_CASE("F44: a body that came in two responses is verified as one") {
  for (const bool good : {true, false}) {
    ScriptedStore s;
    auto first = song_with({kept_sha256(song_sha256)});
    first.body.resize(5);
    if (!good) first.body[2] = '?';
    first.failure = Error(ErrorCode::unavailable, "reset");
    s.transport->on("GetObject", first);
    s.transport->on("GetObject",
                    {.status = 206,
                     .headers = {{"ETag", "\"e1\""},
                                 {"Content-Length", std::to_string(song.size() - 5)},
                                 {"Content-Range", fmt::format("bytes 5-{}/{}", song.size() - 1, song.size())}},
                     .body = song.substr(5)});
    std::string bytes;
    const auto got = s.store->get(take, into(bytes));
    CHECK(got.has_value() == good);
    if (!good) CHECK(code_of(got) == ErrorCode::corrupt);
  }
}

TEST_CASE("nothing is verified against what is no digest, of a part, or where nobody wants it") {
  ScriptedStore s;
  std::string bytes;
  for (const std::string& other :
       {std::string(), std::string("no digest"), std::string(63, 'a'), std::string(64, 'g'), std::string(64, 'A')}) {
    s.transport->on("GetObject", song_with({kept_sha256(other)}));
    CHECK(must(s.store->get(take, into(bytes))).digests.empty());
  }
  const std::string wrong(64, '0');
  s.transport->on("GetObject", song_with({kept_sha256(wrong)}));
  CHECK(must(s.store->get(take, into(bytes), {.verify = false})).digests.sha256 == wrong);
  ScriptedTransport::Answer part{.status = 206,
                                 .headers = {{"ETag", "\"e1\""},
                                             {"Content-Length", "4"},
                                             {"Content-Range", fmt::format("bytes 0-3/{}", song.size())},
                                             kept_sha256(wrong)},
                                 .body = song.substr(0, 4)};
  s.transport->on("GetObject", part);
  CHECK(must(s.store->get(take, into(bytes), {.range = ByteRange::between(0, 3)})).digests.sha256 == wrong);
}

TEST_CASE("F44: a range that is the whole object is verified") {
  ScriptedStore s;
  auto whole = song_with({kept_sha256(std::string(64, '0')),
                          {"Content-Range", fmt::format("bytes 0-{}/{}", song.size() - 1, song.size())}});
  whole.status = 206;
  s.transport->on("GetObject", whole);
  std::string bytes;
  CHECK(code_of(s.store->get(take, into(bytes), {.range = ByteRange::from(0)})) == ErrorCode::corrupt);
}
