// Server-side encryption: what is sent with which request, what is believed of the reply, and that keys stay secret.
#include "s3/encryption.h"

#include "core/crypto.h"
#include "core/text.h"
#include "scripted_store.h"

#include <catch2/catch.hpp>

using namespace audiostore;

namespace {

constexpr std::string_view key_text = "0123456789abcdef0123456789ABCDEF";
constexpr std::string_view key_base64 = "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlBQkNERUY=";

const Header aes{"x-amz-server-side-encryption", "AES256"};
const Header kms{"x-amz-server-side-encryption", "aws:kms"};
const Header customer{"x-amz-server-side-encryption-customer-algorithm", "AES256"};

struct EncryptedStore : ScriptedStore {
  explicit EncryptedStore(S3Encryption encryption) {
    options.encryption = std::move(encryption);
    remake();
  }
  /// The names of the fields of a request that are about encryption.
  [[nodiscard]] std::vector<std::string> said(std::size_t index) const {
    std::vector<std::string> names;
    for (const Header& header : request(index).headers) {
      if (header.name.find("server-side-encryption") != std::string::npos) names.push_back(header.name);
    }
    return names;
  }
};

const std::vector<std::string> nothing;
const std::vector<std::string> key_fields{"x-amz-server-side-encryption-customer-algorithm",
                                          "x-amz-server-side-encryption-customer-key",
                                          "x-amz-server-side-encryption-customer-key-MD5"};

}  // namespace

TEST_CASE("SseS3 goes with what makes an object, and with nothing else") {
  EncryptedStore s{SseS3()};
  s.transport->answer(stored("", {aes}));
  REQUIRE(s.store->put(take, Payload::from_string("RIFF")));
  CHECK(s.header(0, "x-amz-server-side-encryption") == "AES256");
  s.transport->answer({.headers = {aes}, .body = "<CopyObjectResult><ETag>\"e\"</ETag></CopyObjectResult>"});
  REQUIRE(s.store->copy(take, *ObjectKey::parse("b")));
  CHECK(s.header(1, "x-amz-server-side-encryption") == "AES256");

  std::string bytes;
  s.transport->answer(stored("RIFF", {aes}));
  CHECK(must(s.store->get(take, into(bytes))).encryption == "AES256");
  s.transport->answer(stored("", {aes}));
  CHECK(must(s.store->head(take)).encryption == "AES256");
  s.transport->answer({.status = 204});
  REQUIRE(s.store->remove(take));
  s.transport->answer({});
  REQUIRE(s.store->set_tags(take, {{"a", "1"}}));
  for (const std::size_t index : {2U, 3U, 4U, 5U}) CHECK(s.said(index) == nothing);
}

TEST_CASE("SseKms says which key, and its context as JSON in base64") {
  EncryptedStore s{SseKms{.key_id = "alias/takes", .context = {{"user", "caf\u00e9"}, {"a\"", "1"}}}};
  s.transport->answer(stored("", {kms}));
  REQUIRE(s.store->put(take, Payload()));
  CHECK(s.header(0, "x-amz-server-side-encryption") == "aws:kms");
  CHECK(s.header(0, "x-amz-server-side-encryption-aws-kms-key-id") == "alias/takes");
  CHECK(from_base64(s.header(0, "x-amz-server-side-encryption-context")) == R"({"a\"":"1","user":"caf\u00e9"})");
  EncryptedStore plain{SseKms()};
  plain.transport->answer(stored("", {kms}));
  REQUIRE(plain.store->put(take, Payload()));
  CHECK(plain.said(0) == std::vector<std::string>{"x-amz-server-side-encryption"});
}

