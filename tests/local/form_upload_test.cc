#include "local/signed_request.h"

#include "core/checksums.h"
#include "core/text.h"

#include <catch2/catch.hpp>

#include <functional>
#include <string>

using namespace audiostore;
using namespace audiostore::local;
using namespace std::chrono_literals;

namespace {

const std::string credential = "AKID/20130524/us-east-1/s3/aws4_request";

/// A form as a page would send it, with a policy that its server has signed.
struct Form {
  std::string conditions =
      R"({"bucket": "audiostore"}, ["starts-with", "$key", "takes/"], ["content-length-range", 2, 20],
                              ["starts-with", "$content-type", "audio/"], {"x-amz-meta-mood": "calm"})";
  std::string expiration = "2013-05-24T01:00:00.000Z";
  Headers fields = {{"key", "takes/${filename}"}, {"Content-Type", "audio/wav"}, {"X-Amz-Meta-Mood", "calm"}};
  std::string file = "hello";
  std::string behind = {};  ///< parts behind the file
  std::string filename = "C:\\takes\\one.wav";
  std::string secret = "C4NARY-secret";
  std::string date = "20130524T000000Z";
  std::string path = "/audiostore";
  std::string host = "127.0.0.1:9000";

  [[nodiscard]] std::string policy() const {
    const std::string json = R"({"expiration": ")" + expiration + R"(", "conditions": [)" + conditions +
                             R"(, {"x-amz-algorithm": "AWS4-HMAC-SHA256"}, {"x-amz-credential": ")" + credential +
                             R"("}, {"x-amz-date": ")" + date + R"("}]})";
    return to_base64(as_bytes(json));
  }
  [[nodiscard]] std::string signature() const {
    Sha256Digest key = HmacSha256("AWS4" + secret).sign("20130524");
    for (const std::string_view step : {"us-east-1", "s3", "aws4_request"}) key = HmacSha256(ByteSpan(key)).sign(step);
    return to_hex(HmacSha256(ByteSpan(key)).sign(policy()));
  }
  [[nodiscard]] std::string body() const {
    Headers all = fields;
    all.push_back({"X-Amz-Algorithm", "AWS4-HMAC-SHA256"});
    all.push_back({"X-Amz-Credential", credential});
    all.push_back({"X-Amz-Date", date});
    all.push_back({"Policy", policy()});
    all.push_back({"X-Amz-Signature", signature()});
    std::string out;
    for (const auto& [name, value] : all) {
      out += "--B\r\nContent-Disposition: form-data; name=\"" + name + "\"\r\n\r\n" + value + "\r\n";
    }
    out += "--B\r\nContent-Disposition: form-data; name=\"file\"; filename=\"" + filename +
           "\"\r\nContent-Type: application/octet-stream\r\n\r\n" + file + "\r\n";
    return out + behind + "--B--\r\n";
  }
  [[nodiscard]] Answer post(ServiceFixture& ask) const { return post(ask, body()); }
  [[nodiscard]] Answer post(ServiceFixture& ask, const std::string& sent) const {
    IncomingRequest request{.head = {.method = "POST",
                                     .target = path,
                                     .headers = {{"Host", host}, {"Content-Type", "multipart/form-data; boundary=B"}}},
                            .content_length = sent.size(),
                            .read_body = ServiceFixture::reader(sent)};
    return ask.send(request);
  }
};

std::string part(const std::string& name) {
  return "--B\r\nContent-Disposition: form-data; name=\"" + name + "\"\r\n\r\n1\r\n";
}

/// How a form is changed, and the code that it is refused with.
struct Change {
  const char* code;
  std::function<void(Form&)> apply;
};

void replace_field(Form& form, std::string_view name, std::string value) {
  for (Header& field : form.fields) {
    if (field.name == name) field.value = std::move(value);
  }
}

}  // namespace

TEST_CASE("A form with a signed policy stores its file") {
  ServiceFixture ask;
  const auto answer = Form().post(ask);
  CHECK(answer.status == 204);
  CHECK(answer.body.empty());
  CHECK(answer.header("ETag") == etag_of("hello"));
  CHECK(answer.header("Location") == "http://127.0.0.1:9000/audiostore/takes/one.wav");
  const auto got = ask({.path = "/audiostore/takes/one.wav"});
  CHECK(got.body == "hello");
  CHECK(got.header("Content-Type") == "audio/wav");
  CHECK(got.header("x-amz-meta-mood") == "calm");
}

TEST_CASE("The bucket of a form can be in the host's name") {
  ServiceFixture ask;
  const auto answer = Form{.path = "/", .host = "audiostore.localhost:9000"}.post(ask);
  CHECK(answer.status == 204);
  CHECK(answer.header("Location") == "http://audiostore.localhost:9000/takes/one.wav");
}

