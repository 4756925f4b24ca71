// Turns keys that come in byte order into one page of a listing.
#pragma once

#include <audiostore/error.h>
#include <audiostore/object_store.h>

#include <string>
#include <string_view>

namespace audiostore {

/// One page under way. A store walks its keys in byte order from from() on, asks place() about each of them, and stops
/// at Place::behind_the_page or when no key can follow. Not for use by several threads.
class Listing {
 public:
  /// Errors: invalid_argument for a continuation token that none of our pages gave out.
  static Result<Listing> begin(const ListOptions& options);

  /// No key below this text is wanted. Grows past the keys that a common prefix stands for.
  [[nodiscard]] const std::string& from() const noexcept { return from_; }

  /// Whether any key that begins with `text` could still be wanted.
  [[nodiscard]] bool wants_below(std::string_view text) const noexcept;

  enum class Place {
    not_wanted,       ///< before from() or outside of the prefix
    folded,           ///< counted, as a common prefix
    object,           ///< to be added with add()
    behind_the_page,  ///< the page is full; there is a next one
  };
  /// Where the key of an existing object belongs. REQUIRES: keys in ascending order.
  Place place(std::string_view key);

  /// Adds the object whose key place() last called Place::object.
  void add(ObjectSummary object);

  /// The page. Call once, at the end.
  ListPage finish() && { return std::move(page_); }

 private:
  Listing(const ListOptions& options, std::string from);

  const ListOptions& options_;
  std::string from_;
  ListPage page_;
};

}  // namespace audiostore
