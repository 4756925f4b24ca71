#include "store/target_file.h"

#include "core/checked.h"
#include "core/crypto.h"
#include "core/file_source.h"
#include "core/system_error.h"
#include "store/beneath.h"

#include <fmt/format.h>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cerrno>

namespace audiostore {
namespace {

Error bad_path(std::string_view what, const std::filesystem::path& path) {
  return Error(ErrorCode::invalid_argument, fmt::format("{}: '{}'", what, path.string()));
}

Result<FileHandle> open_directory(const std::filesystem::path& path) {
  const std::string directory = path.has_parent_path() ? path.parent_path().string() : ".";
  FileHandle handle(::open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (handle.is_open()) return handle;
  if (errno == ENOENT || errno == ENOTDIR) return bad_path("there is no directory for the file", path);
  return system_error(errno, "cannot open the directory for the file");
}

bool is_directory(const FileHandle& directory, const std::string& name) {
  struct stat found {};
  return ::fstatat(directory.descriptor(), name.c_str(), &found, AT_SYMLINK_NOFOLLOW) == 0 && S_ISDIR(found.st_mode);
}

Error write_error(int error_number) {
  if (error_number == EFBIG) return Error(ErrorCode::too_large, "the file system takes no file of this size");
  return system_error(error_number, "cannot write the file");
}

}  // namespace

Result<TargetFile> TargetFile::create(const std::filesystem::path& path) {
  std::string name = path.filename().string();
  if (name.empty() || name == "." || name == "..") return bad_path("this is no name of a file", path);
  auto directory = open_directory(path);
  if (!directory) return std::move(directory).error();
  if (is_directory(*directory, name)) return bad_path("there is a directory of this name", path);
  auto unique = random_hex(16);
  if (!unique) return std::move(unique).error();
  return NewFile::create(*std::move(directory), ".audiostore-" + *unique + ".part").transform([&](NewFile file) {
    return TargetFile(std::move(file), std::move(name));
  });
}

Result<void> TargetFile::write_at(std::uint64_t offset, ByteSpan bytes) const {
  while (!bytes.empty()) {
    const auto end = checked_add<std::uint64_t>(offset, bytes.size());
    if (!end || !checked_narrow<off_t>(*end)) return write_error(EFBIG);
    const ssize_t count = ::pwrite(file_.file().descriptor(), bytes.data(), bytes.size(), static_cast<off_t>(offset));
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return write_error(errno);
    offset += static_cast<std::uint64_t>(count);
    bytes = bytes.subspan(static_cast<std::size_t>(count));
  }
  return {};
}

Result<Payload> TargetFile::contents(std::uint64_t size) const {
  const int descriptor = ::fcntl(file_.file().descriptor(), F_DUPFD_CLOEXEC, 0);
  if (descriptor < 0) return system_error(errno, "cannot read the file back");
  return file_payload(descriptor, size);
}

Result<void> TargetFile::publish(std::uint64_t size) {
  if (::ftruncate(file_.file().descriptor(), static_cast<off_t>(size)) != 0) return write_error(errno);
  if (auto finished = file_.finish(); !finished) return finished;
  if (!move_over({file_.directory(), file_.name()}, {file_.directory(), name_})) {
    return system_error(errno, "cannot give the file its name");
  }
  file_.keep();
  return file_.directory().sync();
}

}  // namespace audiostore
