#include "store/beneath.h"

#include <fcntl.h>
#include <unistd.h>
#include <cerrno>
#include <cstdio>
#include <string_view>

#ifdef __linux__
#include <linux/openat2.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#endif

namespace audiostore {
namespace {

constexpr int always = O_CLOEXEC | O_NOFOLLOW;

FileHandle open_step(const FileHandle& directory, const std::string& name, int flags) {
  if (name == "..") {
    errno = EXDEV;
    return {};
  }
  int descriptor = -1;
  do {
    descriptor = ::openat(directory.descriptor(), name.empty() ? "." : name.c_str(), flags | always, 0600);
  } while (descriptor < 0 && errno == EINTR);
  return FileHandle(descriptor);
}

}  // namespace

FileHandle open_beneath_stepwise(const FileHandle& root, const std::string& path, int flags) {
  FileHandle directory;
  for (std::size_t start = 0;;) {
    const std::size_t end = path.find('/', start);
    const bool last = end == path.npos;
    const FileHandle& from = directory.is_open() ? directory : root;
    auto step = open_step(from, path.substr(start, end - start), last ? flags : O_RDONLY | O_DIRECTORY);
    if (last || !step.is_open()) return step;
    directory = std::move(step);
    start = end + 1;
  }
}

#ifdef __linux__

FileHandle open_beneath(const FileHandle& root, const std::string& path, int flags) {
  open_how how{};
  how.flags = static_cast<unsigned>(flags | always);
  how.mode = (flags & O_CREAT) != 0 ? 0600 : 0;
  how.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS;
  long descriptor = -1;
  do {
    descriptor = ::syscall(SYS_openat2, root.descriptor(), path.empty() ? "." : path.c_str(), &how, sizeof(how));
    // EAGAIN: the tree was changed while the kernel walked it.
  } while (descriptor < 0 && (errno == EINTR || errno == EAGAIN));
  if (descriptor >= 0) return FileHandle(static_cast<int>(descriptor));
  // Kernels before 5.6, and sandboxes that do not know the call, refuse it like this.
  const bool refused = errno == ENOSYS || errno == EPERM;
  return refused ? open_beneath_stepwise(root, path, flags) : FileHandle();
}

std::optional<FileIdentity> identity_of(const FileHandle& file) {
  struct statx found {};
  if (::statx(file.descriptor(), "", AT_EMPTY_PATH, STATX_INO | STATX_BTIME, &found) != 0) return std::nullopt;
  if ((found.stx_mask & STATX_BTIME) == 0) return std::nullopt;
  return FileIdentity{makedev(found.stx_dev_major, found.stx_dev_minor), found.stx_ino,
                      nanoseconds_since_1970(found.stx_btime.tv_sec, found.stx_btime.tv_nsec)};
}

#else

std::optional<FileIdentity> identity_of(const FileHandle&) { return std::nullopt; }

FileHandle open_beneath(const FileHandle& root, const std::string& path, int flags) {
  return open_beneath_stepwise(root, path, flags);
}

#endif

bool move_over(Place from, Place to) {
  return ::renameat(from.directory.descriptor(), from.name.c_str(), to.directory.descriptor(), to.name.c_str()) == 0;
}

bool move_to_new_name(Place from, Place to) {
#ifdef __linux__
  const int moved = ::renameat2(from.directory.descriptor(), from.name.c_str(), to.directory.descriptor(),
                                to.name.c_str(), RENAME_NOREPLACE);
  // File systems that cannot say EINVAL; old kernels and sandboxes ENOSYS or EPERM.
  if (moved == 0 || (errno != EINVAL && errno != ENOSYS && errno != EPERM)) return moved == 0;
#endif
  return ::linkat(from.directory.descriptor(), from.name.c_str(), to.directory.descriptor(), to.name.c_str(), 0) == 0;
}

}  // namespace audiostore
