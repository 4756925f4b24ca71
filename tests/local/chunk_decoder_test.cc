#include "local/chunk_decoder.h"

#include "core/text.h"
#include "local/request_verifier.h"
#include "support/manual_clock.h"
#include "support/random.h"

#include <catch2/catch.hpp>

#include <functional>
#include <string>

using namespace audiostore;
using namespace audiostore::local;

namespace {

const std::string payload(66'560, 'a');
const std::string seed = "4f232c4386841ef735655705268965c44a0e4690baa4adea153f7db9fa80a0a9";
const std::string trailer_seed = "106e2a8a18243abcf37539882f36619c00e2dfc72633413f02d3b74544bfeb8e";

/// The head of the examples that AWS publishes, as the verifier sees it.
Result<VerifiedRequest> verify_example(const std::string& word, Headers more, const std::string& names,
                                       const std::string& signature) {
  const auto target = parse_target("/examplebucket/chunkObject.txt");
  const std::string method = "PUT";
  more.push_back({"Host", "s3.amazonaws.com"});
  more.push_back({"x-amz-date", "20130524T000000Z"});
  more.push_back({"x-amz-storage-class", "REDUCED_REDUNDANCY"});
  more.push_back({"Content-Encoding", "aws-chunked"});
  more.push_back({"x-amz-decoded-content-length", "66560"});
  more.push_back({"x-amz-content-sha256", word});
  more.push_back({"Authorization",
                  "AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request,SignedHeaders=" +
                      names + ",Signature=" + signature});
  const auto credentials = std::make_shared<const Credentials>(
      Credentials{.access_key_id = "AKIAIOSFODNN7EXAMPLE",
                  .secret_access_key = Secret("wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY")});
  return RequestVerifier(credentials, "us-east-1", std::make_shared<ManualClock>())
      .verify({method, target.value(), more});
}

ChunkFraming signed_chunks() {
  return verify_example("STREAMING-AWS4-HMAC-SHA256-PAYLOAD", {{"Content-Length", "66824"}},
                        "content-encoding;content-length;host;x-amz-content-sha256;x-amz-date;"
                        "x-amz-decoded-content-length;x-amz-storage-class",
                        seed)
      .value()
      .chunks.value();
}

ChunkFraming signed_chunks_and_trailer() {
  return verify_example("STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER", {{"x-amz-trailer", "x-amz-checksum-crc32c"}},
                        "content-encoding;host;x-amz-content-sha256;x-amz-date;x-amz-decoded-content-length;"
                        "x-amz-storage-class;x-amz-trailer",
                        trailer_seed)
      .value()
      .chunks.value();
}

std::string chunk(const std::string& size, const std::string& signature, const std::string& bytes) {
  return size + ";chunk-signature=" + signature + "\r\n" + bytes + "\r\n";
}

/// The published bodies.
std::string example_body() {
  return chunk("10000", "ad80c730a21e5b8d04586a2213dd63b9a0e99e0e2307b0ade35a65485a288648", std::string(65'536, 'a')) +
         chunk("400", "0055627c9e194cb4542bae2aa5492e3c1575bbb81b612b7d234b86a503ef5497", std::string(1024, 'a')) +
         chunk("0", "b6c6ea8a5354eaf15b3cb7646744f4275b71ea724fed81ceb9323e279d449df9", "");
}

const std::string trailer_signature = "d81f82fc3505edab99d459891051a732e8730629a2e4a59689829ca17fe2e435";

std::string example_body_with_trailer() {
  return chunk("10000", "b474d8862b1487a5145d686f57f013e54db672cee1c953b3010fb58501ef5aa2", std::string(65'536, 'a')) +
         chunk("400", "1c1344b170168f8e65b41376b44b20fe354e373826ccbbe2c1d40a8cae51e5c7", std::string(1024, 'a')) +
         "0;chunk-signature=2ca2aba2005185cf7159c6277faf83795951dd77a3a99e6e65d5c9f85863f992\r\n"
         "x-amz-checksum-crc32c:sOO8/Q==\r\nx-amz-trailer-signature:" +
         trailer_signature + "\r\n\r\n";
}

struct Decoded {
  std::string bytes;
  Headers trailer;
  std::string refusal;  ///< the S3 code; "" where there is none
};

Decoded decode(const ChunkFraming& framing, std::uint64_t length, std::string_view body, std::size_t piece = 1000) {
  Decoded decoded;
  ChunkDecoder decoder(framing, length);
  const auto sink = [&](ByteSpan bytes) -> Result<void> {
    decoded.bytes.append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    return {};
  };
  for (; !body.empty(); body.remove_prefix(std::min(piece, body.size()))) {
    const auto fed = decoder.feed(as_bytes(body.substr(0, piece)), sink);
    if (fed) continue;
    decoded.refusal = fed.error().service_code();
    return decoded;
  }
  auto trailer = decoder.finish();
  if (trailer) {
    decoded.trailer = std::move(*trailer);
  } else {
    decoded.refusal = trailer.error().service_code();
  }
  return decoded;
}

const ChunkFraming unsigned_trailer{.signatures = std::nullopt, .has_trailer = true};

std::string unsigned_body(const std::string& chunks, const std::string& trailer = "x-a: 1\r\n") {
  return chunks + "0\r\n" + trailer + "\r\n";
}

}  // namespace

TEST_CASE("The published chunks of S3 verify, however they are cut") {
  const std::size_t piece = GENERATE(1U, 2U, 7U, 85U, 65'536U, 100'000U);
  CAPTURE(piece);
  const std::string body = example_body();
  CHECK(body.size() == 66'824);
  const Decoded plain = decode(signed_chunks(), 66'560, body, piece);
  CHECK(plain.refusal.empty());
  CHECK(plain.bytes == payload);
  CHECK(plain.trailer.empty());
  const Decoded trailed = decode(signed_chunks_and_trailer(), 66'560, example_body_with_trailer(), piece);
  CHECK(trailed.refusal.empty());
  CHECK(trailed.bytes == payload);
  CHECK(trailed.trailer == Headers{{"x-amz-checksum-crc32c", "sOO8/Q=="}});
}

TEST_CASE("Every byte of a signed body counts") {
  const std::string body = example_body_with_trailer();
  const auto random_seed = test_seed();
  INFO("seed " << random_seed);
  Random random(random_seed);
  std::vector<std::size_t> places;
  for (int i = 0; i < 20; ++i) places.push_back(random.below(body.size()));
  for (std::size_t at = body.size() - 210; at < body.size(); ++at) places.push_back(at);  // the last chunk and trailer
  for (const std::size_t at : places) {
    std::string changed = body;
    changed[at] = static_cast<char>(changed[at] ^ 1);
    CAPTURE(at);
    CHECK_FALSE(decode(signed_chunks_and_trailer(), 66'560, changed).refusal.empty());
  }
}

TEST_CASE("A signed body that is cut, longer or put together otherwise is refused") {
  const std::string body = example_body();
  for (const std::size_t length : {0U, 10U, 87U, 65'000U, 66'738U, 66'822U, 66'823U}) {
    CAPTURE(length);
    CHECK(decode(signed_chunks(), 66'560, body.substr(0, length)).refusal == "IncompleteBody");
  }
  CHECK(decode(signed_chunks(), 66'560, body + "\r\n").refusal == "IncompleteBody");
  CHECK(decode(signed_chunks(), 66'559, body).refusal == "IncompleteBody");
  CHECK(decode(signed_chunks(), 66'561, body).refusal == "IncompleteBody");
  const std::string last = body.substr(body.size() - 86);
  CHECK(decode(signed_chunks(), 0, last).refusal == "SignatureDoesNotMatch");
  CHECK(decode(signed_chunks(), 65'536, body.substr(0, 65'626) + last).refusal == "SignatureDoesNotMatch");
  CHECK(decode(signed_chunks(), 66'560, unsigned_body("400\r\n" + payload.substr(0, 1024) + "\r\n")).refusal ==
        "IncompleteBody");
  CHECK(decode(signed_chunks_and_trailer(), 66'560, body).refusal == "SignatureDoesNotMatch");
}

TEST_CASE("A signed trailer must end with its signature") {
  const std::string body = example_body_with_trailer();
  const std::string fields = body.substr(0, body.find("x-amz-checksum"));
  const std::string sum = "x-amz-checksum-crc32c:sOO8/Q==";
  const std::string signature = "x-amz-trailer-signature:" + trailer_signature + "\r\n";
  const auto refusal = [&](const std::string& trailer) {
    return decode(signed_chunks_and_trailer(), 66'560, fields + trailer).refusal;
  };
  CHECK(refusal(sum + "\n\r\n" + signature + "\r\n") == "");  // as AWS's page shows it
  CHECK(refusal("X-Amz-Checksum-CRC32C: sOO8/Q== \r\n" + signature + "\r\n") == "");
  CHECK(refusal(sum + "\r\n\r\n") == "MalformedTrailerError");
  CHECK(refusal(signature + sum + "\r\n\r\n") == "MalformedTrailerError");
  CHECK(refusal(sum + "\r\n" + signature) == "MalformedTrailerError");
  CHECK(refusal("") == "MalformedTrailerError");
  CHECK(refusal("\r\n\r\n") == "MalformedTrailerError");
  CHECK(refusal(signature + "\r\n") == "SignatureDoesNotMatch");
  CHECK(refusal(sum + "\r\nx-b:1\r\n" + signature + "\r\n") == "SignatureDoesNotMatch");
}

TEST_CASE("The trailer of several fields that aws-c-auth's tests sign") {
  ChunkFraming framing = signed_chunks();
  framing.has_trailer = true;
  std::string body = example_body();
  body.resize(body.size() - 2);
  const Decoded decoded = decode(framing, 66'560,
                                 body +
                                     "first:1st\r\nsecond:2nd\r\nthird:3rd\r\n"
                                     "x-amz-trailer-signature:"
                                     "df5735bd9f3295cd9386572292562fefc93ba94e80a0a1ddcbd652c4e0a75e6c"
                                     "\r\n\r\n");
  CHECK(decoded.refusal.empty());
  CHECK(decoded.trailer.size() == 3);
}

TEST_CASE("Unsigned chunks with a trailer") {
  const Decoded decoded = decode(unsigned_trailer, 5, unsigned_body("5\r\nhello\r\n", "x-a: 1\r\nX-B:2\r\n"), 3);
  CHECK(decoded.refusal.empty());
  CHECK(decoded.bytes == "hello");
  CHECK(decoded.trailer == Headers{{"x-a", "1"}, {"x-b", "2"}});
  CHECK(decode(unsigned_trailer, 0, unsigned_body("")).refusal.empty());
  CHECK(decode(unsigned_trailer, 20'000,
               unsigned_body("2000\r\n" + std::string(8192, 'b') + "\r\n2E20\r\n" + std::string(11'808, 'c') + "\r\n"))
            .refusal.empty());
}

TEST_CASE("Malformed unsigned chunks") {
  const auto [body, length, code] = GENERATE(table<std::string, int, std::string>({
      {"5\nhello\r\n", 5, "IncompleteBody"},
      {"5\r\nhello\n", 5, "IncompleteBody"},
      {"5\r\nhello!\r\n", 5, "IncompleteBody"},
      {"5 \r\nhello\r\n", 5, "IncompleteBody"},
      {"+5\r\nhello\r\n", 5, "IncompleteBody"},
      {"-5\r\nhello\r\n", 5, "IncompleteBody"},
      {"0x5\r\nhello\r\n", 5, "IncompleteBody"},
      {"\r\nhello\r\n", 5, "IncompleteBody"},
      {"5;x=1\r\nhello\r\n", 5, "IncompleteBody"},
      {"00000000000000005\r\nhello\r\n", 5, "IncompleteBody"},
      {"FFFFFFFFFFFFFFFF\r\nhello\r\n", 5, "IncompleteBody"},
      {"10000000000000005\r\nhello\r\n", 5, "IncompleteBody"},
      {"6\r\nhello!\r\n", 5, "IncompleteBody"},
      {"4\r\nhell\r\n", 5, "IncompleteBody"},
      {"3\r\nhel\r\n2\r\nlo\r\n", 5, "InvalidChunkSizeError"},
  }));
  CAPTURE(body);
  CHECK(decode(unsigned_trailer, static_cast<std::uint64_t>(length), unsigned_body(body)).refusal == code);
  CHECK(decode(unsigned_trailer, 5, std::string(500, '0')).refusal == "IncompleteBody");
}

TEST_CASE("Malformed trailers") {
  const std::string trailer =
      GENERATE(as<std::string>(), "x-a\r\n", ":1\r\n", "x a:1\r\n", "x-a:1\r\nx-A:1\r\n", " x-a:1\r\n", "x-a:\x01\r\n",
               "x-a:\xc3\xa9\r\n", "x-a:" + std::string(5000, '1') + "\r\n");
  CAPTURE(trailer);
  CHECK(decode(unsigned_trailer, 0, unsigned_body("", trailer)).refusal == "MalformedTrailerError");
}

TEST_CASE("What the sink says ends the decoding") {
  ChunkDecoder decoder(unsigned_trailer, 5);
  const auto fed =
      decoder.feed(as_bytes("5\r\nhello\r\n"), [](ByteSpan) { return Error(ErrorCode::no_space, "full"); });
  REQUIRE_FALSE(fed);
  CHECK(fed.error().code() == ErrorCode::no_space);
}
