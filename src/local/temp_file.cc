#include "local/temp_file.h"

#include "core/system_error.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <utility>

namespace audiostore::local {

Result<TempFile> TempFile::create() {
  std::error_code failed;
  const auto directory = std::filesystem::temp_directory_path(failed);
  if (failed) return system_error(failed.value(), "no directory for temporary files; set TMPDIR");
  std::string path = (directory / "audiostore-XXXXXX").string();
  const int file = ::mkostemp(path.data(), O_CLOEXEC);  // readable by this user only
  if (file < 0) return system_error(errno, "cannot make a temporary file in " + directory.string());
  ::unlink(path.c_str());
  return TempFile(file);
}

TempFile::TempFile(TempFile&& other) noexcept : file_(std::exchange(other.file_, -1)) {}

TempFile& TempFile::operator=(TempFile&& other) noexcept {
  std::swap(file_, other.file_);
  return *this;
}

TempFile::~TempFile() {
  if (file_ >= 0) ::close(file_);
}

Result<void> TempFile::write_at(std::uint64_t offset, ByteSpan bytes) const {
  while (!bytes.empty()) {
    const ssize_t written = ::pwrite(file_, bytes.data(), bytes.size(), static_cast<off_t>(offset));
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return system_error(errno, "cannot spool the request's body");
    offset += static_cast<std::uint64_t>(written);
    bytes = bytes.subspan(static_cast<std::size_t>(written));
  }
  return {};
}

Result<void> TempFile::read_at(std::uint64_t offset, std::span<std::byte> out) const {
  while (!out.empty()) {
    const ssize_t got = ::pread(file_, out.data(), out.size(), static_cast<off_t>(offset));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return system_error(errno, "cannot read the spooled body back");
    if (got == 0) return Error(ErrorCode::corrupt, "the spooled body has become shorter");
    offset += static_cast<std::uint64_t>(got);
    out = out.subspan(static_cast<std::size_t>(got));
  }
  return {};
}

void TempFile::discard([[maybe_unused]] std::uint64_t offset, [[maybe_unused]] std::uint64_t length) const noexcept {
#ifdef FALLOC_FL_PUNCH_HOLE
  // Best effort: where it does not work, the space comes back when the file goes.
  if (length == 0) return;
  while (::fallocate(file_, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, static_cast<off_t>(offset),
                     static_cast<off_t>(length)) < 0 &&
         errno == EINTR) {
  }
#endif
}

}  // namespace audiostore::local
