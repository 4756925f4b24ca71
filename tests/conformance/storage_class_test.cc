// Storage classes: the one that every store has, and those that only some have.
#include "conformance/fixture.h"

namespace audiostore::conformance {

class StorageClassFixture : public Fixture {
 protected:
  Result<PutResult> put_as(std::string storage_class) {
    return store.put(key(), Payload::from_string("x"), {.storage_class = std::move(storage_class)});
  }
};

TEST_CASE_METHOD(StorageClassFixture, "an object is in the standard class unless somebody says otherwise",
                 "[storage_class]") {
  put(key());
  CHECK(must(store.head(key())).storage_class == standard_storage_class);
  CHECK(must(get(key())).info.storage_class == standard_storage_class);
  const auto page = must(store.list({.prefix = prefix()}));
  REQUIRE(page.objects.size() == 1);
  CHECK(page.objects.front().storage_class == standard_storage_class);
}

TEST_CASE_METHOD(StorageClassFixture, "the standard class can be asked for everywhere", "[storage_class]") {
  must(put_as("STANDARD"));
  CHECK(must(store.head(key())).storage_class == standard_storage_class);
  must(store.copy(key(), key("copy"), {.storage_class = "STANDARD"}));
  CHECK(must(store.head(key("copy"))).storage_class == standard_storage_class);
}

TEST_CASE_METHOD(StorageClassFixture, "a class that the store does not have is refused", "[storage_class]") {
  const ErrorCode refusal = can.storage_classes ? ErrorCode::invalid_argument : ErrorCode::unsupported;
  CHECK(code_of(put_as("NO_SUCH_CLASS_EVER")) == refusal);
  CHECK_FALSE(exists(key()));
}

TEST_CASE_METHOD(StorageClassFixture, "a class that is no word is refused", "[storage_class]") {
  for (const auto* bad : {"A B", "A\r\nX: y", "\u00e9", "<A>"}) {
    CAPTURE(bad);
    CHECK(code_of(put_as(bad)) == ErrorCode::invalid_argument);
  }
  CHECK(code_of(put_as(std::string(65, 'A'))) == ErrorCode::invalid_argument);
  CHECK_FALSE(exists(key()));
}

}  // namespace audiostore::conformance
