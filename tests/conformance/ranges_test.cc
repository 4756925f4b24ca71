#include "conformance/fixture.h"
#include "support/random.h"

namespace audiostore::conformance {
namespace {

constexpr std::uint64_t far_out = std::uint64_t{1} << 62;

}  // namespace

class RangeFixture : public Fixture {
 protected:
  RangeFixture() { put(key(), "0123456789"); }

  std::string range(ByteRange range) { return must(get(key(), {.range = range})).bytes; }
  ErrorCode refusal(ByteRange range) { return code_of(get(key(), {.range = range})); }
};

TEST_CASE_METHOD(RangeFixture, "a range delivers the bytes between, both ends included", "[ranges]") {
  CHECK(range(ByteRange::between(0, 9)) == "0123456789");
  CHECK(range(ByteRange::between(0, 0)) == "0");
  CHECK(range(ByteRange::between(0, 1)) == "01");
  CHECK(range(ByteRange::between(3, 6)) == "3456");
  CHECK(range(ByteRange::between(9, 9)) == "9");
}

TEST_CASE_METHOD(RangeFixture, "a range may begin anywhere and go to the end", "[ranges]") {
  CHECK(range(ByteRange::from(0)) == "0123456789");
  CHECK(range(ByteRange::from(4)) == "456789");
  CHECK(range(ByteRange::from(9)) == "9");
}

TEST_CASE_METHOD(RangeFixture, "a range may be the last bytes", "[ranges]") {
  CHECK(range(ByteRange::last(1)) == "9");
  CHECK(range(ByteRange::last(4)) == "6789");
  CHECK(range(ByteRange::last(10)) == "0123456789");
}

TEST_CASE_METHOD(RangeFixture, "a range that reaches past the end is cut", "[ranges]") {
  CHECK(range(ByteRange::between(8, 10)) == "89");
  CHECK(range(ByteRange::between(0, far_out)) == "0123456789");
  CHECK(range(ByteRange::last(11)) == "0123456789");
  CHECK(range(ByteRange::last(far_out)) == "0123456789");
}

TEST_CASE_METHOD(RangeFixture, "a range behind the end is not satisfiable", "[ranges]") {
  CHECK(refusal(ByteRange::from(10)) == ErrorCode::range_not_satisfiable);
  CHECK(refusal(ByteRange::between(10, 10)) == ErrorCode::range_not_satisfiable);
  CHECK(refusal(ByteRange::from(far_out)) == ErrorCode::range_not_satisfiable);
}

TEST_CASE_METHOD(RangeFixture, "a range that no object could satisfy is a mistake", "[ranges]") {
  CHECK(refusal(ByteRange::between(2, 1)) == ErrorCode::invalid_argument);
  CHECK(refusal(ByteRange::last(0)) == ErrorCode::invalid_argument);
}

TEST_CASE_METHOD(RangeFixture, "no range of an empty object is satisfiable", "[ranges]") {
  put(key(), "");
  CHECK(refusal(ByteRange::from(0)) == ErrorCode::range_not_satisfiable);
  CHECK(refusal(ByteRange::between(0, 0)) == ErrorCode::range_not_satisfiable);
}

TEST_CASE_METHOD(RangeFixture, "a range tells the slice and the size of the whole", "[ranges]") {
  const auto got = must(get(key(), {.range = ByteRange::last(3)}));
  CHECK(got.info.size == 10);
  CHECK(got.info.delivered.offset == 7);
  CHECK(got.info.delivered.length == 3);
  CHECK(got.info.etag == must(store.head(key())).etag);
}

TEST_CASE_METHOD(RangeFixture, "a range of what is not there is not found", "[ranges]") {
  CHECK(code_of(get(key("none"), {.range = ByteRange::from(0)})) == ErrorCode::not_found);
}

TEST_CASE_METHOD(RangeFixture, "random ranges are slices of the whole", "[ranges]") {
  const std::string whole = pattern(200'000);
  put(key(), whole);
  const auto seed = test_seed();
  INFO("seed " << seed);
  Random random(seed);
  for (int i = 0; i < 20; ++i) {
    const std::size_t first = random.below(whole.size());
    const std::size_t last = first + random.below(whole.size() - first);
    CAPTURE(first, last);
    CHECK(range(ByteRange::between(first, last)) == whole.substr(first, last - first + 1));
  }
}

}  // namespace audiostore::conformance