TEST_CASE("SseC gives the key to whatever makes or reads an object, twice to a copy, and to nothing else") {
  EncryptedStore s{SseC{Secret(key_text)}};
  s.transport->answer(stored("", {customer}));
  REQUIRE(s.store->put(take, Payload()));
  CHECK(s.said(0) == key_fields);
  CHECK(s.header(0, "x-amz-server-side-encryption-customer-key") == key_base64);
  CHECK(s.header(0, "x-amz-server-side-encryption-customer-key-MD5") == to_base64(md5(as_bytes(key_text))));

  std::string bytes;
  s.transport->answer(stored("RIFF", {customer}));
  CHECK(must(s.store->get(take, into(bytes))).encryption == "customer");
  s.transport->answer(stored("", {customer}));
  REQUIRE(s.store->head(take));
  for (const std::size_t index : {1U, 2U}) CHECK(s.said(index) == key_fields);

  s.transport->answer({.headers = {customer}, .body = "<CopyObjectResult><ETag>\"e\"</ETag></CopyObjectResult>"});
  REQUIRE(s.store->copy(take, *ObjectKey::parse("b")));
  CHECK(s.said(3).size() == 6);
  CHECK(s.header(3, "x-amz-copy-source-server-side-encryption-customer-key") == key_base64);

  s.transport->answer({.status = 204});
  REQUIRE(s.store->remove(take));
  s.transport->answer({.body = "<ListBucketResult><IsTruncated>false</IsTruncated></ListBucketResult>"});
  REQUIRE(s.store->list());
  for (const std::size_t index : {4U, 5U}) CHECK(s.said(index) == nothing);
}

TEST_CASE(
    "an upload in parts says at its beginning how it is to be kept; under a customer's key each part has it too") {
  for (const bool with_key : {false, true}) {
    EncryptedStore s{with_key ? S3Encryption(SseC{Secret(key_text)}) : S3Encryption(SseS3())};
    s.options.transfer = {.multipart_threshold = 0, .part_size = std::uint64_t{5} << 20};
    s.remake();
    s.transport->on("CreateMultipartUpload",
                    {.headers = {with_key ? customer : aes},
                     .body = "<InitiateMultipartUploadResult><UploadId>u</UploadId></InitiateMultipartUploadResult>"});
    s.transport->on("UploadPart", stored());
    s.transport->on("UploadPart", stored());
    s.transport->on("CompleteMultipartUpload",
                    {.body = "<CompleteMultipartUploadResult><ETag>\"e-2\"</ETag></CompleteMultipartUploadResult>"});
    must(s.store->put(take, Payload::from_string(std::string(std::size_t{6} << 20, 'x'))));
    REQUIRE(s.requests() == 4);
    CHECK(s.said(0) == (with_key ? key_fields : std::vector<std::string>{"x-amz-server-side-encryption"}));
    CHECK(s.said(1) == (with_key ? key_fields : nothing));
    CHECK(s.said(2) == (with_key ? key_fields : nothing));
    CHECK(s.said(3) == nothing);
  }
}

TEST_CASE("a service that takes the object but does not say that it is encrypted is not believed") {
  const auto put = [](S3Encryption encryption, Headers told) {
    EncryptedStore s{std::move(encryption)};
    s.transport->answer(stored("", std::move(told)));
    return s.store->put(take, Payload());
  };
  const auto ignored = put(SseS3(), {});
  CHECK(code_of(ignored) == ErrorCode::unsupported);
  CHECK(ignored.error().message().find("does not say that it is encrypted") != std::string::npos);
  CHECK(ignored.error().attempts() == 1);
  CHECK(code_of(put(SseKms(), {aes})) == ErrorCode::unsupported);
  CHECK(code_of(put(SseC{Secret(key_text)}, {aes})) == ErrorCode::unsupported);
  CHECK(code_of(put(SseS3(), {kms})) == ErrorCode::unsupported);
}

TEST_CASE("an upload in parts that the service does not say to encrypt is dropped before it has a part") {
  EncryptedStore s{SseS3()};
  s.options.transfer.multipart_threshold = 0;
  s.remake();
  s.transport->on("CreateMultipartUpload",
                  {.body = "<InitiateMultipartUploadResult><UploadId>U1</UploadId></InitiateMultipartUploadResult>"});
  s.transport->on("AbortMultipartUpload", {.status = 204});
  const auto put = s.store->put(take, Payload::from_string("RIFF"));
  CHECK(code_of(put) == ErrorCode::unsupported);
  CHECK(put.error().message().find("does not say that it is encrypted") != std::string::npos);
  REQUIRE(s.requests() == 2);
  CHECK(s.request(1).url.ends_with("?uploadId=U1"));
}

TEST_CASE("without encryption nothing is said, and what the bucket does by itself is told") {
  ScriptedStore s;
  s.transport->answer(stored("", {kms}));
  REQUIRE(s.store->put(take, Payload()));
  CHECK(s.header(0, "x-amz-server-side-encryption").empty());
  s.transport->answer(stored("", {kms}));
  CHECK(must(s.store->head(take)).encryption == "aws:kms");
  s.transport->answer(stored());
  CHECK(must(s.store->head(take)).encryption.empty());
}

