// What failures become on the wire.
#include "http/refusal.h"

#include <catch2/catch.hpp>

using namespace audio_service;
using audiostore::Error;
using audiostore::ErrorCode;

TEST_CASE("errors have the status that is theirs", "[service]") {
  const std::vector<std::pair<ErrorCode, int>> expected = {{ErrorCode::invalid_argument, 400},
                                                           {ErrorCode::not_found, 404},
                                                           {ErrorCode::already_exists, 409},
                                                           {ErrorCode::precondition_failed, 409},
                                                           {ErrorCode::conflict, 409},
                                                           {ErrorCode::too_large, 413},
                                                           {ErrorCode::unsupported_media_type, 415},
                                                           {ErrorCode::range_not_satisfiable, 416},
                                                           {ErrorCode::rate_limited, 429},
                                                           {ErrorCode::unsupported, 501},
                                                           {ErrorCode::unavailable, 503},
                                                           {ErrorCode::timed_out, 503},
                                                           {ErrorCode::cancelled, 503},
                                                           {ErrorCode::no_space, 503},
                                                           {ErrorCode::not_modified, 500},
                                                           {ErrorCode::corrupt, 500},
                                                           {ErrorCode::internal, 500},
                                                           {ErrorCode::permission_denied, 500},
                                                           {ErrorCode::unauthenticated, 500}};
  for (const auto& [code, status] : expected) {
    INFO(audiostore::to_string(code));
    CHECK(refusal_of(Error(code, "x")).status() == status);
  }
}

TEST_CASE("the service's own trouble with its storage is not told as the client's", "[service]") {
  for (const ErrorCode code :
       {ErrorCode::not_found, ErrorCode::invalid_argument, ErrorCode::permission_denied, ErrorCode::unauthenticated}) {
    const Refusal refusal = refusal_of(Error(code, "bucket inner-name").with_http_status(404));
    CHECK(refusal.status() == 500);
    CHECK(refusal.code() == "internal");
    CHECK(std::string(refusal.what()).find("inner-name") == std::string::npos);
  }
  CHECK(refusal_of(Error(ErrorCode::precondition_failed, "changed").with_http_status(412)).status() == 409);
}

TEST_CASE("a message is sent as JSON, whatever bytes are in it", "[service]") {
  CHECK(refusal_body("code", "a\"b\n") == R"({"error":{"code":"code","message":"a\"b\n"},"success":false})");
  CHECK(refusal_body("code", "\xff").find("success") != std::string::npos);
}
