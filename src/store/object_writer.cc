#include <audiostore/object_writer.h>

#include "core/call_guard.h"
#include "core/checked.h"

namespace audiostore {

Result<void> ObjectWriter::check() const {
  if (failed_) return *failed_;
  if (!ended_) return {};
  return Error(ErrorCode::invalid_argument, "this writer has ended; make another one");
}

template <class F>
auto ObjectWriter::run(F&& backend) -> decltype(backend()) {
  if (auto usable = check(); !usable) return std::move(usable).error();
  auto result = call_guarded("the store", std::forward<F>(backend));
  if (!result) failed_ = result.error();
  return result;
}

Result<void> ObjectWriter::write(ByteSpan bytes) {
  if (bytes.empty()) return check();
  return run([&]() -> Result<void> {
    if (auto taken = do_write(bytes); !taken) return taken;
    written_ += bytes.size();
    return {};
  });
}

Result<PutResult> ObjectWriter::finish() {
  auto result = run([&] { return do_finish(); });
  ended_ = true;
  return result;
}

Result<void> ObjectWriter::abort() {
  if (ended_) return check();
  ended_ = true;
  return call_guarded("the store", [&] { return do_abort(); });
}

}  // namespace audiostore
