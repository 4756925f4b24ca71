// What a person should know of the service in use. The facts are those of docs/PROVIDERS.md.
#pragma once

#include <audiostore/s3_store.h>

#include <string_view>

namespace cli::doctor {

std::string_view name_of(audiostore::S3Provider provider) noexcept;

}  // namespace cli::doctor
