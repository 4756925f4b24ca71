#include "store/file_handle.h"

#include "core/checked.h"
#include "core/system_error.h"

#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>
#include <cerrno>
#include <limits>
#include <utility>

namespace audiostore {

std::int64_t nanoseconds_since_1970(std::int64_t seconds, std::int64_t nanoseconds) noexcept {
  const auto whole = checked_multiply<std::int64_t>(seconds, 1'000'000'000);
  const auto sum = whole ? checked_add(*whole, nanoseconds) : std::nullopt;
  using Limits = std::numeric_limits<std::int64_t>;
  return sum.value_or(seconds < 0 ? Limits::min() : Limits::max());
}

FileStatus file_status(const struct stat& found) noexcept {
  return {S_ISREG(found.st_mode), static_cast<std::uint64_t>(found.st_size),
          nanoseconds_since_1970(found.st_mtim.tv_sec, found.st_mtim.tv_nsec)};
}

FileHandle& FileHandle::operator=(FileHandle&& other) noexcept {
  if (this != &other) {
    if (is_open()) ::close(descriptor_);
    descriptor_ = other.release();
  }
  return *this;
}

FileHandle::~FileHandle() {
  if (is_open()) ::close(descriptor_);
}

int FileHandle::release() noexcept { return std::exchange(descriptor_, -1); }

Result<FileStatus> FileHandle::status() const {
  struct stat found {};
  if (::fstat(descriptor_, &found) != 0) return system_error(errno, "cannot look at a file");
  return file_status(found);
}

Result<void> FileHandle::write(ByteSpan bytes) {
  while (!bytes.empty()) {
    const ssize_t count = ::write(descriptor_, bytes.data(), bytes.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0 && errno == EFBIG) return Error(ErrorCode::too_large, "the file system takes no file of this size");
    if (count < 0) return system_error(errno, "cannot write a file");
    bytes = bytes.subspan(static_cast<std::size_t>(count));
  }
  return {};
}

Result<void> FileHandle::set_modified(std::int64_t modified_ns) {
  constexpr std::int64_t second = 1'000'000'000;
  timespec time{};
  time.tv_nsec = static_cast<decltype(time.tv_nsec)>((modified_ns % second + second) % second);
  time.tv_sec = static_cast<decltype(time.tv_sec)>((modified_ns - time.tv_nsec) / second);
  const timespec times[2] = {time, time};
  if (::futimens(descriptor_, times) != 0) return system_error(errno, "cannot set the time of a file");
  return {};
}

Result<void> FileHandle::sync() {
  if (::fsync(descriptor_) != 0) return system_error(errno, "cannot write a file through to the disk");
  return {};
}

Result<void> FileHandle::close() {
  // On EINTR the descriptor is gone all the same; to try again could close another thread's.
  if (::close(release()) != 0 && errno != EINTR) return system_error(errno, "cannot close a file");
  return {};
}

void FileHandle::lock() noexcept {
  while (::flock(descriptor_, LOCK_EX) != 0 && errno == EINTR) {
  }
}

bool FileHandle::try_lock() noexcept { return ::flock(descriptor_, LOCK_EX | LOCK_NB) == 0 || errno != EWOULDBLOCK; }

}  // namespace audiostore
