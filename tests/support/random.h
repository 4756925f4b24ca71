// Random numbers for tests: repeatable from a seed that a failing test prints.
#pragma once

#include <cstddef>
#include <cstdint>
#include <random>
#include <string>
#include <string_view>

namespace audiostore {

/// AUDIOSTORE_TEST_SEED if it is set, otherwise a fresh seed. Print it: `INFO("seed " << seed)`.
std::uint64_t test_seed();

class Random {
 public:
  explicit Random(std::uint64_t seed) : engine_(seed) {}

  /// From 0 to `end` - 1.
  std::size_t below(std::size_t end);
  /// `length` characters out of `alphabet`.
  std::string text(std::string_view alphabet, std::size_t length);
  /// `length` bytes of any value.
  std::string bytes(std::size_t length);

 private:
  std::mt19937_64 engine_;
};

}  // namespace audiostore
