// Tags: labels that can be changed in place.
#include "conformance/fixture.h"

namespace audiostore::conformance {

class TagsFixture : public Fixture {
 protected:
  /// False where the store has no tags; then every way to them has to say so.
  bool can_tag() {
    if (can.tags) return true;
    put(key());
    CHECK(code_of(store.tags(key())) == ErrorCode::unsupported);
    CHECK(code_of(store.set_tags(key(), {{"a", "1"}})) == ErrorCode::unsupported);
    CHECK(code_of(store.put(key("tagged"), Payload(), {.tags = {{"a", "1"}}})) == ErrorCode::unsupported);
    CHECK_FALSE(exists(key("tagged")));
    return false;
  }
};

TEST_CASE_METHOD(TagsFixture, "an object has the tags that it was put with", "[tags]") {
  if (!can_tag()) return;
  const Tags tags{{"kind", "raw take"}, {"empty", ""}, {"symbols", "+-=._:/@ x"}};
  put(key(), "bytes", {.tags = tags});
  CHECK(must(store.tags(key())) == tags);
  put(key("plain"), "bytes");
  CHECK(must(store.tags(key("plain"))).empty());
}

TEST_CASE_METHOD(TagsFixture, "tags may be of any script", "[tags]") {
  if (!can_tag()) return;
  const Tags tags{{"k\u00fcnstler", "\u4e09\u5473\u7dda"}};
  put(key(), "bytes", {.tags = tags});
  CHECK(must(store.tags(key())) == tags);
  must(store.set_tags(key(), {{"\u00e9t\u00e9", "\u00fc"}}));
  CHECK(must(store.tags(key())) == Tags{{"\u00e9t\u00e9", "\u00fc"}});
}

TEST_CASE_METHOD(TagsFixture, "set_tags replaces the tags and nothing else", "[tags]") {
  if (!can_tag()) return;
  const ObjectAttributes attributes{.content_type = "audio/wav", .metadata = {{"take", "1"}}};
  put(key(), "bytes", {.attributes = attributes, .tags = {{"old", "1"}, {"both", "1"}}});
  const auto before = must(store.head(key()));
  const Tags tags{{"new", "2"}, {"both", "2 + 2 = 4"}};
  must(store.set_tags(key(), tags));
  CHECK(must(second.tags(key())) == tags);
  const auto after = must(store.head(key()));
  CHECK(after.etag == before.etag);
  CHECK(after.last_modified == before.last_modified);
  CHECK(after.attributes == attributes);
  CHECK(bytes_of(key()) == "bytes");
}

TEST_CASE_METHOD(TagsFixture, "no tags can be set as well", "[tags]") {
  if (!can_tag()) return;
  put(key(), "bytes", {.tags = {{"old", "1"}}});
  must(store.set_tags(key(), {}));
  CHECK(must(store.tags(key())).empty());
}

TEST_CASE_METHOD(TagsFixture, "a put drops the tags of the object that it replaces", "[tags]") {
  if (!can_tag()) return;
  put(key(), "bytes", {.tags = {{"old", "1"}}});
  put(key(), "others");
  CHECK(must(store.tags(key())).empty());
}

TEST_CASE_METHOD(TagsFixture, "a copy has the tags of its source, with new attributes too", "[tags]") {
  if (!can_tag()) return;
  const Tags tags{{"kind", "raw"}};
  put(key(), "bytes", {.tags = tags});
  must(store.copy(key(), key("copy")));
  CHECK(must(store.tags(key("copy"))) == tags);
  must(store.copy(key(), key("other"), {.attributes = ObjectAttributes{.content_type = "audio/wav"}}));
  CHECK(must(store.tags(key("other"))) == tags);
}

TEST_CASE_METHOD(TagsFixture, "what is not there has no tags and gets none", "[tags]") {
  if (!can_tag()) return;
  CHECK(code_of(store.tags(key("none"))) == ErrorCode::not_found);
  CHECK(code_of(store.set_tags(key("none"), {{"a", "1"}})) == ErrorCode::not_found);
  CHECK_FALSE(exists(key("none")));
}

TEST_CASE_METHOD(TagsFixture, "the longest tags and ten of them are kept", "[tags]") {
  if (!can_tag()) return;
  Tags tags{{std::string(128, 'n'), std::string(256, 'v')}};
  for (int i = 1; i < 10; ++i) tags["t" + std::to_string(i)] = std::to_string(i);
  put(key(), "bytes", {.tags = tags});
  CHECK(must(store.tags(key())) == tags);
}

TEST_CASE_METHOD(TagsFixture, "tags that no service would keep are refused", "[tags]") {
  put(key());
  Tags eleven;
  for (int i = 0; i < 11; ++i) eleven["t" + std::to_string(i)] = "";
  for (const Tags& bad : {eleven, Tags{{"", "x"}}, Tags{{std::string(129, 'n'), ""}},
                          Tags{{"n", std::string(257, 'v')}}, Tags{{"aws:x", "1"}}, Tags{{"a&b", "1"}},
                          Tags{{"a", "<b>"}}, Tags{{"a\r\nb", "1"}}, Tags{{"a", " b"}}, Tags{{"a", "\xff"}}}) {
    CHECK(code_of(store.set_tags(key(), bad)) == ErrorCode::invalid_argument);
    CHECK(code_of(store.put(key("bad"), Payload(), {.tags = bad})) == ErrorCode::invalid_argument);
  }
  CHECK_FALSE(exists(key("bad")));
}

}  // namespace audiostore::conformance
