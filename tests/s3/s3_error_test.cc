#include "s3/s3_error.h"

#include <fmt/format.h>
#include <catch2/catch.hpp>

using namespace audiostore;

namespace {

Error error_of(int status, std::string_view body = {}, Headers headers = {}) {
  return error_from_response({.status = status, .headers = std::move(headers)}, body);
}

std::string document(std::string_view code, std::string_view message = "") {
  return fmt::format("<Error><Code>{}</Code><Message>{}</Message><RequestId>R1</RequestId></Error>", code, message);
}

}  // namespace

TEST_CASE("F18: without an error document the status alone decides") {
  const std::vector<std::pair<int, ErrorCode>> table{{304, ErrorCode::not_modified},
                                                     {400, ErrorCode::invalid_argument},
                                                     {401, ErrorCode::unauthenticated},
                                                     {403, ErrorCode::permission_denied},
                                                     {404, ErrorCode::not_found},
                                                     {409, ErrorCode::conflict},
                                                     {412, ErrorCode::precondition_failed},
                                                     {413, ErrorCode::too_large},
                                                     {416, ErrorCode::range_not_satisfiable},
                                                     {429, ErrorCode::rate_limited},
                                                     {500, ErrorCode::unavailable},
                                                     {502, ErrorCode::unavailable},
                                                     {503, ErrorCode::unavailable},
                                                     {504, ErrorCode::unavailable},
                                                     {507, ErrorCode::no_space},
                                                     {501, ErrorCode::unsupported},
                                                     {301, ErrorCode::invalid_argument}};
  for (const auto& [status, code] : table) {
    for (const char* body : {"", "<html><body>Bad gateway</body></html>", "not xml at all", "<Error"}) {
      INFO(status << " " << body);
      const Error error = error_of(status, body);
      CHECK(to_string(error.code()) == to_string(code));
      CHECK(error.http_status() == status);
    }
  }
}

TEST_CASE("a service code says more than its status") {
  CHECK(error_of(403, document("SignatureDoesNotMatch")).code() == ErrorCode::unauthenticated);
  CHECK(error_of(503, document("SlowDown")).code() == ErrorCode::rate_limited);
  CHECK(error_of(400, document("BadDigest")).code() == ErrorCode::corrupt);
  CHECK(error_of(400, document("BadDigest")).retryable());
  CHECK_FALSE(error_of(200).retryable());
  CHECK_FALSE(error_of(403, document("AccessDenied")).retryable());
  const Error unknown = error_of(418, document("Teapot", "short and stout"));
  CHECK(unknown.service_code() == "Teapot");
  CHECK(unknown.request_id() == "R1");
  CHECK(unknown.message().find("short and stout") != std::string::npos);
}

TEST_CASE("F3: 429, and every throttling code with whatever status, ask for fewer requests") {
  CHECK(error_of(429).code() == ErrorCode::rate_limited);
  for (const char* code :
       {"Throttling", "ThrottlingException", "ThrottledException", "RequestThrottledException",
        "TooManyRequestsException", "ProvisionedThroughputExceededException", "TransactionInProgressException",
        "RequestLimitExceeded", "BandwidthLimitExceeded", "LimitExceededException", "RequestThrottled", "SlowDown",
        "PriorRequestNotComplete", "EC2ThrottledException", "TooManyRequests"}) {
    for (const int status : {400, 403, 503}) {
      INFO(status << " " << code);
      CHECK(error_of(status, document(code)).code() == ErrorCode::rate_limited);
      CHECK(error_of(status, document(code)).retryable());
    }
  }
}

TEST_CASE("F11 F12: an upload that idled may be sent again, a clock that is wrong is named") {
  CHECK(error_of(400, document("RequestTimeout")).code() == ErrorCode::timed_out);
  CHECK(error_of(400, document("RequestTimeout")).retryable());
  const Error skewed = error_of(403, document("RequestTimeTooSkewed"));
  CHECK(skewed.code() == ErrorCode::unauthenticated);
  CHECK_FALSE(skewed.retryable());
  CHECK(skewed.message().find("clock") != std::string::npos);
}

TEST_CASE("F9: a wrong region is named, with or without a body") {
  const Headers region{{"x-amz-bucket-region", "eu-west-1"}};
  CHECK(error_of(301, "", region).message().find("'eu-west-1'") != std::string::npos);
  CHECK(error_of(400, "", region).message().find("'eu-west-1'") != std::string::npos);
  CHECK(error_of(400, "<Error><Code>AuthorizationHeaderMalformed</Code><Region>eu-west-1</Region></Error>")
            .message()
            .find("'eu-west-1'") != std::string::npos);
  CHECK(error_of(404, document("NoSuchKey"), region).message().find("eu-west-1") == std::string::npos);
}

TEST_CASE("S27: control characters of a service's message are escaped, long ones cut") {
  const std::string message = error_of(400, document("X", "a&#9;b" + std::string(5000, 'x'))).message();
  CHECK(message.find('\t') == std::string::npos);
  CHECK(message.size() < 600);
}

TEST_CASE("S27: what the header fields of a refusal say is escaped too") {
  for (const int status : {301, 403}) {
    const Error error =
        error_of(status, "", {{"x-amz-request-id", "\x1b[2J"}, {"x-amz-bucket-region", "eu\x1b[31m\x9b"}});
    CHECK(error.to_string().find_first_of("\x1b\x9b") == std::string::npos);
    CHECK(error.request_id().find('\x1b') == std::string::npos);
  }
}

TEST_CASE("S11: a service's message that repeats a secret is left out") {
  const std::vector<std::string_view> secrets{"", "tokentoken"};
  const Error error =
      error_from_response({.status = 400, .headers = {}}, document("InvalidToken", "bad tokentoken here"), secrets);
  CHECK(error.to_string().find("tokentoken") == std::string::npos);
  CHECK(error.service_code().empty());
  const Error elsewhere =
      error_from_response({.status = 400, .headers = {{"x-amz-request-id", "tokentoken"}}}, "", secrets);
  CHECK(elsewhere.to_string().find("tokentoken") == std::string::npos);
}
