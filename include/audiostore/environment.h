// Where settings are looked up that a program is started with.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace audiostore {

/// Looks a variable up in an environment; nullopt where it is not set. Thread-safe where it is given to something that
/// is.
using EnvironmentLookup = std::function<std::optional<std::string>(std::string_view name)>;

/// The process's environment. As with any reader of it, no other thread may be changing it meanwhile.
std::optional<std::string> process_environment(std::string_view name);

}  // namespace audiostore
