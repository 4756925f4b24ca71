#include "s3/credentials/chain.h"

#include <fmt/format.h>

namespace audiostore {
namespace {

Error with_context(const Error& error, std::string_view link, std::string_view passed_over) {
  return Error(error.code(), fmt::format("credentials from {}: {}{}{}", link, error.message(),
                                         passed_over.empty() ? "" : "; passed over before: ", passed_over))
      .with_http_status(error.http_status())
      .with_service_code(error.service_code())
      .with_request_id(error.request_id())
      .with_retryable(error.retryable());
}

}  // namespace

Lookup ChainSource::look_up_for(const CallGuard& call) {
  std::string passed_over;
  for (const auto& link : links_) {
    auto lookup = link->look_up_for(call);
    if (!lookup) return with_context(lookup.error(), link->name(), passed_over);
    const auto* absent = std::get_if<NotConfigured>(&*lookup);
    if (absent == nullptr) return lookup;
    passed_over += fmt::format("{}{} ({})", passed_over.empty() ? "" : ", ", link->name(), absent->why);
  }
  return NotConfigured{std::move(passed_over)};
}

}  // namespace audiostore
