#include <audiostore/error.h>

#include <catch2/catch.hpp>

#include <memory>
#include <string>
#include <vector>

namespace audiostore {
namespace {

constexpr ErrorCode all_codes[] = {ErrorCode::invalid_argument,
                                   ErrorCode::not_found,
                                   ErrorCode::already_exists,
                                   ErrorCode::not_modified,
                                   ErrorCode::precondition_failed,
                                   ErrorCode::conflict,
                                   ErrorCode::permission_denied,
                                   ErrorCode::unauthenticated,
                                   ErrorCode::too_large,
                                   ErrorCode::unsupported_media_type,
                                   ErrorCode::range_not_satisfiable,
                                   ErrorCode::rate_limited,
                                   ErrorCode::unavailable,
                                   ErrorCode::timed_out,
                                   ErrorCode::cancelled,
                                   ErrorCode::unsupported,
                                   ErrorCode::no_space,
                                   ErrorCode::corrupt,
                                   ErrorCode::internal};

Error failure(std::string_view message = "it broke") { return Error(ErrorCode::unavailable, message); }

// --- Error

TEST_CASE("every code has a name of its own", "[error]") {
  std::vector<std::string_view> names;
  for (const ErrorCode code : all_codes) {
    CHECK(std::find(names.begin(), names.end(), to_string(code)) == names.end());
    names.push_back(to_string(code));
  }
  CHECK(to_string(ErrorCode::range_not_satisfiable) == "range_not_satisfiable");
}

TEST_CASE("only what may go away by itself is retryable", "[error]") {
  for (const ErrorCode code : all_codes) {
    CAPTURE(to_string(code));
    const bool expected = code == ErrorCode::conflict || code == ErrorCode::rate_limited ||
                          code == ErrorCode::unavailable || code == ErrorCode::timed_out;
    CHECK(Error(code, "").retryable() == expected);
  }
  CHECK_FALSE(Error(ErrorCode::unavailable, "").with_retryable(false).retryable());
  CHECK(Error(ErrorCode::internal, "").with_retryable(true).retryable());
}

TEST_CASE("an error prints as one line with all its context", "[error]") {
  CHECK(Error(ErrorCode::not_found, "no such object").to_string() == "not_found: no such object");
  const Error error = Error(ErrorCode::unavailable, "busy")
                          .with_operation("put")
                          .with_key("a/b")
                          .with_http_status(503)
                          .with_service_code("SlowDown")
                          .with_request_id("R1")
                          .with_attempts(3);
  CHECK(error.to_string() ==
        "unavailable in put of 'a/b': busy (http status 503, service code SlowDown, request id R1, attempts 3)");
}

TEST_CASE("the innermost operation and key are kept", "[error]") {
  const Error error = failure().with_operation("put").with_key("inner").with_operation("upload").with_key("outer");
  CHECK(error.operation() == "put");
  CHECK(error.key() == "inner");
}

TEST_CASE("control characters in any text are escaped", "[error]") {
  const Error error = Error(ErrorCode::internal, "a\nb")
                          .with_operation("c\rd")
                          .with_key("e\x1b[2Jf")
                          .with_service_code("g\0h")
                          .with_request_id("\x7f");
  CHECK(error.message() == "a\\x0ab");
  CHECK(error.operation() == "c\\x0dd");
  CHECK(error.key() == "e\\x1b[2Jf");
  CHECK(error.request_id() == "\\x7f");
  CHECK(error.to_string().find('\n') == std::string::npos);
}

TEST_CASE("texts from outside are cut", "[error]") {
  CHECK(Error(ErrorCode::internal, std::string(5000, 'x')).message().size() == 1027);
  CHECK(failure().with_request_id(std::string(5000, 'x')).request_id().size() == 131);
  CHECK(failure().with_key(std::string(1024, 'k')).key().size() == 1024);  // the longest key there is
}

// --- Result as std::expected

static_assert(std::is_same_v<Result<int>::value_type, int>);
static_assert(std::is_same_v<Result<int>::error_type, Error>);
static_assert(!std::is_default_constructible_v<Result<int>>);
static_assert(std::is_default_constructible_v<Result<void>>);
static_assert(!std::is_convertible_v<Result<int>, bool>);
static_assert(!std::is_convertible_v<int, Result<std::vector<int>>>, "an explicit constructor stays explicit");
static_assert(std::is_constructible_v<Result<std::vector<int>>, int>);
static_assert(std::is_convertible_v<const char*, Result<std::string>>);
static_assert(!std::is_constructible_v<Result<bool>, Result<int>>, "a Result is no bool to be stored");
static_assert(!std::is_copy_constructible_v<Result<std::unique_ptr<int>>>);
static_assert(std::is_nothrow_move_constructible_v<Result<std::unique_ptr<int>>>);
static_assert(std::is_same_v<decltype(*std::declval<Result<int>&>()), int&>);
static_assert(std::is_same_v<decltype(*std::declval<const Result<int>&>()), const int&>);
static_assert(std::is_same_v<decltype(*std::declval<Result<int>>()), int&&>);
static_assert(std::is_same_v<decltype(std::declval<Result<int>&>().value()), int&>);
static_assert(std::is_same_v<decltype(std::declval<const Result<int>&>().value()), const int&>);
static_assert(std::is_same_v<decltype(std::declval<Result<void>&>().value()), void>);

TEST_CASE("a Result holds a value or an error", "[result]") {
  const Result<int> value = 7;
  CHECK(value.has_value());
  CHECK(static_cast<bool>(value));
  CHECK(*value == 7);
  CHECK(value.value() == 7);
  const Result<int> error = failure();
  CHECK_FALSE(error.has_value());
  CHECK_FALSE(error);
  CHECK(error.error().code() == ErrorCode::unavailable);
}

TEST_CASE("value() of an error throws what the error says", "[result]") {
  Result<int> error = failure();
  CHECK_THROWS_AS(error.value(), BadResultAccess);
  CHECK_THROWS_WITH(std::as_const(error).value(), "unavailable: it broke");
  CHECK_THROWS_AS(std::move(error).value(), BadResultAccess);
  CHECK_THROWS_AS(Result<void>(failure()).value(), BadResultAccess);
}

TEST_CASE("a Result's value can be changed in place and moved out", "[result]") {
  Result<std::string> text = "abc";
  text->push_back('d');
  *text += 'e';
  text.value() += 'f';
  CHECK(text->size() == 6);
  const std::string taken = std::move(text).value();
  CHECK(taken == "abcdef");
}

TEST_CASE("a Result can be copied, moved and assigned", "[result]") {
  Result<std::string> a = "abc";
  Result<std::string> b = a;
  CHECK(*b == "abc");
  b = failure();
  CHECK_FALSE(b);
  a = b;
  CHECK(a.error().message() == "it broke");
  a = Result<std::string>("x");
  CHECK(*a == "x");
}

TEST_CASE("a Result of void holds nothing or an error", "[result]") {
  Result<void> fine;
  CHECK(fine);
  CHECK_NOTHROW(fine.value());
  const Result<void> broken = failure();
  CHECK_FALSE(broken);
  CHECK(broken.error().message() == "it broke");
}

TEST_CASE("values that can only be moved are carried through", "[result]") {
  Result<std::unique_ptr<int>> made = std::make_unique<int>(1);
  auto changed = std::move(made)
                     .transform([](std::unique_ptr<int> p) {
                       ++*p;
                       return p;
                     })
                     .and_then([](std::unique_ptr<int> p) -> Result<std::unique_ptr<int>> {
                       ++*p;
                       return p;
                     })
                     .or_else([](Error&& e) -> Result<std::unique_ptr<int>> { return std::move(e); })
                     .transform_error([](Error&& e) { return std::move(e).with_key("k"); });
  REQUIRE(changed);
  const std::unique_ptr<int> taken = std::move(changed).value();
  CHECK(*taken == 3);
  CHECK(Result<std::unique_ptr<int>>(failure()).value_or(nullptr) == nullptr);
}

TEST_CASE("value_or gives the fallback on an error only", "[result]") {
  CHECK(Result<int>(7).value_or(1) == 7);
  CHECK(Result<int>(failure()).value_or(1) == 1);
  const Result<std::string> text = "abc";
  CHECK(text.value_or("other") == "abc");
  CHECK(text.has_value());
}

TEST_CASE("and_then goes on with a value and passes an error by", "[result]") {
  const auto half = [](int n) -> Result<int> {
    if (n % 2 != 0) return Error(ErrorCode::invalid_argument, "odd");
    return n / 2;
  };
  CHECK(Result<int>(8).and_then(half).and_then(half).value() == 2);
  CHECK(Result<int>(6).and_then(half).and_then(half).error().message() == "odd");
  bool called = false;
  const auto skipped = Result<int>(failure()).and_then([&](int) -> Result<std::string> {
    called = true;
    return "never";
  });
  CHECK(skipped.error().message() == "it broke");
  CHECK_FALSE(called);
}

TEST_CASE("transform replaces a value and passes an error by", "[result]") {
  CHECK(Result<int>(3).transform([](int n) { return std::string(static_cast<std::size_t>(n), 'x'); }).value() == "xxx");
  CHECK(Result<int>(failure()).transform([](int n) { return n + 1; }).error().message() == "it broke");
  int seen = 0;
  const Result<void> nothing = Result<int>(3).transform([&](int n) { seen = n; });
  CHECK(nothing);
  CHECK(seen == 3);
}

TEST_CASE("or_else recovers from an error and passes a value by", "[result]") {
  CHECK(Result<int>(failure()).or_else([](const Error&) -> Result<int> { return 5; }).value() == 5);
  CHECK(
      Result<int>(failure()).or_else([](const Error&) -> Result<int> { return failure("worse"); }).error().message() ==
      "worse");
  CHECK(Result<int>(7).or_else([](const Error&) -> Result<int> { return 5; }).value() == 7);
}

TEST_CASE("transform_error replaces an error and passes a value by", "[result]") {
  const auto add_key = [](Error&& e) { return std::move(e).with_key("k"); };
  CHECK(Result<int>(failure()).transform_error(add_key).error().key() == "k");
  CHECK(Result<int>(7).transform_error(add_key).value() == 7);
}

TEST_CASE("a Result of void can be chained too", "[result]") {
  CHECK(Result<void>().and_then([]() -> Result<int> { return 5; }).value() == 5);
  CHECK(Result<void>().transform([] { return 6; }).value() == 6);
  CHECK(Result<void>(failure()).and_then([]() -> Result<int> { return 5; }).error().message() == "it broke");
  CHECK(Result<void>(failure()).or_else([](const Error&) -> Result<void> { return {}; }));
  CHECK(Result<void>().transform_error([](Error&& e) { return std::move(e); }));
}

}  // namespace
}  // namespace audiostore
