#include "core/system_error.h"

#include <fmt/format.h>

#include <cerrno>
#include <system_error>

namespace audiostore {
namespace {

ErrorCode code_for(int error_number) noexcept {
  switch (error_number) {
    case ENOENT:
    case ENOTDIR: return ErrorCode::not_found;
    case EACCES:
    case EPERM:
    case EROFS: return ErrorCode::permission_denied;
    case ENOSPC:
    case EDQUOT: return ErrorCode::no_space;
    default: return ErrorCode::internal;
  }
}

/// What passes when others give back what they hold.
bool is_shortage(int error_number) noexcept {
  return error_number == EMFILE || error_number == ENFILE || error_number == ENOMEM;
}

}  // namespace

Error system_error(int error_number, std::string_view what) {
  return Error(code_for(error_number), fmt::format("{}: {}", what, std::generic_category().message(error_number)))
      .with_retryable(is_shortage(error_number));
}

}  // namespace audiostore
