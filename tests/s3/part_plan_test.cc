#include "s3/multipart/part_plan.h"

#include "support/results.h"

using namespace audiostore;

namespace {
constexpr std::uint64_t mib = std::uint64_t{1} << 20;
}  // namespace

TEST_CASE("parts have the size that was asked for as long as 10,000 are enough") {
  CHECK(must(part_size_for(1, 8 * mib)) == 8 * mib);
  CHECK(must(part_size_for(80'000 * mib, 8 * mib)) == 8 * mib);
  CHECK(must(part_size_for(80'000 * mib + 1, 8 * mib)) == 9 * mib);
  CHECK(must(part_size_for(max_object_bytes, 5 * mib)) == 525 * mib);
  CHECK(must(part_size_for(max_object_bytes, max_part_bytes)) == max_part_bytes);
}

TEST_CASE("an object of more than 5 TiB is too large") {
  CHECK(must(part_size_for(max_object_bytes, 8 * mib)) <= max_part_bytes);
  CHECK(code_of(part_size_for(max_object_bytes + 1, 8 * mib)) == ErrorCode::too_large);
  CHECK(code_of(part_size_for(UINT64_MAX, max_part_bytes)) == ErrorCode::too_large);
}

TEST_CASE("parts follow each other without a gap, and none is empty but that of nothing") {
  for (const std::uint64_t size : {0ULL, 1ULL, 3ULL, 4ULL, 5ULL, 8ULL, 9ULL, 40'000ULL}) {
    CAPTURE(size);
    std::uint64_t end = 0;
    const int count = part_count(size, 4);
    for (int number = 1; number <= count; ++number) {
      const auto slice = part_slice(number, size, 4);
      CHECK(slice.offset == end);
      CHECK(slice.length <= 4);
      CHECK((number == count || slice.length == 4));
      CHECK((size == 0 || slice.length > 0));
      end += slice.length;
    }
    CHECK(end == size);
  }
  for (const std::uint64_t size : {80'000 * mib + 1, max_object_bytes - 1, max_object_bytes}) {
    const auto part_size = must(part_size_for(size, 5 * mib));
    const int count = part_count(size, part_size);
    CHECK(count <= 10'000);
    const auto last = part_slice(count, size, part_size);
    CHECK(last.offset + last.length == size);
  }
}
