// The same table of keys through everything that takes a key.
#include "conformance/weird_keys.h"
#include "conformance/fixture.h"

#include <algorithm>
#include <set>

namespace audiostore::conformance {

class WeirdKeysFixture : public Fixture {
 protected:
  WeirdKeysFixture() {
    for (const auto& text : weird_keys(prefix())) keys.push_back(must(ObjectKey::parse(text)));
  }
  /// Each object holds its own key, so that no two can be mistaken for each other.
  void put_all_keys() {
    for (const auto& one : keys) put(one, one.str());
  }

  std::vector<ObjectKey> keys;
};

TEST_CASE_METHOD(WeirdKeysFixture, "weird keys keep their objects apart", "[weird_keys]") {
  put_all_keys();
  for (const auto& one : keys) {
    INFO(one.str());
    CHECK(bytes_of(one) == one.str());
    CHECK(must(store.head(one)).key == one.str());
  }
}

TEST_CASE_METHOD(WeirdKeysFixture, "weird keys are listed and folded as they are, in byte order", "[weird_keys]") {
  put_all_keys();
  std::set<std::string> names;
  std::set<std::string> folded;
  for (const auto& one : keys) {
    const auto name = one.str().substr(prefix().size());
    names.insert(name);
    if (const auto slash = name.find('/'); slash != name.npos) folded.insert(name.substr(0, slash + 1));
  }
  CHECK(list_all().keys == std::vector(names.begin(), names.end()));
  CHECK(list_all({.max_keys = 7}).keys == std::vector(names.begin(), names.end()));
  CHECK(list_all({.delimiter = "/", .max_keys = 9}).common_prefixes == std::vector(folded.begin(), folded.end()));
}

TEST_CASE_METHOD(WeirdKeysFixture, "weird keys work as prefix and as the place to start behind", "[weird_keys]") {
  put_all_keys();
  std::ranges::sort(keys);
  for (std::size_t i = 0; i < keys.size(); ++i) {
    INFO(keys[i].str());
    const auto page = must(store.list({.prefix = keys[i].str(), .max_keys = 1}));
    REQUIRE(page.objects.size() == 1);
    CHECK(page.objects[0].key == keys[i].str());
    const auto behind = must(store.list({.prefix = prefix(), .start_after = keys[i].str(), .max_keys = 1})).objects;
    if (i + 1 == keys.size()) CHECK(behind.empty());
    if (i + 1 < keys.size()) CHECK(behind.at(0).key == keys[i + 1].str());
  }
}

TEST_CASE_METHOD(WeirdKeysFixture, "weird keys can be copied from and to", "[weird_keys]") {
  const auto plain = key("plain source.wav");
  put(plain, "the source");
  for (const auto& one : keys) {
    INFO(one.str());
    must(store.copy(plain, one));
    must(store.copy(one, key("plain target.wav")));
    CHECK(bytes_of(key("plain target.wav")) == "the source");
  }
}

TEST_CASE_METHOD(WeirdKeysFixture, "weird keys can be removed one by one and together", "[weird_keys]") {
  put_all_keys();
  put(key("stays"));
  const auto half = keys.size() / 2;
  for (std::size_t i = 0; i < half; ++i) {
    INFO(keys[i].str());
    must(store.remove(keys[i]));
    CHECK_FALSE(exists(keys[i]));
  }
  CHECK(list_all().keys.size() == keys.size() - half + 1);
  CHECK(must(store.remove_many(std::span(keys).subspan(half))).all_removed());
  CHECK(list_all().keys == std::vector<std::string>{"stays"});
}

}  // namespace audiostore::conformance
