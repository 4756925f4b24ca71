#include "store/side_car.h"

#include "support/results.h"

#include <catch2/catch.hpp>

namespace audiostore {

TEST_CASE("a side-car comes back as it was written", "[side_car]") {
  const SideCar side_car{"caf\u00e9 \"1\"/take.wav",
                         "\"abc\"",
                         {.content_type = "audio/wav",
                          .content_disposition = "attachment; filename=\"a\\b.wav\"",
                          .cache_control = "no-store",
                          .metadata = {{"a", "1"}, {"b", "</x>"}}},
                         {{"kind", "caf\u00e9"}, {"empty", ""}}};
  const auto read = must(parse_side_car(to_json(side_car)));
  CHECK(read.key == side_car.key);
  CHECK(read.etag == side_car.etag);
  CHECK(read.attributes == side_car.attributes);
  CHECK(read.tags == side_car.tags);
}

TEST_CASE("a side-car from before there were tags is read as one without", "[side_car]") {
  const auto read = must(parse_side_car(R"({"version":1,"key":"k","etag":"\"e\"","content_type":"audio/wav",
                                           "content_disposition":"","cache_control":"","metadata":{"a":"1"}})"));
  CHECK(read.tags.empty());
  CHECK(read.attributes.metadata == Metadata{{"a", "1"}});
}

TEST_CASE("a damaged side-car is an error and nothing worse", "[side_car]") {
  const std::string good = to_json({"key", "\"etag\"", {}});
  for (std::size_t length = 0; length < good.size(); ++length) {
    INFO(good.substr(0, length));
    CHECK(code_of(parse_side_car(good.substr(0, length))) == ErrorCode::corrupt);
  }
  for (const std::string text :
       {"null", "[]", "{}", "1", "\"x\"", "{\"version\":1}", "\xff", "{\"version\":2,\"key\":\"k\"}",
        R"({"version":1,"key":1,"etag":"","content_type":"","content_disposition":"",
                                    "cache_control":"","metadata":{}})"}) {
    INFO(text);
    CHECK(code_of(parse_side_car(text)) == ErrorCode::corrupt);
  }
}

TEST_CASE("S9: a side-car that would inject a header line is damaged", "[side_car]") {
  const SideCar good{"key", "\"etag\"", {}};
  REQUIRE(parse_side_car(to_json(good)));
  SideCar type = good;
  type.attributes.content_type = "a\r\nSet-Cookie: x=1";
  SideCar etag = good;
  etag.etag = "\"e\"\r\nX: 1";
  SideCar name = good;
  name.attributes.metadata = {{"a\r\nb", "x"}};
  SideCar tag = good;
  tag.tags = {{"a", "b\r\nc"}};
  for (const SideCar& bad : {type, etag, name, tag}) CHECK(code_of(parse_side_car(to_json(bad))) == ErrorCode::corrupt);
}

}  // namespace audiostore
