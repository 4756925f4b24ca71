#include "audio/find_last.h"

#include <catch2/catch.hpp>

#include <string>

namespace audiostore {
namespace {

std::optional<std::uint64_t> last_in(const std::string& bytes, const std::function<bool(std::uint64_t)>& accept) {
  const Payload payload = Payload::from_memory(as_bytes(bytes));
  BoundedReader reader(payload, 1000);
  return find_last(reader, "moof", accept);
}
std::optional<std::uint64_t> last_in(const std::string& bytes) {
  return last_in(bytes, [](std::uint64_t) { return true; });
}

}  // namespace

TEST_CASE("the last place is found wherever pieces and windows end", "[find_last]") {
  constexpr std::size_t size = 200'000;
  constexpr std::size_t window = size - std::size_t{64} * 1024;
  for (const std::size_t middle : {std::size_t{10}, window, window + 4096, window + 2 * 4096, size - 14}) {
    for (std::size_t at = middle - 10; at <= middle + 10; ++at) {
      std::string bytes(size, 'x');
      bytes.replace(0, 4, "moof").replace(at, 4, "moof");
      CAPTURE(at);
      CHECK(last_in(bytes) == at);
    }
  }
  CHECK(last_in(std::string(size, 'x')) == std::nullopt);
  CHECK(last_in("moo") == std::nullopt);
  CHECK(last_in("") == std::nullopt);
}

TEST_CASE("places that are not accepted are passed over, but not for ever", "[find_last]") {
  std::string bytes = "moof";
  for (int i = 1; i < max_refused_places; ++i) bytes += "moof";
  const auto is_first = [](std::uint64_t offset) { return offset == 0; };
  CHECK(last_in(bytes, is_first) == 0);
  CHECK(last_in(bytes + "moof", is_first) == std::nullopt);
}

}  // namespace audiostore