TEST_CASE("A form says how it is answered") {
  ServiceFixture ask;
  Form form;
  form.conditions += R"(, ["starts-with", "$success_action_status", ""])";
  form.fields.push_back({"success_action_status", "200"});
  CHECK(form.post(ask).status == 200);
  replace_field(form, "success_action_status", "302");
  CHECK(form.post(ask).status == 204);
  replace_field(form, "success_action_status", "201");
  const auto created = form.post(ask);
  CHECK(created.status == 201);
  CHECK(created.element("Location") == created.header("Location"));
  CHECK(created.element("Bucket") == "audiostore");
  CHECK(created.element("Key") == "takes/one.wav");
  CHECK(created.element("ETag") == "&quot;" + etag_of("hello").substr(1, 32) + "&quot;");
}

TEST_CASE("A form's file may be large") {
  ServiceFixture ask;
  Form form{.conditions = R"({"key": "k"})", .fields = {{"key", "k"}}, .file = std::string(3'000'000, 'x')};
  CHECK(form.post(ask).status == 204);
  CHECK(ask({.path = "/audiostore/k"}).body == form.file);
  form.conditions += R"(, ["content-length-range", 0, 2999999])";
  CHECK(form.post(ask).element("Code") == "EntityTooLarge");
  ServiceFixture small({.max_object_bytes = 2'999'999});
  form.conditions = R"({"key": "k"})";
  CHECK(form.post(small).element("Code") == "EntityTooLarge");
}

TEST_CASE("A form's file is checked by its checksum") {
  ServiceFixture ask;
  Form form;
  form.conditions += R"(, ["starts-with", "$x-amz-checksum-crc32", ""])";
  form.fields.push_back({"x-amz-checksum-crc32", Checksum(ChecksumAlgorithm::crc32).update("hello").finish()});
  CHECK(form.post(ask).status == 204);
  form.file = "hellO";
  CHECK(form.post(ask).element("Code") == "BadDigest");
  CHECK(ask({.path = "/audiostore/takes/one.wav"}).body == "hello");
}

TEST_CASE("What is behind the file is passed over") {
  ServiceFixture ask;
  CHECK(Form{.behind = part("submit") + part("x-amz-meta-evil")}.post(ask).status == 204);
  CHECK_FALSE(ask({.path = "/audiostore/takes/one.wav"}).has_header("x-amz-meta-evil"));
}

