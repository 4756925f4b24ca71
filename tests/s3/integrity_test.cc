// What vouches for bytes, up and down, as requests and responses have it.
#include "core/checksums.h"
#include "core/crypto.h"
#include "core/text.h"
#include "s3/object_headers.h"
#include "scripted_store.h"

#include <fmt/format.h>

#include <functional>
#include <map>

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
  CHECK(got.error().message().find("SHA256") != std::string::npos);
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

namespace {

std::string checksum_of(ChecksumAlgorithm algorithm, std::string_view bytes) {
  return Checksum(algorithm).update(bytes).finish();
}

std::string hex_of(std::string_view base64) { return to_hex(as_bytes(from_base64(base64).value())); }

/// A store of this provider.
struct ProviderStore : ScriptedStore {
  explicit ProviderStore(S3Provider provider, PayloadSigning signing = PayloadSigning::sha256,
                         UploadChecksum checksum = UploadChecksum::automatic) {
    options.provider = provider;
    options.endpoint = "https://storage.example.com";
    options.payload_signing = signing;
    options.upload_checksum = checksum;
    remake();
  }
  /// The checksum fields of a request, by their names without the beginning that all have.
  [[nodiscard]] std::map<std::string, std::string> checksums(std::size_t index) const {
    constexpr std::string_view beginning = "x-amz-checksum-";
    std::map<std::string, std::string> found;
    for (const auto& [name, value] : request(index).headers) {
      if (name.starts_with(beginning)) found[name.substr(beginning.size())] = value;
    }
    return found;
  }
  std::map<std::string, std::string> checksums_of_put() {
    transport->on("PutObject", stored());
    must(store->put(take, Payload::from_string(song)));
    return checksums(requests() - 1);
  }
  std::map<std::string, std::string> checksums_of_get(bool verify) {
    transport->on("GetObject", song_with({}));
    std::string bytes;
    must(store->get(take, into(bytes), {.verify = verify}));
    return checksums(requests() - 1);
  }
};

using Fields = std::map<std::string, std::string>;
constexpr auto all_providers = {S3Provider::aws,  S3Provider::r2,    S3Provider::supabase, S3Provider::minio,
                                S3Provider::ceph, S3Provider::b2,    S3Provider::wasabi,   S3Provider::spaces,
                                S3Provider::gcs,  S3Provider::local, S3Provider::other};
const Fields crc32c_field{{"crc32c", checksum_of(ChecksumAlgorithm::crc32c, song)}};
const Fields crc64nvme_field{{"crc64nvme", checksum_of(ChecksumAlgorithm::crc64nvme, song)}};

}  // namespace

TEST_CASE("F19: a signed upload has no checksum header, whoever the provider is") {
  for (const S3Provider provider : all_providers) CHECK(ProviderStore(provider).checksums_of_put() == Fields{});
}

TEST_CASE("F48: an unsigned upload has the checksum that its provider is known to check") {
  const auto of = [](S3Provider provider, UploadChecksum checksum = UploadChecksum::automatic) {
    return ProviderStore(provider, PayloadSigning::unsigned_over_tls, checksum).checksums_of_put();
  };
  CHECK(of(S3Provider::aws) == crc32c_field);
  CHECK(of(S3Provider::minio) == crc32c_field);
  CHECK(of(S3Provider::r2) == crc64nvme_field);
  for (const auto provider : {S3Provider::supabase, S3Provider::ceph, S3Provider::b2, S3Provider::wasabi,
                              S3Provider::spaces, S3Provider::gcs, S3Provider::other}) {
    CHECK(of(provider) == Fields{});
  }
  CHECK(of(S3Provider::aws, UploadChecksum::none) == Fields{});
  CHECK(of(S3Provider::aws, UploadChecksum::crc64nvme) == crc64nvme_field);
}

TEST_CASE("a checksum that is asked for goes beside the signature, or is refused before any request") {
  const auto with = [](S3Provider provider, UploadChecksum checksum) {
    return ProviderStore(provider, PayloadSigning::sha256, checksum).checksums_of_put();
  };
  CHECK(with(S3Provider::aws, UploadChecksum::crc32c) == crc32c_field);
  CHECK(with(S3Provider::aws, UploadChecksum::crc64nvme) == crc64nvme_field);
  CHECK(with(S3Provider::local, UploadChecksum::crc64nvme) == crc64nvme_field);
  ScriptedStore s;
  s.options.endpoint = "https://storage.example.com";
  for (const S3Provider provider : {S3Provider::b2, S3Provider::ceph, S3Provider::r2}) {
    s.options.provider = provider;
    s.options.upload_checksum = UploadChecksum::crc32c;
    const auto refused = make_s3_store(s.options);
    CHECK(code_of(refused) == ErrorCode::unsupported);
    CHECK(refused.error().message().find("CRC32C") != std::string::npos);
  }
  CHECK(s.requests() == 0);
}

