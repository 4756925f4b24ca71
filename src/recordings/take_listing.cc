#include "recordings/take_listing.h"

#include "core/call_guard.h"

#include <fmt/format.h>

#include <set>

namespace audiostore {
namespace {

constexpr int max_empty_pages = 100;  // in a row; S3 may send some where many objects were just removed

/// Takes pages in and checks that together they are one listing.
class Listing {
 public:
  explicit Listing(std::string prefix) : prefix_(std::move(prefix)) {}

  [[nodiscard]] const std::string& next_token() const noexcept { return next_token_; }

  Result<void> add(ListPage page) {
    empty_pages_ = page.objects.empty() ? empty_pages_ + 1 : 0;
    if (empty_pages_ > max_empty_pages) return broken("it sends empty pages without end");
    for (ObjectSummary& object : page.objects) {
      if (auto added = add(std::move(object)); !added) return added;
    }
    if (!page.next_token.empty() && !tokens_.insert(page.next_token).second) {
      return broken("it sends a continuation token a second time");
    }
    next_token_ = std::move(page.next_token);
    return {};
  }

  [[nodiscard]] std::vector<Take> take_all() && { return std::move(takes_); }

 private:
  Result<void> add(ObjectSummary object) {
    if (!object.key.starts_with(prefix_)) return broken("it lists a key outside of the prefix asked for");
    if (object.key <= last_key_) return broken("its keys are not in order");
    last_key_ = object.key;
    if (auto key = AudioKey::parse(object.key)) {
      takes_.push_back({std::move(*key), object.size, std::move(object.etag), object.last_modified});
    }
    return {};
  }

  [[nodiscard]] Error broken(std::string_view how) const {
    return Error(ErrorCode::corrupt, fmt::format("the store's listing cannot be trusted: {}", how))
        .with_operation("list")
        .with_key(prefix_);
  }

  std::string prefix_;
  std::string last_key_;
  std::string next_token_;
  std::set<std::string> tokens_;
  int empty_pages_ = 0;
  std::vector<Take> takes_;
};

}  // namespace

Result<std::vector<Take>> list_takes(ObjectStore& store, const std::string& prefix, const CallOptions& options) {
  const CallGuard guard(options);
  Listing listing(prefix);
  do {
    CallOptions call = guard.remaining();
    call.on_progress = {};  // which would begin anew with each page
    auto added = guard.check()
                     .and_then([&] {
                       return store.list(
                           {.prefix = prefix, .continuation_token = listing.next_token(), .call = std::move(call)});
                     })
                     .and_then([&](ListPage page) { return listing.add(std::move(page)); });
    if (!added) return std::move(added).error();
  } while (!listing.next_token().empty());
  return std::move(listing).take_all();
}

}  // namespace audiostore
