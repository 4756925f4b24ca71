#include "conformance/fixture.h"
#include "support/random.h"

#include <algorithm>
#include <set>

namespace audiostore::conformance {
namespace {

using Names = std::vector<std::string>;

/// What a listing of `keys` should give, worked out the slow way.
Fixture::Listed expected(const std::set<std::string>& keys, const ListOptions& options);

}  // namespace

class ListFixture : public Fixture {
 protected:
  Names keys(ListOptions options = {}) { return list_all(std::move(options)).keys; }
  Names folded(const std::string& below = {}) { return list_all({.prefix = below, .delimiter = "/"}).common_prefixes; }
};

TEST_CASE_METHOD(ListFixture, "where nothing is, nothing is listed", "[list]") {
  const auto page = must(store.list({.prefix = prefix()}));
  CHECK(page.objects.empty());
  CHECK(page.common_prefixes.empty());
  CHECK(page.next_token.empty());
}

TEST_CASE_METHOD(ListFixture, "keys come in byte order", "[list]") {
  put_all({"b", "a", "a/b", "a-b", "a.b", "a0", "B", "ab", "_", "~"});
  CHECK(keys() == Names{"B", "_", "a", "a-b", "a.b", "a/b", "a0", "ab", "b", "~"});
}

TEST_CASE_METHOD(ListFixture, "the order is that of UTF-8, not of UTF-16", "[list]") {
  put_all({"\U0001F3A4", "\uffe0", "\u00e9", "z"});
  CHECK(keys() == Names{"z", "\u00e9", "\uffe0", "\U0001F3A4"});
}

TEST_CASE_METHOD(ListFixture, "a listing tells size, ETag and time", "[list]") {
  const auto etag = put(key("take.wav"), "12345").etag;
  const auto page = must(store.list({.prefix = prefix()}));
  REQUIRE(page.objects.size() == 1);
  CHECK(page.objects[0].key == key("take.wav").str());
  CHECK(page.objects[0].size == 5);
  CHECK(page.objects[0].etag == etag);
  CHECK(page.objects[0].last_modified > TimePoint());
}

TEST_CASE_METHOD(ListFixture, "a prefix is a beginning, not a directory", "[list]") {
  put_all({"take", "take/1", "takes/1", "tak", "other"});
  CHECK(keys({.prefix = "take"}) == Names{"take", "take/1", "takes/1"});
  CHECK(keys({.prefix = "take/"}) == Names{"take/1"});
  CHECK(keys({.prefix = "take/1"}) == Names{"take/1"});
  CHECK(keys({.prefix = "take/12"}).empty());
  CHECK(keys({.prefix = "t"}) == Names{"tak", "take", "take/1", "takes/1"});
}

TEST_CASE_METHOD(ListFixture, "a prefix that no key can have lists nothing", "[list]") {
  put_all({"a/b", "a"});
  CHECK(keys({.prefix = "a//"}).empty());
  CHECK(keys({.prefix = "a/../"}).empty());
  CHECK(keys({.prefix = "./"}).empty());
  CHECK(keys({.prefix = "a/b/"}).empty());
}

TEST_CASE_METHOD(ListFixture, "a delimiter folds what is behind it", "[list]") {
  put_all({"a", "a/1", "a/2", "b/1/x", "c"});
  const auto listed = list_all({.delimiter = "/"});
  CHECK(listed.keys == Names{"a", "c"});
  CHECK(listed.common_prefixes == Names{"a/", "b/"});
}

TEST_CASE_METHOD(ListFixture, "a delimiter folds behind the prefix only", "[list]") {
  put_all({"a/1", "a/b/1", "a/b/2", "a/c", "b/1"});
  const auto listed = list_all({.prefix = "a/", .delimiter = "/"});
  CHECK(listed.keys == Names{"a/1", "a/c"});
  CHECK(listed.common_prefixes == Names{"a/b/"});
  CHECK(folded("a") == Names{"a/"});
}

TEST_CASE_METHOD(ListFixture, "pages of every size give all keys in order", "[list]") {
  const Names all{"a", "a/1", "a/2", "b", "c/1", "d"};
  put_all(all);
  for (const int size : {1, 2, 3, 4, 5, 7}) {
    CAPTURE(size);
    CHECK(keys({.max_keys = size}) == all);
  }
}

TEST_CASE_METHOD(ListFixture, "common prefixes count towards the page", "[list]") {
  put_all({"a/1", "a/2", "b", "c/1", "c/2", "d/1"});
  for (const int size : {1, 2, 3}) {
    CAPTURE(size);
    const auto listed = list_all({.delimiter = "/", .max_keys = size});
    CHECK(listed.keys == Names{"b"});
    CHECK(listed.common_prefixes == Names{"a/", "c/", "d/"});
  }
}

TEST_CASE_METHOD(ListFixture, "a page that takes everything has no next one", "[list]") {
  put_all({"a", "b", "c"});
  CHECK(must(store.list({.prefix = prefix(), .max_keys = 3})).next_token.empty());
  CHECK_FALSE(must(store.list({.prefix = prefix(), .max_keys = 2})).next_token.empty());
  CHECK(list_all({.max_keys = 3}).pages == 1);
}

TEST_CASE_METHOD(ListFixture, "a listing may start behind a key that is there", "[list]") {
  put_all({"a", "b", "b/1", "c"});
  CHECK(keys({.start_after = "b"}) == Names{"b/1", "c"});
  CHECK(keys({.start_after = "c"}).empty());
}

TEST_CASE_METHOD(ListFixture, "a listing may start behind a key that is not there", "[list]") {
  put_all({"a", "b", "b/1", "c"});
  CHECK(keys({.start_after = "aa"}) == Names{"b", "b/1", "c"});
  CHECK(keys({.start_after = "b/0"}) == Names{"b/1", "c"});
  CHECK(keys({.start_after = "zzz"}).empty());
}

TEST_CASE_METHOD(ListFixture, "start_after goes with a prefix and with pages", "[list]") {
  put_all({"a/1", "a/2", "a/3", "b/1"});
  CHECK(keys({.prefix = "a/", .start_after = "a/1", .max_keys = 1}) == Names{"a/2", "a/3"});
  CHECK(keys({.prefix = "b/", .start_after = "a/2"}) == Names{"b/1"});
  CHECK(keys({.prefix = "a/", .start_after = "b"}).empty());
}

TEST_CASE_METHOD(ListFixture, "what was removed is not listed, nor the directory that it leaves", "[list]") {
  put_all({"a/1", "b/1"});
  must(store.remove(key("a/1")));
  CHECK(keys() == Names{"b/1"});
  CHECK(folded() == Names{"b/"});
}

TEST_CASE_METHOD(ListFixture, "keys put between two pages are listed where they belong", "[list]") {
  put_all({"a", "c", "e"});
  const auto page = must(store.list({.prefix = prefix(), .max_keys = 2}));
  put_all({"b", "d"});
  const auto next = must(store.list({.prefix = prefix(), .continuation_token = page.next_token}));
  REQUIRE(next.objects.size() == 2);
  CHECK(next.objects[0].key == key("d").str());
  CHECK(next.objects[1].key == key("e").str());
}

TEST_CASE_METHOD(ListFixture, "a page goes on where the key at its end was removed", "[list]") {
  put_all({"a", "b", "c"});
  const auto page = must(store.list({.prefix = prefix(), .max_keys = 2}));
  must(store.remove(key("b")));
  const auto next = must(store.list({.prefix = prefix(), .continuation_token = page.next_token}));
  REQUIRE(next.objects.size() == 1);
  CHECK(next.objects[0].key == key("c").str());
}

TEST_CASE_METHOD(ListFixture, "arguments that no listing can have are refused", "[list]") {
  CHECK(code_of(store.list({.max_keys = 0})) == ErrorCode::invalid_argument);
  CHECK(code_of(store.list({.max_keys = -1})) == ErrorCode::invalid_argument);
  CHECK(code_of(store.list({.max_keys = 1001})) == ErrorCode::invalid_argument);
  CHECK(code_of(store.list({.delimiter = "//"})) == ErrorCode::invalid_argument);
  CHECK(code_of(store.list({.delimiter = "-"})) == ErrorCode::invalid_argument);
  CHECK(code_of(store.list({.prefix = "a\nb"})) == ErrorCode::invalid_argument);
  CHECK(code_of(store.list({.prefix = "\xff"})) == ErrorCode::invalid_argument);
  CHECK(code_of(store.list({.start_after = "\xc0\xaf"})) == ErrorCode::invalid_argument);
}

TEST_CASE_METHOD(ListFixture, "random listings agree with a model", "[list]") {
  const auto seed = test_seed();
  INFO("seed " << seed);
  Random random(seed);
  std::set<std::string> names;
  while (names.size() < 30) {
    std::string name = random.text("ab", 1);
    for (auto more = random.below(6); more > 0; --more) name += random.text(name.back() == '/' ? "ab" : "ab-./0", 1);
    if (ObjectKey::parse(name)) names.insert(name);
  }
  put_all({names.begin(), names.end()});
  for (int i = 0; i < 25; ++i) {
    ListOptions options{.delimiter = random.below(2) == 0 ? "/" : "",
                        .max_keys = 1 + static_cast<int>(random.below(12))};
    const auto& some = *std::next(names.begin(), static_cast<std::ptrdiff_t>(random.below(names.size())));
    options.prefix = some.substr(0, random.below(some.size() + 1));
    CAPTURE(options.prefix, options.delimiter, options.max_keys);
    const auto listed = list_all(options);
    const auto model = expected(names, options);
    CHECK(listed.keys == model.keys);
    CHECK(listed.common_prefixes == model.common_prefixes);
  }
}

namespace {

Fixture::Listed expected(const std::set<std::string>& keys, const ListOptions& options) {
  Fixture::Listed listed;
  for (const auto& key : keys) {
    if (!key.starts_with(options.prefix)) continue;
    const auto cut = options.delimiter.empty() ? key.npos : key.find('/', options.prefix.size());
    if (cut == key.npos) {
      listed.keys.push_back(key);
    } else if (const auto prefix = key.substr(0, cut + 1);
               listed.common_prefixes.empty() || listed.common_prefixes.back() != prefix) {
      listed.common_prefixes.push_back(prefix);
    }
  }
  return listed;
}

}  // namespace
}  // namespace audiostore::conformance
