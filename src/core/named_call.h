// What every call of a store's public face does around its work.
#pragma once

#include "core/call_guard.h"

#include <string_view>
#include <utility>

namespace audiostore {

/// Runs one operation: nothing is thrown, and an error says which operation on which key it is about.
template <class F>
auto named_call(std::string_view operation, std::string_view key, F&& work) -> decltype(work()) {
  return call_guarded("the store", std::forward<F>(work)).transform_error([&](Error&& error) {
    return std::move(error).with_operation(operation).with_key(key);
  });
}

/// The same for calls that can be stopped: what the caller asked to stop is not begun.
template <class F>
auto named_call(std::string_view operation, std::string_view key, const CallOptions& call, F&& work)
    -> decltype(work()) {
  return named_call(operation, key, [&]() -> decltype(work()) {
    if (auto go_on = CallGuard(call).check(); !go_on) return std::move(go_on).error();
    return work();
  });
}

}  // namespace audiostore
