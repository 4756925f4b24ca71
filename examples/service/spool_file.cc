#include "spool_file.h"

#include <cerrno>
#include <cstdlib>
#include <system_error>

#include <fcntl.h>
#include <unistd.h>

namespace audio_service {
namespace {

using audiostore::Error;
using audiostore::ErrorCode;
using audiostore::Result;

Error system_failure(std::string_view doing) {
  const int number = errno;
  const bool full = number == ENOSPC || number == EDQUOT;
  return {full ? ErrorCode::no_space : ErrorCode::internal,
          std::string(doing) + ": " + std::generic_category().message(number)};
}

}  // namespace

Result<std::shared_ptr<SpoolFile>> SpoolFile::create(const std::filesystem::path& folder) {
  std::string name = (folder / "upload-XXXXXX").string();
  const int file = ::mkostemp(name.data(), O_CLOEXEC);
  if (file < 0) return system_failure("making a spool file");
  auto spool = std::make_shared<SpoolFile>(file);
  if (::unlink(name.c_str()) != 0) return system_failure("unlinking a spool file");
  return spool;
}

SpoolFile::~SpoolFile() { ::close(file_); }

Result<void> SpoolFile::append(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::pwrite(file_, bytes.data(), bytes.size(), static_cast<off_t>(size_));
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return system_failure("writing to a spool file");
    bytes.remove_prefix(static_cast<std::size_t>(written));
    size_ += static_cast<std::uint64_t>(written);
  }
  return {};
}

Result<void> SpoolFile::read_at(std::uint64_t offset, std::span<std::byte> out) const {
  while (!out.empty()) {
    const ssize_t got = ::pread(file_, out.data(), out.size(), static_cast<off_t>(offset));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return system_failure("reading a spool file");
    if (got == 0) return Error(ErrorCode::corrupt, "a spool file has become shorter");
    out = out.subspan(static_cast<std::size_t>(got));
    offset += static_cast<std::uint64_t>(got);
  }
  return {};
}

}  // namespace audio_service
