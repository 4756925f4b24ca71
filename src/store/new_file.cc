#include "store/new_file.h"

#include "core/system_error.h"
#include "store/beneath.h"

#include <fcntl.h>
#include <unistd.h>
#include <cerrno>

namespace audiostore {

Result<NewFile> NewFile::create(FileHandle directory, std::string name) {
  FileHandle file = open_beneath(directory, name, O_RDWR | O_CREAT | O_EXCL);
  if (file.is_open()) return NewFile(std::move(directory), std::move(name), std::move(file));
  if (errno == EEXIST) return Error(ErrorCode::already_exists, "there is a file of this name");
  return system_error(errno, "cannot create a file");
}

NewFile::NewFile(FileHandle directory, std::string name, FileHandle file)
    : directory_(std::move(directory)), name_(std::move(name)), file_(std::move(file)) {}

NewFile::~NewFile() {
  if (directory_.is_open() && !kept_) ::unlinkat(directory_.descriptor(), name_.c_str(), 0);
}

Result<void> NewFile::finish() {
  return file_.sync().and_then([&] { return file_.close(); });
}

bool NewFile::is_there() const noexcept { return ::faccessat(directory_.descriptor(), name_.c_str(), F_OK, 0) == 0; }

}  // namespace audiostore
