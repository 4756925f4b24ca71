// Payload::from_file, over POSIX files.
#include "core/file_source.h"

#include "core/system_error.h"

#include <fmt/format.h>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cerrno>

namespace audiostore {
namespace {

class FileSource final : public PayloadSource {
 public:
  FileSource(int fd, std::uint64_t size) : fd_(fd), size_(size) {}
  FileSource(const FileSource&) = delete;
  FileSource& operator=(const FileSource&) = delete;
  ~FileSource() override { ::close(fd_); }

  [[nodiscard]] std::uint64_t size() const override { return size_; }

  [[nodiscard]] Result<void> read_at(std::uint64_t offset, std::span<std::byte> out) const override {
    while (!out.empty()) {
      const ssize_t count = ::pread(fd_, out.data(), out.size(), static_cast<off_t>(offset));
      if (count < 0 && errno == EINTR) continue;
      if (count < 0) return system_error(errno, "cannot read the file");
      if (count == 0)
        return Error(ErrorCode::corrupt, fmt::format("the file shrank below {} bytes while it was read", size_));
      offset += static_cast<std::uint64_t>(count);
      out = out.subspan(static_cast<std::size_t>(count));
    }
    return {};
  }

 private:
  int fd_;
  std::uint64_t size_;
};

}  // namespace

Payload file_payload(int descriptor, std::uint64_t size) {
  return Payload(std::make_shared<FileSource>(descriptor, size));
}

Result<Payload> Payload::from_file(const std::filesystem::path& path) {
  // O_NONBLOCK: opening a FIFO must not wait for a writer.
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (fd < 0) return system_error(errno, fmt::format("cannot open the file '{}'", path.string()));
  struct stat status {};
  if (::fstat(fd, &status) != 0 || !S_ISREG(status.st_mode)) {
    ::close(fd);
    return Error(ErrorCode::invalid_argument, fmt::format("'{}' is not a regular file", path.string()));
  }
  return file_payload(fd, static_cast<std::uint64_t>(status.st_size));
}

}  // namespace audiostore
