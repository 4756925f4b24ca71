#include "recordings/take_listing.h"

#include "recordings/audio_store_fixture.h"

#include <catch2/catch.hpp>

namespace audiostore {
namespace {

using std::chrono::hours;

const std::string prefix = "users/u/projects/p/recordings/";

std::string take(const std::string& recording) { return prefix + recording + ".wav"; }

ListPage page_of(const std::vector<std::string>& keys, std::string next_token) {
  ListPage page;
  for (const std::string& key : keys) page.objects.push_back({key, 1, "\"e\"", {}});
  page.next_token = std::move(next_token);
  return page;
}

struct ListingFixture : AudioStoreFixture {
  Result<std::vector<Take>> list(const CallOptions& options = {}) const { return list_takes(*store, prefix, options); }

  /// Serves these pages, one a call; the call after the last fails the test.
  void serve(std::vector<ListPage> pages) const {
    store->list_with = [pages = std::move(pages), next = std::size_t{0}](const ListOptions&) mutable {
      REQUIRE(next < pages.size());
      return Result<ListPage>(pages[next++]);
    };
  }
};

TEST_CASE_METHOD(ListingFixture, "takes come in key order over any number of pages", "[take_listing]") {
  std::vector<std::string> expected;
  for (int i = 0; i < 25; ++i) expected.push_back(take(std::string(1, static_cast<char>('a' + i))));
  for (const std::string& key : expected) plant(key);
  store->page_size = 4;
  const auto takes = list().value();
  REQUIRE(takes.size() == expected.size());
  for (std::size_t i = 0; i < takes.size(); ++i) CHECK(takes[i].key.str() == expected[i]);
  CHECK(takes[0].size == 1);
  CHECK(takes[0].etag == "\"planted\"");
  CHECK(store->calls.size() == 7);
}

TEST_CASE_METHOD(ListingFixture, "objects that are no takes are passed over", "[take_listing]") {
  for (const char* other : {"a.WAV", "a.exe", "a", "b/c.wav", ".wav", "e f.wav"}) plant(prefix + other);
  plant(take("real"));
  const auto takes = list().value();
  REQUIRE(takes.size() == 1);
  CHECK(takes[0].key.str() == take("real"));
}

TEST_CASE_METHOD(ListingFixture, "nothing there is an empty listing", "[take_listing]") {
  CHECK(list().value().empty());
}

TEST_CASE_METHOD(ListingFixture, "a few empty pages are nothing to worry about", "[take_listing]") {
  serve({page_of({}, "1"), page_of({}, "2"), page_of({take("a")}, "3"), page_of({}, "")});
  CHECK(list().value().size() == 1);
}

TEST_CASE_METHOD(ListingFixture, "a listing that does not hold together is corrupt, never the end", "[take_listing]") {
  const std::vector<std::vector<ListPage>> broken = {
      {page_of({take("a")}, "t"), page_of({take("b")}, "t")},   // the same token again
      {page_of({}, "t"), page_of({}, "u"), page_of({}, "t")},   // a token from before
      {page_of({take("b"), take("a")}, "")},                    // out of order
      {page_of({take("a"), take("a")}, "")},                    // twice
      {page_of({take("b")}, "t"), page_of({take("a")}, "")},    // out of order across pages
      {page_of({take("b")}, "t"), page_of({take("b")}, "")},    // twice across pages
      {page_of({"users/u/projects/p/recordingsX/a.wav"}, "")},  // not below the prefix
      {page_of({"users/v/projects/p/recordings/a.wav"}, "")},   // another user's
      {page_of({""}, "")},                                      // no key
  };
  for (const auto& pages : broken) {
    CAPTURE(&pages - broken.data());
    serve(pages);
    const Error error = list().error();
    CHECK(error.code() == ErrorCode::corrupt);
    CHECK(error.operation() == "list");
    CHECK(error.key() == prefix);
  }
}

TEST_CASE_METHOD(ListingFixture, "empty pages without end come to an end", "[take_listing]") {
  store->list_with = [n = 0](const ListOptions&) mutable { return Result<ListPage>(page_of({}, std::to_string(++n))); };
  CHECK(list().error().code() == ErrorCode::corrupt);
  CHECK(store->calls.size() < 200);
}

TEST_CASE_METHOD(ListingFixture, "an error on a later page is the listing's", "[take_listing]") {
  plant(take("a"));
  plant(take("b"));
  store->page_size = 1;
  store->fail_call(2, Error(ErrorCode::unavailable, "busy"));
  CHECK(list().error().code() == ErrorCode::unavailable);
}

TEST_CASE_METHOD(ListingFixture, "the pages report no progress of their own", "[take_listing]") {
  CHECK(list({.on_progress = [](const Progress&) {}}));
  CHECK_FALSE(store->last_call.on_progress);
}

TEST_CASE_METHOD(ListingFixture, "the deadline is that of all pages together", "[take_listing]") {
  plant(take("a"));
  plant(take("b"));
  store->page_size = 1;
  CHECK(list({.deadline = hours(1)}));
  CHECK(store->last_call.deadline > hours(0));
  CHECK(store->last_call.deadline <= hours(1));
}

TEST_CASE_METHOD(ListingFixture, "a stop request ends it between pages", "[take_listing]") {
  plant(take("a"));
  plant(take("b"));
  store->page_size = 1;
  std::stop_source source;
  store->before_call = [&](const std::string&) {
    source.request_stop();
    return Result<void>();
  };
  CHECK(list({.stop = source.get_token()}).error().code() == ErrorCode::cancelled);
  CHECK(store->calls.size() == 1);
}

}  // namespace
}  // namespace audiostore
