#include "http/refusal.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <array>
#include <cstdio>

namespace audio_service {
namespace {

using audiostore::ErrorCode;

struct Row {
  ErrorCode code;
  int status;
};

constexpr std::array table = {
    Row{ErrorCode::invalid_argument, 400},
    Row{ErrorCode::not_found, 404},
    Row{ErrorCode::already_exists, 409},
    Row{ErrorCode::conflict, 409},
    Row{ErrorCode::precondition_failed, 409},
    Row{ErrorCode::too_large, 413},
    Row{ErrorCode::unsupported_media_type, 415},
    Row{ErrorCode::range_not_satisfiable, 416},
    Row{ErrorCode::rate_limited, 429},
    Row{ErrorCode::unsupported, 501},
    Row{ErrorCode::unavailable, 503},
    Row{ErrorCode::timed_out, 503},
    Row{ErrorCode::cancelled, 503},
    Row{ErrorCode::no_space, 503},
};

/// What a storage says of a request that the service made: its bucket is missing, its clock is wrong ...
bool is_of_our_making(const audiostore::Error& error) {
  const bool is_from_storage = error.http_status() != 0;
  return is_from_storage && (error.code() == ErrorCode::not_found || error.code() == ErrorCode::invalid_argument ||
                             error.code() == ErrorCode::range_not_satisfiable);
}

}  // namespace

int http_status(ErrorCode code) noexcept {
  for (const Row& row : table) {
    if (row.code == code) return row.status;
  }
  return 500;
}

Refusal refusal_of(const audiostore::Error& error) {
  const int status = is_of_our_making(error) ? 500 : http_status(error.code());
  if (status < 500) return {status, audiostore::to_string(error.code()), error.message()};
  fmt::print(stderr, "{}\n", error.to_string());  // which holds no secret
  if (status == 503) return {status, audiostore::to_string(error.code()), "what this needs does not answer; try again"};
  if (status == 501) return {status, "unsupported", "the storage cannot do this; upload through the service instead"};
  return {500, "internal", "something is wrong at the service; its log has the reason"};
}

std::string refusal_body(std::string_view code, std::string_view message) {
  const nlohmann::json body{{"success", false}, {"error", {{"code", code}, {"message", message}}}};
  return body.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
}

}  // namespace audio_service