TEST_CASE("Forms that their policy or their signature does not cover store nothing") {
  const auto change =
      GENERATE(Change{"SignatureDoesNotMatch", [](Form& f) { f.secret = "wrong"; }},
               Change{"AccessDenied", [](Form& f) { f.expiration = "2013-05-24T00:00:00.000Z"; }},
               Change{"AccessDenied", [](Form& f) { replace_field(f, "key", "other/x"); }},
               Change{"AccessDenied", [](Form& f) { replace_field(f, "key", "${filename}"); }},
               Change{"AccessDenied", [](Form& f) { replace_field(f, "Content-Type", "text/html"); }},
               Change{"AccessDenied",
                      [](Form& f) {
                        f.fields.push_back({"x-amz-meta-more", "1"});
                      }},
               Change{"AccessDenied",
                      [](Form& f) {
                        f.fields.push_back({"success_action_status", "201"});
                      }},
               Change{"AccessDenied", [](Form& f) { f.fields.pop_back(); }},
               Change{"AccessDenied", [](Form& f) { f.conditions += R"(, {"bucket": "other"})"; }},
               Change{"AccessDenied",
                      [](Form& f) {
                        f.conditions += R"(, {"bucket": "other"})";
                        f.fields.push_back({"bucket", "other"});
                      }},
               Change{"EntityTooLarge", [](Form& f) { f.file = std::string(21, 'x'); }},
               Change{"EntityTooSmall", [](Form& f) { f.file = "1"; }},
               Change{"InvalidArgument", [](Form& f) { f.fields.erase(f.fields.begin()); }},
               Change{"InvalidArgument",
                      [](Form& f) {
                        f.fields.push_back({"KEY", "takes/b"});
                      }},
               Change{"InvalidArgument", [](Form& f) { replace_field(f, "key", "takes//x"); }},
               Change{"InvalidPolicyDocument", [](Form& f) { f.conditions += ", 1"; }},
               Change{"AuthorizationQueryParametersError", [](Form& f) { f.date = "20130525T000000Z"; }},
               Change{"InvalidArgument", [](Form& f) { f.date = "today"; }},
               Change{"IncorrectNumberOfFilesInPostRequest", [](Form& f) { f.behind = part("File"); }},
               Change{"MaxPostPreDataLengthExceededError",
                      [](Form& f) {
                        f.fields.insert(f.fields.begin(), {"x-ignore-a", std::string(21'000, 'x')});
                      }},
               Change{"MaxPostPreDataLengthExceededError", [](Form& f) {
                        for (int i = 0; i < 400; ++i) f.behind += part("x-ignore-" + std::to_string(i));
                      }});
  ServiceFixture ask;
  Form form;
  change.apply(form);
  CHECK(form.post(ask).element("Code") == change.code);
  CHECK(ask({.query = {{"list-type", "2"}}}).element("KeyCount") == "0");
}

TEST_CASE("Fields that ask for what is not done are refused, although the policy allows them") {
  ServiceFixture ask;
  const auto [name, value] = GENERATE(table<std::string, std::string>({{"acl", "public-read"},
                                                                       {"x-amz-storage-class", "GLACIER"},
                                                                       {"x-amz-tagging", "a=b"},
                                                                       {"x-amz-server-side-encryption", "aws:kms"},
                                                                       {"x-amz-website-redirect-location", "/"},
                                                                       {"success_action_redirect", "http://a"},
                                                                       {"redirect", "http://a"},
                                                                       {"Content-Encoding", "gzip"},
                                                                       {"Expires", "0"}}));
  CAPTURE(name);
  Form form;
  form.conditions += R"(, ["starts-with", "$)" + name + R"(", ""])";
  form.fields.push_back({name, value});
  CHECK(form.post(ask).element("Code") == "NotImplemented");
  replace_field(form, "acl", "private");
  if (name == "acl") CHECK(form.post(ask).status == 204);
}

TEST_CASE("A form can bring tags") {
  ServiceFixture ask;
  Form form;
  form.conditions += R"(, ["starts-with", "$tagging", ""])";
  form.fields.push_back({"tagging", "<Tagging><TagSet><Tag><Key>a</Key><Value>1</Value></Tag></TagSet></Tagging>"});
  CHECK(form.post(ask).status == 204);
  CHECK(ask({.path = "/audiostore/takes/one.wav", .query = {{"tagging", ""}}}).element("Value") == "1");
  replace_field(form, "tagging", "a=1");
  CHECK(form.post(ask).element("Code") == "MalformedXML");
}

TEST_CASE("Signatures of policies are good for seven days") {
  ServiceFixture ask;
  const Form form{.expiration = "2014-01-01T00:00:00.000Z"};
  ask.clock->advance(7 * 24h - 1s);
  CHECK(form.post(ask).status == 204);
  ask.clock->advance(1s);
  CHECK(form.post(ask).element("Message") == "Request has expired");
}

TEST_CASE("Forms that are malformed or unsigned") {
  ServiceFixture ask;
  const Form form;
  const std::string body = form.body();
  CHECK(form.post(ask, "").element("Code") == "MalformedPOSTRequest");
  CHECK(form.post(ask, body.substr(0, body.size() - 8)).element("Code") == "MalformedPOSTRequest");
  CHECK(form.post(ask, part("key") + "--B--").element("Code") == "IncorrectNumberOfFilesInPostRequest");
  CHECK(form.post(ask, part("key") + part("file") + "--B--").element("Code") == "AccessDenied");
  CHECK(Form{.path = "/other"}.post(ask).element("Code") == "AccessDenied");
  CHECK(Form{.path = "/audiostore/k"}.post(ask).element("Code") == "AccessDenied");
  IncomingRequest endless{.head = {.method = "POST",
                                   .target = "/audiostore",
                                   .headers = {{"Host", "localhost"}, {"Content-Type", "multipart/form-data"}}},
                          .content_length = body.size(),
                          .read_body = ServiceFixture::reader(body)};
  CHECK(ask.send(endless).element("Code") == "MalformedPOSTRequest");
  endless.content_length = std::nullopt;
  CHECK(ask.send(endless).element("Code") == "MissingContentLength");
  CHECK(ask({.query = {{"list-type", "2"}}}).element("KeyCount") == "0");
}

TEST_CASE("No refusal of a form holds its signature or its policy") {
  ServiceFixture ask;
  const Form form{.secret = "wrong"};
  const auto refused = form.post(ask);
  CHECK(refused.body.find(form.signature()) == std::string::npos);
  CHECK(refused.body.find(form.policy().substr(0, 40)) == std::string::npos);
}

TEST_CASE("The service wants a form's fields to be there, and no other body") {
  const ServiceFixture ask;
  RequestHead head{.method = "POST", .target = "/audiostore", .headers = {{"Content-Type", "Multipart/Form-Data; x"}}};
  CHECK(ask.service->body_ahead(head) == 24U * 1024);
  head.target = "/audiostore?delete";
  CHECK(ask.service->body_ahead(head) == 0);
  head.target = "/audiostore";
  head.method = "PUT";
  CHECK(ask.service->body_ahead(head) == 0);
  head.method = "POST";
  head.headers.push_back({"Authorization", "x"});
  CHECK(ask.service->body_ahead(head) == 0);
}
