// Results in tests: values that must be there, and errors to compare.
#pragma once

#include <audiostore/error.h>

#include <catch2/catch.hpp>

#include <string>
#include <type_traits>
#include <utility>

namespace Catch {
template <>
struct StringMaker<audiostore::ErrorCode> {
  static std::string convert(audiostore::ErrorCode code) { return std::string(audiostore::to_string(code)); }
};
}  // namespace Catch

namespace audiostore {

/// The value of `result`; an error fails the test with all that it says. For the test's own thread only.
template <class T>
T must(Result<T> result) {
  if (!result) FAIL(result.error().to_string());
  if constexpr (!std::is_void_v<T>) return *std::move(result);
}

/// The code of the error that `result` has to be.
template <class T>
ErrorCode code_of(const Result<T>& result) {
  if (result) FAIL("this should have failed");
  return result.error().code();
}

}  // namespace audiostore
