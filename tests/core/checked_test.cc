#include "core/checked.h"

#include <catch2/catch.hpp>

#include <cstdint>
#include <limits>

namespace audiostore {
namespace {

constexpr std::uint64_t most = std::numeric_limits<std::uint64_t>::max();
constexpr std::int64_t highest = std::numeric_limits<std::int64_t>::max();
constexpr std::int64_t lowest = std::numeric_limits<std::int64_t>::min();

TEST_CASE("a sum that does not fit is none", "[checked]") {
  CHECK(checked_add(most - 1, 1) == most);
  CHECK(checked_add(most, 0) == most);
  CHECK_FALSE(checked_add(most, 1));
  CHECK_FALSE(checked_add(most, most));
  CHECK(checked_add(highest, -1) == highest - 1);
  CHECK_FALSE(checked_add(highest, 1));
  CHECK_FALSE(checked_add(lowest, -1));
  CHECK_FALSE(checked_add(std::uint8_t{200}, 56));
}

TEST_CASE("a product that does not fit is none", "[checked]") {
  CHECK(checked_multiply(std::uint64_t{1} << 32U, (std::uint64_t{1} << 32U) - 1) ==
        most - ((std::uint64_t{1} << 32U) - 1));
  CHECK_FALSE(checked_multiply(std::uint64_t{1} << 32U, std::uint64_t{1} << 32U));
  CHECK(checked_multiply(most, 0) == 0U);
  CHECK_FALSE(checked_multiply(lowest, -1));
  CHECK(checked_multiply(lowest / 2, 2) == lowest);
}

TEST_CASE("a number that another type cannot hold is none", "[checked]") {
  CHECK(checked_narrow<std::int64_t>(std::uint64_t{7}) == 7);
  CHECK_FALSE(checked_narrow<std::int64_t>(most));
  CHECK_FALSE(checked_narrow<std::uint64_t>(-1));
  CHECK(checked_narrow<std::uint8_t>(255) == 255);
  CHECK_FALSE(checked_narrow<std::uint8_t>(256));
}

}  // namespace
}  // namespace audiostore
