// How keys become file names, and back.
//
// Ordinary audio keys stay as they are: "users/1/take.wav" is the file users/1/take.wav. So that every key has a name
// of its own, on every file system, a segment of a key is written like this:
//
//  - Bytes outside of A-Z a-z 0-9 . _ - become %XX. So do a '.' at the beginning (no hidden files, and nothing can be
//    called .audiostore), a '.' at the end (Windows drops it) and the first letter of a name that is a device on
//    Windows (CON, NUL.wav).
//  - An object without a '.' gets the suffix "%o", a directory with one gets "%d". So "a", "a/b", "a.wav" and
//    "a.wav/b" can all be there at once.
//  - A segment of 80 bytes or more is cut behind the 80th: the head, with the suffix "%+", is a directory that holds
//    the rest under the same rules. The rest may be empty. So no name is longer than 242 bytes.
//
// Names that differ only in case are different names: on a disk that does not tell them apart, so are the keys.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace audiostore {

/// The path of the file that holds the object `key`, relative to the root. REQUIRES: a key as ObjectKey has it.
std::string file_path_for(std::string_view key);

/// The directory below which all objects are whose keys begin with `prefix`, as far as its last '/': "" for the root.
/// nullopt when no key can begin so.
std::optional<std::string> directory_path_for(std::string_view prefix);

/// What a name in a directory stands for.
struct FileName {
  enum class Kind {
    object,     ///< a file: `text` ends a key
    directory,  ///< `text` ends with '/'
    head,       ///< a directory too, that holds what `text`, the first 80 bytes of a segment, goes on with
  };
  Kind kind;
  /// What the key goes on with. Ordering the entries of each directory by this, byte by byte, and walking them depth
  /// first gives the keys in byte order.
  std::string text;
};

/// Reads a name that file_path_for() could have made; nullopt for all others. `is_directory` tells what bears it.
std::optional<FileName> parse_file_name(std::string_view name, bool is_directory);

}  // namespace audiostore
