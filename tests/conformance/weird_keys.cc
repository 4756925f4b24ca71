#include "conformance/weird_keys.h"

#include <array>

namespace audiostore::conformance {
namespace {

constexpr std::size_t longest_key = 1024;

constexpr auto short_names = std::to_array<std::string_view>({
    // What URLs and query strings give a meaning of their own.
    "with space.wav",
    "two  spaces",
    " leading space",
    "trailing space ",
    " ",
    "plus+plus",
    "%",
    "%2F",
    "%25",
    "%zz",
    "100%",
    "%2e%2e%2f",
    "%252e",
    "a&b=c",
    "question?mark=1",
    "hash#tag",
    "tilde~",
    "~",
    "star*",
    "it's",
    "(parens)",
    "bang!",
    "at@sign",
    "co:lon",
    "semi;colon",
    "com,ma",
    "dol$lar",
    "\"quoted\"",
    "back\\slash",
    "..\\up",
    "<angle>",
    "[square]",
    "{curly}",
    "pipe|",
    "caret^",
    "back`tick",
    "&amp;",
    "]]>",
    "x-amz-meta-a",
    "?list-type=2",
    "a=b/c=d",
    // Unicode: one and two code points, beyond the first plane, right to left, invisible, full-width look-alikes.
    "caf\u00e9",
    "cafe\u0301",
    "\u540d\u524d/\u9332\u97f3.wav",
    "\U0001F3A4 take.wav",
    "\u05e9\u05dc\u05d5\u05dd",
    "\u202egnp.exe",
    "zero\u200bwidth",
    "\ufeffbom",
    "\uff0f",
    "\u2024\u2024",
    "\u00a0",
    "\u2028",
    "\ufffd",
    "\U0010FFFF",
    // What disks and shells give a meaning of their own.
    "..a",
    "a..b",
    "...",
    ".../...",
    ".hidden",
    ".audiostore",
    ".audiostore/meta/x",
    ".audiostore/tmp/x",
    "trailing dot.",
    "dots..",
    "dots../x",
    "CON",
    "nul",
    "NUL.wav",
    "com1/lpt9.txt",
    "C:",
    "C:/x",
    "-rf",
    "--",
    "$(x)",
    "a%o",
    "a%d",
    "a%+",
    "a%d/b",
    // Names that lie close to each other, as file and as directory.
    "a",
    "a/b",
    "a/b/c",
    "a.b",
    "a.b/c",
    "a-b",
    "a0",
    "A",
    "A/B",
    "take.wav",
    "take.wav/take.wav",
    "Take.WAV",
});

/// Segments of 79 to 256 bytes: around what one file name holds.
void add_long_segments(std::vector<std::string>& keys, const std::string& prefix) {
  for (const std::size_t length : {79U, 80U, 81U, 160U, 161U, 255U, 256U}) {
    keys.push_back(prefix + std::string(length, 's'));
    keys.push_back(prefix + std::string(length, 's') + "/below");
  }
}

/// Keys of exactly 1,024 bytes.
void add_longest(std::vector<std::string>& keys, const std::string& prefix) {
  const std::size_t room = longest_key - prefix.size();
  keys.push_back(prefix + std::string(room, 'x'));
  keys.push_back(prefix + std::string(room, '%'));
  std::string many_segments = prefix;
  while (many_segments.size() + 2 < longest_key) many_segments += "d/";
  keys.push_back(many_segments + std::string(longest_key - many_segments.size(), 'f'));
  std::string three_bytes_each = prefix;
  while (three_bytes_each.size() + 3 <= longest_key) three_bytes_each += "\u3042";
  keys.push_back(three_bytes_each + std::string(longest_key - three_bytes_each.size(), 'x'));
}

}  // namespace

std::vector<std::string> weird_keys(std::string_view prefix) {
  const std::string before(prefix);
  std::vector<std::string> keys;
  for (const auto name : short_names) keys.push_back(before + std::string(name));
  add_long_segments(keys, before);
  add_longest(keys, before);
  return keys;
}

}  // namespace audiostore::conformance
