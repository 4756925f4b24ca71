#include <audiostore/object_writer.h>

#include "core/call_guard.h"

namespace audiostore {
namespace {

Error ended() { return Error(ErrorCode::invalid_argument, "this writer has ended; begin another one"); }

}  // namespace

template <class F>
auto ObjectWriter::run(std::string_view operation, F&& backend) -> decltype(backend()) {
  if (over_) return *over_;
  auto result = call_guarded("the store", std::forward<F>(backend)).transform_error([&](Error&& error) {
    return std::move(error).with_operation(operation).with_key(key_.str());
  });
  if (!result) {
    over_ = result.error();
    static_cast<void>(drop());
  }
  return result;
}

Result<void> ObjectWriter::drop() {
  return call_guarded("the store", [&] { return do_abort(); }).transform_error([&](Error&& error) {
    return std::move(error).with_operation("abort").with_key(key_.str());
  });
}

Result<void> ObjectWriter::write(ByteSpan bytes) {
  return run("write", [&] { return do_write(bytes).transform([&] { written_ += bytes.size(); }); });
}

Result<PutResult> ObjectWriter::finish() {
  auto result = run("finish", [&] { return do_finish(); });
  if (result) {
    over_ = ended();
    is_published_ = true;
  }
  return result;
}

Result<void> ObjectWriter::abort() {
  if (is_published_) return ended();
  if (over_) return {};
  over_ = ended();
  return drop();
}

}  // namespace audiostore
