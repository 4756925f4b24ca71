#include "store/buffered_writer.h"

#include "core/call_guard.h"

#include <new>
#include <string>
#include <utility>

namespace audiostore {
namespace {

class BufferedWriter final : public ObjectWriter {
 public:
  BufferedWriter(ObjectStore& store, ObjectKey key, PutOptions options)
      : ObjectWriter(std::move(key)), store_(store), options_(std::move(options)) {}

 private:
  Result<void> do_write(ByteSpan bytes) override {
    if (options_.call.stop.stop_requested()) return Error(ErrorCode::cancelled, "the caller asked to stop");
    try {
      bytes_.append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    } catch (const std::bad_alloc&) {
      return Error(ErrorCode::no_space, "there is no memory for the object");
    }
    return {};
  }
  Result<PutResult> do_finish() override {
    return store_.put(key(), Payload::from_string(std::move(bytes_)), options_);
  }
  Result<void> do_abort() override {
    bytes_ = {};
    return {};
  }

  ObjectStore& store_;
  const PutOptions options_;
  std::string bytes_;
};

}  // namespace

std::unique_ptr<ObjectWriter> make_buffered_writer(ObjectStore& store, ObjectKey key, PutOptions options) {
  return std::make_unique<BufferedWriter>(store, std::move(key), std::move(options));
}

}  // namespace audiostore
