#include "store/conditions.h"

#include "support/results.h"

#include <catch2/catch.hpp>

namespace audiostore {
namespace {

constexpr auto etag = "\"abc\"";
const TimePoint changed{std::chrono::milliseconds(1'369'353'600'750)};  // three quarters into its second

std::string outcome(const Conditions& conditions) {
  const auto result = check_conditions(conditions, etag, changed);
  return result ? "read" : std::string(to_string(result.error().code()));
}

}  // namespace

TEST_CASE("ETag lists name ETags exactly", "[conditions]") {
  for (const auto* list :
       {"\"abc\"", "*", " * ", "\"x\", \"abc\"", "\"x\",\"abc\",\"y\"", "\"abc\" , \"x\"", " \"abc\" "}) {
    INFO(list);
    CHECK(etag_list_has(list, etag));
    CHECK(etag_list_has_weakly(list, etag));
  }
  for (const auto* list :
       {"", "abc", "\"ab\"", "\"abcd\"", "\"ABC\"", "\"abc", "abc\"", "\"x\"", "\"*\"", "\"x,\"abc\"", ",", "**"}) {
    INFO(list);
    CHECK_FALSE(etag_list_has(list, etag));
    CHECK_FALSE(etag_list_has_weakly(list, etag));
  }
}

TEST_CASE("a comma in quotes belongs to the ETag", "[conditions]") {
  CHECK(etag_list_has("\"a,b\"", "\"a,b\""));
  CHECK(etag_list_has("\"x\", \"a,b\"", "\"a,b\""));
  CHECK_FALSE(etag_list_has("\"a,b\"", "\"b\""));
}

TEST_CASE("weak ETags match by weak comparison only", "[conditions]") {
  CHECK_FALSE(etag_list_has("W/\"abc\"", etag));
  CHECK_FALSE(etag_list_has("W/\"abc\"", "W/\"abc\""));
  CHECK(etag_list_has_weakly("W/\"abc\"", etag));
  CHECK(etag_list_has_weakly("\"abc\"", "W/\"abc\""));
}

TEST_CASE("no condition reads", "[conditions]") { CHECK(outcome({}) == "read"); }

TEST_CASE("conditions on the ETag", "[conditions]") {
  CHECK(outcome({.if_match = etag}) == "read");
  CHECK(outcome({.if_match = "*"}) == "read");
  CHECK(outcome({.if_match = "\"x\", \"abc\""}) == "read");
  CHECK(outcome({.if_match = "\"x\""}) == "precondition_failed");
  CHECK(outcome({.if_none_match = etag}) == "not_modified");
  CHECK(outcome({.if_none_match = "*"}) == "not_modified");
  CHECK(outcome({.if_none_match = "W/\"abc\""}) == "not_modified");
  CHECK(outcome({.if_none_match = "\"x\""}) == "read");
}

TEST_CASE("conditions on the time look at whole seconds", "[conditions]") {
  const auto same_second = std::chrono::floor<std::chrono::seconds>(changed);
  const std::chrono::seconds second(1);
  CHECK(outcome({.if_modified_since = same_second}) == "not_modified");
  CHECK(outcome({.if_modified_since = same_second - second}) == "read");
  CHECK(outcome({.if_modified_since = same_second + second}) == "not_modified");
  CHECK(outcome({.if_unmodified_since = same_second}) == "read");
  CHECK(outcome({.if_unmodified_since = same_second - second}) == "precondition_failed");
  CHECK(outcome({.if_unmodified_since = same_second + second}) == "read");
}

TEST_CASE("conditions on the ETag outweigh those on the time", "[conditions]") {
  const auto before = changed - std::chrono::hours(1);
  CHECK(outcome({.if_match = etag, .if_unmodified_since = before}) == "read");
  CHECK(outcome({.if_none_match = "\"x\"", .if_modified_since = changed}) == "read");
  CHECK(outcome({.if_none_match = etag, .if_modified_since = before}) == "not_modified");
}

TEST_CASE("a failed precondition outweighs that nothing is new", "[conditions]") {
  CHECK(outcome({.if_match = "\"x\"", .if_none_match = etag}) == "precondition_failed");
  CHECK(outcome({.if_match = etag, .if_none_match = etag}) == "not_modified");
  CHECK(outcome({.if_none_match = etag, .if_unmodified_since = changed - std::chrono::hours(1)}) ==
        "precondition_failed");
}

}  // namespace audiostore
