#include "store/directory_tree.h"

#include "core/system_error.h"
#include "store/beneath.h"

#include <fmt/format.h>

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cerrno>
#include <memory>
#include <mutex>
#include <set>

namespace audiostore {
namespace {

constexpr int directory_flags = O_RDONLY | O_DIRECTORY;
constexpr mode_t directory_mode = 0700;
// How often a directory may be pruned by others between its creation and its use before we give up.
constexpr int most_attempts = 1000;

std::string name_in(const std::string& path) { return path.substr(path.rfind('/') + 1); }

/// errno of an attempt to open something for reading. What is no regular file is no object.
Error cannot_open(int error_number, const std::string& path) {
  const bool nothing_of_ours = error_number == ELOOP || error_number == ENXIO || error_number == ENODEV;
  if (error_number == EACCES) {
    return Error(ErrorCode::permission_denied,
                 fmt::format("cannot open '{}': let the user that this program runs as read it", path));
  }
  return system_error(nothing_of_ours ? ENOENT : error_number, fmt::format("cannot open '{}'", path));
}

Error conflict(const std::string& directory) {
  return Error(ErrorCode::conflict, fmt::format("others keep removing the directory '{}'; try again", directory))
      .with_retryable(true);
}

/// A file or a symbolic link where a directory should be.
bool is_in_the_way(int error_number) { return error_number == ELOOP || error_number == ENOTDIR; }

/// One directory that was not there, or that somebody else makes just now. Absent when it was removed again meanwhile.
Result<FileHandle> make_one(const FileHandle& parent, const std::string& name) {
  const int made = ::mkdirat(parent.descriptor(), name.c_str(), directory_mode);
  if (made != 0 && errno == ENOENT) return FileHandle();
  if (made != 0 && errno != EEXIST) return system_error(errno, fmt::format("cannot create the directory '{}'", name));
  auto opened = open_beneath(parent, name, directory_flags);
  if (opened.is_open() || errno == ENOENT) return opened;
  if (!is_in_the_way(errno)) return system_error(errno, fmt::format("cannot open the directory '{}'", name));
  return Error(ErrorCode::internal, fmt::format("'{}' is in the way: it is not a directory; remove it", name));
}

Error root_error(int error_number, const std::filesystem::path& root) {
  if (error_number == ENOTDIR) {
    return Error(ErrorCode::invalid_argument, fmt::format("'{}' is not a directory", root.string()));
  }
  return system_error(error_number, fmt::format("cannot open the directory '{}'", root.string()));
}

Result<FileHandle> open_root(const std::filesystem::path& root) {
  FileHandle opened(::open(root.c_str(), directory_flags | O_CLOEXEC));
  if (!opened.is_open()) return root_error(errno, root);
  return opened;
}

/// Creates `path` and what is missing above it, so that it lasts. Some directories (those of /proc, of an automounter)
/// say ENOENT of what they do not let anybody make: with what is above it `made`, that is the answer.
Result<void> create_root(const std::filesystem::path& path, bool made = false) {
  const auto parent = path.has_parent_path() ? path.parent_path() : std::filesystem::path(".");
  if (::mkdir(path.c_str(), directory_mode) == 0) {
    return open_root(parent).and_then([](FileHandle above) { return above.sync(); });
  }
  struct stat found {};
  const int error_number = errno;
  if (::stat(path.c_str(), &found) == 0) return {};
  if (error_number != ENOENT || made || parent == path) return root_error(error_number, path);
  return create_root(parent).and_then([&] { return create_root(path, true); });
}

struct CloseDirectory {
  void operator()(DIR* stream) const noexcept { ::closedir(stream); }
};

DirectoryEntry::Kind kind_of(int directory, const dirent& entry) {
  struct stat found {};
  if (entry.d_type == DT_REG) return DirectoryEntry::Kind::file;
  if (entry.d_type == DT_DIR) return DirectoryEntry::Kind::directory;
  if (entry.d_type != DT_UNKNOWN) return DirectoryEntry::Kind::other;
  // Some file systems do not tell in the listing.
  if (::fstatat(directory, entry.d_name, &found, AT_SYMLINK_NOFOLLOW) != 0) {
    return DirectoryEntry::Kind::other;
  }
  if (S_ISREG(found.st_mode)) return DirectoryEntry::Kind::file;
  return S_ISDIR(found.st_mode) ? DirectoryEntry::Kind::directory : DirectoryEntry::Kind::other;
}

}  // namespace

/// The directories that are known to last, with all above them. One that was there already may still be on its way to
/// the disk, made by a call that has not come that far; so each is synced once by us, and to sync all of them each time
/// would make a put three times as slow.
class DirectoryTree::DurableDirectories {
 public:
  bool contains(const FileIdentity& directory) {
    const std::lock_guard lock(mutex_);
    return known_.contains(directory);
  }
  void insert(const std::vector<FileIdentity>& directories) {
    constexpr std::size_t most = 10'000;
    const std::lock_guard lock(mutex_);
    if (known_.size() > most) known_.clear();
    known_.insert(directories.begin(), directories.end());
  }

