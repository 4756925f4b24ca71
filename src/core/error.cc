#include <audiostore/error.h>

#include "core/text.h"

#include <fmt/format.h>

namespace audiostore {
namespace {

bool retryable_by_nature(ErrorCode code) noexcept {
  return code == ErrorCode::unavailable || code == ErrorCode::rate_limited || code == ErrorCode::timed_out ||
         code == ErrorCode::conflict;
}

}  // namespace

std::string_view to_string(ErrorCode code) noexcept {
  switch (code) {
    case ErrorCode::invalid_argument: return "invalid_argument";
    case ErrorCode::not_found: return "not_found";
    case ErrorCode::already_exists: return "already_exists";
    case ErrorCode::not_modified: return "not_modified";
    case ErrorCode::precondition_failed: return "precondition_failed";
    case ErrorCode::conflict: return "conflict";
    case ErrorCode::permission_denied: return "permission_denied";
    case ErrorCode::unauthenticated: return "unauthenticated";
    case ErrorCode::too_large: return "too_large";
    case ErrorCode::unsupported_media_type: return "unsupported_media_type";
    case ErrorCode::range_not_satisfiable: return "range_not_satisfiable";
    case ErrorCode::rate_limited: return "rate_limited";
    case ErrorCode::unavailable: return "unavailable";
    case ErrorCode::timed_out: return "timed_out";
    case ErrorCode::cancelled: return "cancelled";
    case ErrorCode::unsupported: return "unsupported";
    case ErrorCode::no_space: return "no_space";
    case ErrorCode::corrupt: return "corrupt";
    case ErrorCode::internal: return "internal";
  }
  return "internal";
}

Error::Error(ErrorCode code, std::string_view message)
    : code_(code), retryable_(retryable_by_nature(code)), message_(printable(message)) {}

Error&& Error::with_operation(std::string_view operation) && {
  if (operation_.empty()) operation_ = printable(operation);
  return std::move(*this);
}

Error&& Error::with_key(std::string_view key) && {
  if (key_.empty()) key_ = printable(key);
  return std::move(*this);
}

Error&& Error::with_http_status(int status) && {
  http_status_ = status;
  return std::move(*this);
}

Error&& Error::with_service_code(std::string_view code) && {
  service_code_ = printable(code, 128);
  return std::move(*this);
}

Error&& Error::with_request_id(std::string_view id) && {
  request_id_ = printable(id, 128);
  return std::move(*this);
}

Error&& Error::with_attempts(int attempts) && {
  attempts_ = attempts;
  return std::move(*this);
}

Error&& Error::with_retryable(bool retryable) && {
  retryable_ = retryable;
  return std::move(*this);
}

std::string Error::to_string() const {
  std::string text(audiostore::to_string(code_));
  if (!operation_.empty()) text += " in " + operation_;
  if (!key_.empty()) text += " of '" + key_ + "'";
  text += ": " + message_;
  std::string context;
  const auto add = [&](std::string_view name, std::string_view value) {
    if (!value.empty()) context += fmt::format("{}{} {}", context.empty() ? "" : ", ", name, value);
  };
  add("http status", http_status_ == 0 ? "" : std::to_string(http_status_));
  add("service code", service_code_);
  add("request id", request_id_);
  add("attempts", attempts_ == 0 ? "" : std::to_string(attempts_));
  return context.empty() ? text : fmt::format("{} ({})", text, context);
}

}  // namespace audiostore
