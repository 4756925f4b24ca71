// A store that does what another one does, unless a test has other ideas.
#pragma once

#include <audiostore/memory_store.h>
#include <audiostore/object_store.h>

#include <functional>
#include <memory>

namespace audiostore {

/// Objects in memory. Thread-safe as far as the hooks are; set those before the calls.
class HookedStore final : public ObjectStore {
 public:
  /// What get() does, if set; `proceed` is what it would do otherwise.
  using Proceed = std::function<Result<ObjectInfo>(const ByteSink&, const GetOptions&)>;
  std::function<Result<ObjectInfo>(const ByteSink&, const GetOptions&, const Proceed& proceed)> on_get;

  /// The same for head().
  using ProceedHead = std::function<Result<ObjectInfo>(const HeadOptions&)>;
  std::function<Result<ObjectInfo>(const HeadOptions&, const ProceedHead& proceed)> on_head;

  /// The store behind the hooks.
  [[nodiscard]] ObjectStore& behind() noexcept { return *behind_; }
  [[nodiscard]] Capabilities capabilities() const override { return behind_->capabilities(); }

 private:
  Result<PutResult> do_put(const ObjectKey& key, const Payload& payload, const PutOptions& options) override {
    return behind_->put(key, payload, options);
  }
  Result<ObjectInfo> do_get(const ObjectKey& key, const ByteSink& sink, const GetOptions& options) override {
    const Proceed proceed = [&](const ByteSink& to, const GetOptions& with) { return behind_->get(key, to, with); };
    return on_get ? on_get(sink, options, proceed) : proceed(sink, options);
  }
  Result<ObjectInfo> do_head(const ObjectKey& key, const HeadOptions& options) override {
    const ProceedHead proceed = [&](const HeadOptions& with) { return behind_->head(key, with); };
    return on_head ? on_head(options, proceed) : proceed(options);
  }
  Result<void> do_remove(const ObjectKey& key, const RemoveOptions& options) override {
    return behind_->remove(key, options);
  }
  Result<PutResult> do_copy(const ObjectKey& from, const ObjectKey& to, const CopyOptions& options) override {
    return behind_->copy(from, to, options);
  }
  Result<ListPage> do_list(const ListOptions& options) override { return behind_->list(options); }

  std::unique_ptr<ObjectStore> behind_ = make_memory_store();
};

}  // namespace audiostore
