#include "s3/credentials/small_file.h"

#include <audiostore/bytes.h>

#include <fmt/format.h>

namespace audiostore {

Result<std::string> read_small_file(const std::string& path, std::size_t max_bytes) {
  const auto file = Payload::from_file(path);
  if (!file) return file.error();
  if (file->size() > max_bytes) {
    return Error(ErrorCode::invalid_argument, fmt::format("the file '{}' has more than {} bytes", path, max_bytes));
  }
  std::string text(static_cast<std::size_t>(file->size()), '\0');
  if (auto read = file->read_at(0, std::as_writable_bytes(std::span(text.data(), text.size()))); !read) {
    return std::move(read).error();
  }
  return text;
}

}  // namespace audiostore
