#include "conformance/fixture.h"

namespace audiostore::conformance {

TEST_CASE_METHOD(Fixture, "what was removed is gone", "[remove]") {
  put(key());
  must(store.remove(key()));
  CHECK(code_of(store.head(key())) == ErrorCode::not_found);
  CHECK(code_of(get(key())) == ErrorCode::not_found);
  CHECK(list_all().keys.empty());
}

TEST_CASE_METHOD(Fixture, "removing what is not there succeeds", "[remove]") {
  CHECK(store.remove(key()));
  put(key());
  CHECK(store.remove(key()));
  CHECK(store.remove(key()));
  CHECK(store.remove(key("no/such/directory")));
}

TEST_CASE_METHOD(Fixture, "a remove leaves the neighbours", "[remove]") {
  const std::vector<std::string> names{"a", "a/b", "a/b/c", "a.b", "A"};
  put_all(names);
  must(store.remove(key("a")));
  CHECK(bytes_of(key("a/b")) == "a/b");
  must(store.remove(key("a/b")));
  CHECK(bytes_of(key("a/b/c")) == "a/b/c");
  CHECK(bytes_of(key("a.b")) == "a.b");
  CHECK(bytes_of(key("A")) == "A");
}

TEST_CASE_METHOD(Fixture, "a key can be put again after its removal", "[remove]") {
  put(key(), "old", {.attributes = {.metadata = {{"a", "1"}}}});
  must(store.remove(key()));
  put(key(), "new");
  CHECK(bytes_of(key()) == "new");
  CHECK(must(store.head(key())).attributes.metadata.empty());
}

TEST_CASE_METHOD(Fixture, "a key that was a directory can become an object, and back", "[remove]") {
  put(key("a/b"), "below");
  must(store.remove(key("a/b")));
  put(key("a"), "above");
  CHECK(bytes_of(key("a")) == "above");
  must(store.remove(key("a")));
  put(key("a/b"), "below");
  CHECK(bytes_of(key("a/b")) == "below");
}

TEST_CASE_METHOD(Fixture, "remove_many removes each key and says so in order", "[remove]") {
  put_all({"a", "b/c", "d", "stays"});
  const std::vector<ObjectKey> keys{key("d"), key("a"), key("was never there"), key("b/c")};
  const auto report = must(store.remove_many(keys));
  REQUIRE(report.outcomes.size() == keys.size());
  for (std::size_t i = 0; i < keys.size(); ++i) {
    CHECK(report.outcomes[i].key == keys[i]);
    CHECK_FALSE(report.outcomes[i].error);
  }
  CHECK(report.all_removed());
  CHECK(list_all().keys == std::vector<std::string>{"stays"});
}

TEST_CASE_METHOD(Fixture, "remove_many of no keys does nothing", "[remove]") {
  put(key());
  const auto report = must(store.remove_many({}));
  CHECK(report.outcomes.empty());
  CHECK(exists(key()));
}

TEST_CASE_METHOD(Fixture, "remove_many takes more keys than one request of S3", "[remove]") {
  std::vector<ObjectKey> keys;
  for (int i = 0; i < 1001; ++i) keys.push_back(key("take-" + std::to_string(i)));
  put(keys.front());
  put(keys.back());
  const auto report = must(store.remove_many(keys));
  CHECK(report.outcomes.size() == 1001);
  CHECK(report.all_removed());
  CHECK(list_all().keys.empty());
}

TEST_CASE_METHOD(Fixture, "remove through one handle is seen by the other", "[remove]") {
  put(key());
  must(second.remove(key()));
  CHECK_FALSE(exists(key()));
  CHECK(must(second.list({.prefix = prefix()})).objects.empty());
}

}  // namespace audiostore::conformance