TEST_CASE("encryption that cannot be is refused when the store is made") {
  const auto made = [](S3Options options, S3Encryption encryption) {
    options.credentials = static_credentials({.access_key_id = "AKID", .secret_access_key = Secret("s")});
    options.transport = std::make_shared<ScriptedTransport>();
    options.encryption = std::move(encryption);
    return make_s3_store(options);
  };
  const S3Options aws = S3Options::aws("eu-west-1", "takes");
  CHECK(made(aws, SseC{Secret(key_text)}));
  CHECK(code_of(made(aws, SseC{Secret(key_text.substr(1))})) == ErrorCode::invalid_argument);
  CHECK(code_of(made(aws, SseC{})) == ErrorCode::invalid_argument);
  CHECK(code_of(made(aws, SseKms{.key_id = "a\r\nb"})) == ErrorCode::invalid_argument);
  CHECK(code_of(made(aws, SseKms{.context = {{"a", "\n"}}})) == ErrorCode::invalid_argument);
  CHECK(code_of(made(S3Options::minio("http://127.0.0.1:9000", "takes"), SseC{Secret(key_text)})) ==
        ErrorCode::invalid_argument);
  const auto r2 = made(S3Options::r2("acc", "takes"), SseS3());
  CHECK(code_of(r2) == ErrorCode::unsupported);
  CHECK(r2.error().message().find("Cloudflare R2") != std::string::npos);
  CHECK(code_of(made(S3Options::supabase("ref", "takes", "eu-central-1"), SseKms())) == ErrorCode::unsupported);
  CHECK(code_of(made(S3Options::gcs("takes"), SseC{Secret(key_text)})) == ErrorCode::unsupported);
}

TEST_CASE("S11: a customer's key is in no message, not even when the service repeats it") {
  for (const std::string_view field : {"x-amz-server-side-encryption-customer-key", "the copy's source"}) {
    EncryptedStore s{SseC{Secret(key_text)}};
    s.transport->answer(
        {.status = 400,
         .body = "<Error><Code>InvalidArgument</Code><Message>" + std::string(key_base64) + "</Message></Error>"});
    s.transport->answer({.status = 404});  // to whom asks whether the source was too large
    const auto failed =
        field == "the copy's source" ? s.store->copy(take, *ObjectKey::parse("b")) : s.store->put(take, Payload());
    if (field != "the copy's source") REQUIRE_FALSE(s.store->head(take));
    REQUIRE_FALSE(failed);
    CHECK(failed.error().to_string().find(key_base64.substr(0, 20)) == std::string::npos);
  }
}

TEST_CASE("presigned puts and forms demand the encryption; a customer's key is not handed out") {
  EncryptedStore s{SseKms{.key_id = "k"}};
  const auto put = must(s.store->presign({.key = take, .method = PresignMethod::put}));
  CHECK(find_header(put.headers, "x-amz-server-side-encryption") == "aws:kms");
  CHECK(find_header(put.headers, "x-amz-server-side-encryption-aws-kms-key-id") == "k");
  CHECK(put.url.find("x-amz-server-side-encryption-aws-kms-key-id") != std::string::npos);
  CHECK(must(s.store->presign({.key = take})).headers.empty());
  CHECK(code_of(s.store->presign({.key = take,
                                  .method = PresignMethod::put,
                                  .signed_headers = {{"X-Amz-Server-Side-Encryption", "AES256"}}})) ==
        ErrorCode::invalid_argument);
  const auto form = must(s.store->presign_post({.key = "a", .max_bytes = 1}));
  CHECK(find_header(form.fields, "x-amz-server-side-encryption") == "aws:kms");
  CHECK(code_of(s.store->presign_post(
            {.key = "a", .max_bytes = 1, .fields = {{"x-amz-server-side-encryption", "AES256"}}})) ==
        ErrorCode::invalid_argument);

  EncryptedStore c{SseC{Secret(key_text)}};
  CHECK(code_of(c.store->presign({.key = take})) == ErrorCode::unsupported);
  CHECK(code_of(c.store->presign({.key = take, .method = PresignMethod::put})) == ErrorCode::unsupported);
  CHECK(code_of(c.store->presign_part({.key = take, .upload_id = "u"})) == ErrorCode::unsupported);
  CHECK(code_of(c.store->presign_post({.key = "a", .max_bytes = 1})) == ErrorCode::unsupported);
  CHECK(c.store->presign({.key = take, .method = PresignMethod::remove}));
}
