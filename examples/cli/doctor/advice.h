// What to do about a refusal.
#pragma once

#include "examination.h"

#include <audiostore/error.h>

#include <string>
#include <string_view>

namespace cli::doctor {

/// A permission by the names of those who give it.
struct Permission {
  std::string_view action;  ///< of IAM: "s3:PutObject"
  std::string_view what;    ///< "write objects"
};

/// The problem that `error` is, with the remedy that fits its cause, and a policy to paste where a permission is
/// missing.
Finding explain(const audiostore::Error& error, const Permission& permission, const Examination& examination);

/// "2 h 5 min", "40 s"; the two largest units.
std::string in_words(std::chrono::seconds duration);

}  // namespace cli::doctor
