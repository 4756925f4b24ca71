// What listings do beyond what S3 documents, and what no server can be trusted to do.
#include "store/listing.h"

#include "core/text.h"
#include "support/results.h"

#include <audiostore/memory_store.h>

#include <catch2/catch.hpp>

namespace audiostore {
namespace {

using Names = std::vector<std::string>;

/// One page over `keys`, which are in order.
ListPage page_of(const Names& keys, const ListOptions& options) {
  auto listing = must(Listing::begin(options));
  for (const auto& key : keys) {
    if (!listing.wants_below(key)) continue;
    const auto place = listing.place(key);
    if (place == Listing::Place::behind_the_page) break;
    if (place == Listing::Place::object) listing.add({key, 0, "\"\"", {}});
  }
  return std::move(listing).finish();
}

Names keys_of(const ListPage& page) {
  Names keys;
  for (const auto& object : page.objects) keys.push_back(object.key);
  return keys;
}

}  // namespace

TEST_CASE("a token that is not ours is refused", "[listing]") {
  for (const std::string token : {"x", "a", "AAAA", "from:a", "1", "Zg==", "\xff", " ", "../../etc/passwd"}) {
    CAPTURE(token);
    CHECK(code_of(Listing::begin({.continuation_token = token})) == ErrorCode::invalid_argument);
  }
  const auto store = make_memory_store();
  CHECK(code_of(store->list({.continuation_token = "x"})) == ErrorCode::invalid_argument);
}

TEST_CASE("a token works for any key at the page's end", "[listing]") {
  const Names keys{"a", "a b", "a/b", "caf\u00e9", "\U0001F3A4"};
  for (std::size_t i = 0; i + 1 < keys.size(); ++i) {
    const auto first = page_of(keys, {.max_keys = static_cast<int>(i) + 1});
    const auto second = page_of(keys, {.continuation_token = first.next_token});
    CHECK(keys_of(second) == Names(keys.begin() + static_cast<std::ptrdiff_t>(i) + 1, keys.end()));
  }
}

TEST_CASE("start_after looks at keys, not at the prefixes that they fold into", "[listing]") {
  const Names keys{"a/1", "a/2", "b"};
  CHECK(page_of(keys, {.delimiter = "/", .start_after = "a/1"}).common_prefixes == Names{"a/"});
  CHECK(page_of(keys, {.delimiter = "/", .start_after = "a/2"}).common_prefixes.empty());
  CHECK(page_of(keys, {.delimiter = "/", .start_after = "a/"}).common_prefixes == Names{"a/"});
}

TEST_CASE("a page that ends with a common prefix goes on behind all of it", "[listing]") {
  const Names keys{"a/1", "a/2", "a/3", "a0"};
  const auto first = page_of(keys, {.delimiter = "/", .max_keys = 1});
  CHECK(first.common_prefixes == Names{"a/"});
  const auto second = page_of(keys, {.delimiter = "/", .continuation_token = first.next_token, .max_keys = 1});
  CHECK(keys_of(second) == Names{"a0"});
  CHECK(second.next_token.empty());
}

TEST_CASE("a walk can leave out what no key can be wanted from", "[listing]") {
  const ListOptions options{.prefix = "users/1/", .start_after = "users/1/m"};
  const auto listing = must(Listing::begin(options));
  for (const auto* wanted : {"", "u", "users/", "users/1/", "users/1/m", "users/1/n", "users/1/m/"}) {
    INFO(wanted);
    CHECK(listing.wants_below(wanted));
  }
  for (const auto* unwanted : {"a", "users/0", "users/10/", "users/2/", "users/1/a", "users/1/l/", "v"}) {
    INFO(unwanted);
    CHECK_FALSE(listing.wants_below(unwanted));
  }
}

}  // namespace audiostore