TEST_CASE("F48: parts have the checksum where the provider keeps one of the whole object") {
  const std::string bytes(20'000'000, 'x');
  for (const S3Provider provider : {S3Provider::aws, S3Provider::r2}) {
    ProviderStore s(provider, PayloadSigning::unsigned_over_tls);
    s.options.transfer.part_size = 10 << 20;
    s.options.transfer.parts_in_flight = 1;
    s.remake();
    s.transport->on("CreateMultipartUpload",
                    {.body = "<InitiateMultipartUploadResult><UploadId>u1</UploadId></InitiateMultipartUploadResult>"});
    for (int part = 0; part < 2; ++part) s.transport->on("UploadPart", stored());
    s.transport->on("CompleteMultipartUpload", {.body = "<CompleteMultipartUploadResult><ETag>e</ETag>"
                                                        "</CompleteMultipartUploadResult>"});
    must(s.store->put(take, Payload::from_memory(as_bytes(bytes))));
    const bool has = provider == S3Provider::aws;
    CHECK(s.checksums(0) == (has ? Fields{{"algorithm", "CRC32C"}, {"type", "FULL_OBJECT"}} : Fields{}));
    const auto first = std::string_view(bytes).substr(0, 10 << 20);
    CHECK(s.checksums(1) == (has ? Fields{{"crc32c", checksum_of(ChecksumAlgorithm::crc32c, first)}} : Fields{}));
    CHECK(s.checksums(3) == Fields{});
  }
}

TEST_CASE("checksums are asked for where the provider knows that wish, and somebody wants to verify") {
  const Fields asks{{"mode", "ENABLED"}};
  for (const S3Provider provider : all_providers) {
    ProviderStore s(provider);
    const bool knows = provider == S3Provider::aws || provider == S3Provider::minio;
    CHECK(s.checksums_of_get(true) == (knows ? asks : Fields{}));
    CHECK(s.checksums_of_get(false) == Fields{});
    for (const bool digests : {true, false}) {
      s.transport->on("HeadObject", stored());
      must(s.store->head(take, {.digests = digests}));
      CHECK(s.checksums(s.requests() - 1) == (knows && digests ? asks : Fields{}));
    }
  }
}

TEST_CASE("F44: a whole object is held against the service's checksum, whichever it keeps") {
  using enum ChecksumAlgorithm;
  for (const ChecksumAlgorithm algorithm : {crc32, crc32c, crc64nvme, sha256}) {
    CAPTURE(checksum_name(algorithm));
    ProviderStore s(S3Provider::aws);
    std::string bytes;
    const std::string field(checksum_header(algorithm));
    s.transport->on("GetObject", song_with({{field, checksum_of(algorithm, song)}}));
    const Digests digests = must(s.store->get(take, into(bytes))).digests;
    const std::string hex = hex_of(checksum_of(algorithm, song));
    CHECK((algorithm == crc32       ? digests.crc32
           : algorithm == crc32c    ? digests.crc32c
           : algorithm == crc64nvme ? digests.crc64nvme
                                    : digests.sha256) == hex);
    s.transport->on("GetObject", song_with({{field, checksum_of(algorithm, "other")}}));
    CHECK(code_of(s.store->get(take, into(bytes))) == ErrorCode::corrupt);
  }
}

TEST_CASE("a checksum of checksums, of a part, malformed, or of a provider that is not known for them is not one") {
  const std::string wrong = checksum_of(ChecksumAlgorithm::crc32c, "other");
  const auto digests_with = [](S3Provider provider, Headers headers, int status = 200) {
    ProviderStore s(provider);
    auto answer = song_with(std::move(headers));
    answer.status = status;
    std::optional<ByteRange> range;
    if (status == 206) {
      range = ByteRange::between(0, song.size() - 1);
      answer.headers.push_back({"Content-Range", fmt::format("bytes 0-{}/{}", song.size() - 1, song.size() + 1)});
    }
    s.transport->on("GetObject", answer);
    std::string bytes;
    return must(s.store->get(take, into(bytes), {.range = range})).digests;
  };
  const std::string field = "x-amz-checksum-crc32c";
  CHECK(digests_with(S3Provider::aws, {{field, wrong}, {"x-amz-checksum-type", "COMPOSITE"}}).empty());
  CHECK(digests_with(S3Provider::aws, {{field, wrong + "-3"}}).empty());
  CHECK(digests_with(S3Provider::aws, {{field, wrong}}, 206).empty());
  CHECK(digests_with(S3Provider::aws, {{field, "AAAA"}}).empty());
  CHECK(digests_with(S3Provider::aws, {{field, "no base64"}}).empty());
  CHECK(digests_with(S3Provider::r2, {{field, wrong}}).empty());
}

TEST_CASE("F44 F47: an ETag is an MD5 only where its service says so, and then it is held against the bytes") {
  const std::string md5_of_song = to_hex(md5(as_bytes(song)));
  const auto get = [](S3Provider provider, const std::string& etag, Headers headers = {}) {
    ProviderStore s(provider);
    s.transport->on("GetObject", song_with(std::move(headers), '"' + etag + '"'));
    std::string bytes;
    return s.store->get(take, into(bytes));
  };
  const std::string other(32, '0');
  CHECK(must(get(S3Provider::aws, md5_of_song)).digests.md5 == md5_of_song);
  CHECK(must(get(S3Provider::aws, md5_of_song, {{"x-amz-server-side-encryption", "AES256"}})).digests.md5 != "");
  CHECK(code_of(get(S3Provider::aws, other)) == ErrorCode::corrupt);
  CHECK(must(get(S3Provider::aws, other + "-2")).digests.empty());
  CHECK(must(get(S3Provider::aws, other, {{"x-amz-server-side-encryption", "aws:kms"}})).digests.empty());
  CHECK(must(get(S3Provider::aws, other, {{"x-amz-server-side-encryption-customer-algorithm", "AES256"}}))
            .digests.empty());
  for (const S3Provider provider : all_providers) {
    if (provider != S3Provider::aws) CHECK(must(get(provider, other)).digests.empty());
  }
}
