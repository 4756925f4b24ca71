#include "support/random.h"

#include <cstdlib>

namespace audiostore {

std::uint64_t test_seed() {
  const char* given = std::getenv("AUDIOSTORE_TEST_SEED");
  return given != nullptr ? std::strtoull(given, nullptr, 10) : std::random_device()();
}

std::size_t Random::below(std::size_t end) { return std::uniform_int_distribution<std::size_t>(0, end - 1)(engine_); }

std::string Random::text(std::string_view alphabet, std::size_t length) {
  std::string out;
  while (out.size() < length) out += alphabet[below(alphabet.size())];
  return out;
}

std::string Random::bytes(std::size_t length) {
  std::string out;
  while (out.size() < length) out += static_cast<char>(below(256));
  return out;
}

}  // namespace audiostore
