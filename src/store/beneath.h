// Reaching files below a directory without ever leaving it. The only place that knows which system calls Linux has for
// that; elsewhere the portable forms do the same with more steps.
#pragma once

#include "store/file_handle.h"

#include <cstdint>
#include <optional>
#include <string>
#include <tuple>

namespace audiostore {

// As system calls do, these leave the reason in errno: a handle that is not open, or false.

/// Opens `path`, relative to `root` and "" for itself, with the flags and mode of open(2). No symbolic link is
/// followed, neither on the way nor at the end (ELOOP), also when somebody changes the tree meanwhile.
FileHandle open_beneath(const FileHandle& root, const std::string& path, int flags);

/// The same, one segment after the other, for systems without openat2.
FileHandle open_beneath_stepwise(const FileHandle& root, const std::string& path, int flags);

/// Where a file is: a name in an open directory. Names are single, so no link can lead elsewhere.
struct Place {
  const FileHandle& directory;
  const std::string& name;
};

/// Moves a file, replacing what is there, in one step.
bool move_over(Place from, Place to);

/// Gives the file at `from` the name `to` if there is nothing yet (else EEXIST), in one step: of many callers, in any
/// process, one wins. The name `from` may be left to be unlinked.
bool move_to_new_name(Place from, Place to);

/// Tells one file or directory from every other that ever was, also from a later one that got its inode number.
struct FileIdentity {
  std::uint64_t device = 0;
  std::uint64_t inode = 0;
  std::int64_t born_ns = 0;

  friend bool operator<(const FileIdentity& a, const FileIdentity& b) noexcept {
    return std::tie(a.device, a.inode, a.born_ns) < std::tie(b.device, b.inode, b.born_ns);
  }
};

/// nullopt where the file system keeps no time of birth.
std::optional<FileIdentity> identity_of(const FileHandle& file);

}  // namespace audiostore
