// The name of an object in a bucket.
#pragma once

#include <audiostore/error.h>

#include <compare>
#include <string>
#include <string_view>

namespace audiostore {

/// The name of an object, checked once and then trusted everywhere.
///
/// Invariants:
///  - valid UTF-8 of 1 to 1,024 bytes (S3's limit)           "take.wav", "projet/été.wav"; not "" and not "\xff"
///  - no control character (U+0000-U+001F, U+007F-U+009F)    not "a\nb"
///  - no leading or trailing '/', no empty segment           not "/a", "a/", "a//b"
///  - no segment "." or ".."                                 not "a/../b"; "..a" and "a..b" are fine
///
/// What the last two lines exclude is legal in S3, but clients, proxies and disks fold such paths, and then touch
/// another object than the one that was meant. Keys compare byte by byte, as S3 sorts them; "é" in one and in two code
/// points are two keys.
class ObjectKey {
 public:
  /// Errors: invalid_argument, naming the rule that `text` breaks.
  static Result<ObjectKey> parse(std::string_view text);

  [[nodiscard]] const std::string& str() const noexcept { return text_; }

  friend auto operator<=>(const ObjectKey& a, const ObjectKey& b) noexcept {
    return a.text_.compare(b.text_) <=> 0;  // char_traits compares as unsigned bytes
  }
  friend bool operator==(const ObjectKey&, const ObjectKey&) = default;

 private:
  explicit ObjectKey(std::string text) : text_(std::move(text)) {}
  std::string text_;
};

}  // namespace audiostore
