#include "local/spool_file.h"

#include "local/temp_file.h"

#include <cstdint>
#include <utility>

namespace audiostore::local {

class SpoolFile::Source final : public PayloadSource {
 public:
  explicit Source(TempFile file) : file_(std::move(file)) {}

  Result<void> append(ByteSpan bytes) {
    return file_.write_at(size_, bytes).transform([&] { size_ += bytes.size(); });
  }

  [[nodiscard]] std::uint64_t size() const override { return size_; }
  [[nodiscard]] Result<void> read_at(std::uint64_t offset, std::span<std::byte> out) const override {
    return file_.read_at(offset, out);
  }

 private:
  TempFile file_;
  std::uint64_t size_ = 0;
};

Result<SpoolFile> SpoolFile::create() {
  return TempFile::create().transform(
      [](TempFile file) { return SpoolFile(std::make_shared<Source>(std::move(file))); });
}

Result<void> SpoolFile::append(ByteSpan bytes) { return source_->append(bytes); }

Payload SpoolFile::finish() && { return Payload(std::move(source_)); }

}  // namespace audiostore::local