 private:
  std::mutex mutex_;
  std::set<FileIdentity> known_;
};

DirectoryTree::DirectoryTree(FileHandle root)
    : root_(std::move(root)), durable_(std::make_unique<DurableDirectories>()) {}
DirectoryTree::DirectoryTree(DirectoryTree&&) noexcept = default;
DirectoryTree::~DirectoryTree() = default;

std::string directory_of(const std::string& path) {
  const auto slash = path.rfind('/');
  return slash == path.npos ? std::string() : path.substr(0, slash);
}

Result<DirectoryTree> DirectoryTree::open(const std::filesystem::path& root) {
  if (root.empty() || root.native().find('\0') != std::string::npos) {
    return Error(ErrorCode::invalid_argument, "the root directory's path is empty or holds a NUL");
  }
  const auto path = root.has_filename() || !root.has_relative_path() ? root : root.parent_path();  // "dir/" is "dir"
  return create_root(path).and_then([&] { return open_root(path); }).transform([](FileHandle handle) {
    return DirectoryTree(std::move(handle));
  });
}

Result<FileHandle> DirectoryTree::open_file(const std::string& path) const {
  // O_NONBLOCK: a pipe must not make us wait for its other end.
  auto file = open_beneath(root_, path, O_RDONLY | O_NONBLOCK | O_NOCTTY);
  if (!file.is_open()) return cannot_open(errno, path);
  auto found = file.status();
  if (!found) return std::move(found).error();
  if (!found->is_regular) return cannot_open(ENOENT, path);
  return file;
}

Result<FileStatus> DirectoryTree::status(const std::string& path) const {
  struct stat found {};
  const auto parent = open_beneath(root_, directory_of(path), directory_flags);
  if (!parent.is_open()) return cannot_open(errno, directory_of(path));
  if (::fstatat(parent.descriptor(), name_in(path).c_str(), &found, AT_SYMLINK_NOFOLLOW) != 0) {
    return cannot_open(errno, path);
  }
  const FileStatus status = file_status(found);
  return status.is_regular ? Result<FileStatus>(status) : cannot_open(ENOENT, path);
}

Result<FileHandle> DirectoryTree::open_directory(const std::string& directory) const {
  auto opened = open_beneath(root_, directory, directory_flags);
  if (!opened.is_open()) return cannot_open(errno, directory);
  return opened;
}

Result<std::vector<DirectoryEntry>> DirectoryTree::entries(const std::string& directory) const {
  std::vector<DirectoryEntry> found;
  auto opened = open_directory(directory);
  if (!opened && opened.error().code() == ErrorCode::not_found) return found;
  if (!opened) return std::move(opened).error();
  const std::unique_ptr<DIR, CloseDirectory> stream(::fdopendir(opened->descriptor()));
  if (!stream) return system_error(errno, "cannot read a directory");
  const int descriptor = opened->release();  // now the stream's
  for (;;) {
    errno = 0;
    const dirent* entry = ::readdir(stream.get());
    if (entry == nullptr) break;
    const std::string name = entry->d_name;
    if (name != "." && name != "..") found.push_back({name, kind_of(descriptor, *entry)});
  }
  if (errno != 0) return system_error(errno, "cannot read a directory");
  return found;
}

Result<FileHandle> DirectoryTree::make_directory(const std::string& directory) const {
  for (int attempt = 0; attempt < most_attempts; ++attempt) {
    auto there = open_beneath(root_, directory, directory_flags);
    if (there.is_open()) return there;
    if (errno != ENOENT && !is_in_the_way(errno)) return cannot_open(errno, directory);
    auto made = open_beneath(root_, "", directory_flags);
    if (!made.is_open()) return cannot_open(errno, "the root directory");
    for (std::size_t start = 0; made.is_open() && start <= directory.size();) {
      const std::size_t end = std::min(directory.find('/', start), directory.size());
      auto next = make_one(made, directory.substr(start, end - start));
      if (!next) return next;
      made = *std::move(next);
      start = end + 1;
    }
    if (made.is_open()) return made;
  }
  return conflict(directory);
}

Result<NewFile> DirectoryTree::create_file(const std::string& directory, const std::string& name) const {
  return make_directory(directory).and_then(
      [&](FileHandle handle) { return NewFile::create(std::move(handle), name); });
}

Result<void> DirectoryTree::move_into_place(NewFile& file, const std::string& path, Existing existing) const {
  const std::string directory = directory_of(path);
  const std::string name = name_in(path);
  const Place from{file.directory(), file.name()};
  const std::shared_lock publishing(*pruning_);
  for (int attempt = 0; attempt < most_attempts; ++attempt) {
    auto parent = make_directory(directory);
    if (!parent) return std::move(parent).error();
    const Place to{*parent, name};
    if (existing == Existing::replace ? move_over(from, to) : move_to_new_name(from, to)) {
      if (existing == Existing::replace) file.keep();  // else its old name may still be there
      return {};
    }
    if (errno == EEXIST) return Error(ErrorCode::already_exists, "there is an object under this key already");
    // ENOENT: the directory was empty, and was pruned, before the file was in it.
    if (errno != ENOENT) return system_error(errno, fmt::format("cannot publish the file '{}'", path));
  }
  return conflict(directory);
}

Result<void> DirectoryTree::sync_directories(std::string directory) const {
  std::vector<FileIdentity> synced;
  for (;; directory = directory_of(directory)) {
    auto opened = open_directory(directory);
    if (!opened && opened.error().code() != ErrorCode::not_found) return std::move(opened).error();
    if (opened) {
      if (auto done = opened->sync(); !done) return done;
      const auto identity = identity_of(*opened);
      if (identity && durable_->contains(*identity)) break;
      if (identity) synced.push_back(*identity);
    }
    if (directory.empty()) break;
  }
  durable_->insert(synced);
  return {};
}

Result<void> DirectoryTree::remove_file(const std::string& path) const {
  auto parent = open_directory(directory_of(path));
  if (!parent) return parent.error().code() == ErrorCode::not_found ? Result<void>() : std::move(parent).error();
  const auto found = status(path);
  if (!found && found.error().code() != ErrorCode::not_found) return found.error();
  if (found && ::unlinkat(parent->descriptor(), name_in(path).c_str(), 0) != 0 && errno != ENOENT) {
    return system_error(errno, fmt::format("cannot remove the file '{}'", path));
  }
  // Also where there was none: whoever removed it may not have come this far yet.
  return parent->sync();
}

void DirectoryTree::discard_file(const std::string& path) const noexcept {
  const auto parent = open_beneath(root_, directory_of(path), directory_flags);
  if (parent.is_open()) ::unlinkat(parent.descriptor(), name_in(path).c_str(), 0);
}

void DirectoryTree::prune(std::string directory) const noexcept {
  const std::unique_lock alone(*pruning_, std::try_to_lock);
  if (!alone) return;  // an empty directory that stays does no harm
  for (; !directory.empty(); directory = directory_of(directory)) {
    const auto parent = open_beneath(root_, directory_of(directory), directory_flags);
    if (!parent.is_open() || ::unlinkat(parent.descriptor(), name_in(directory).c_str(), AT_REMOVEDIR) != 0) return;
  }
}

}  // namespace audiostore
