// Steps that would leave something behind if they were cut off in the middle.
#pragma once

#include <audiostore/error.h>

#include <chrono>
#include <functional>
#include <stop_token>
#include <string>

namespace audiostore {

/// Calls `step` on a thread of its own, which has ended when this returns. A stop reaches it `grace` late, so that it
/// can tell what it has done: somebody has to know that, to undo it.
Result<std::string> let_finish(const std::stop_token& stop, std::chrono::milliseconds grace,
                               const std::function<Result<std::string>(const std::stop_token&)>& step);

}  // namespace audiostore
