// A store on which reads, and most else, fail.
#pragma once

#include <audiostore/object_store.h>

#include <stdexcept>

namespace audiostore::local {

/// A store whose objects break off in the middle of a read.
class BreakingStore final : public ObjectStore {
 public:
  [[nodiscard]] Capabilities capabilities() const override { return {}; }

 private:
  Result<PutResult> do_put(const ObjectKey&, const Payload&, const PutOptions&) override {
    return Error(ErrorCode::no_space, "the disk is full");
  }
  Result<ObjectInfo> do_get(const ObjectKey& key, const ByteSink& sink, const GetOptions& options) override {
    if (options.conditions.if_match != "\"e\"") return Error(ErrorCode::internal, "not the version that was announced");
    if (key.str() == "replaced" && ++reads_ < 4) return Error(ErrorCode::precondition_failed, "another ETag");
    if (auto sent = sink(as_bytes("0123")); !sent) return std::move(sent).error();
    if (key.str() == "replaced") return do_head(key, {.call = options.call});
    return Error(ErrorCode::corrupt, "secret internals");
  }
  Result<ObjectInfo> do_head(const ObjectKey& key, const HeadOptions&) override {
    if (key.str() == "internal") return Error(ErrorCode::internal, "secret internals");
    return ObjectInfo{.key = key.str(), .size = key.str() == "replaced" ? 4U : 10U, .etag = "\"e\"", .attributes = {}};
  }
  Result<void> do_remove(const ObjectKey&, const RemoveOptions&) override { throw std::runtime_error("secret"); }
  Result<PutResult> do_copy(const ObjectKey&, const ObjectKey&, const CopyOptions&) override {
    return Error(ErrorCode::unsupported, "no copies");
  }
  Result<ListPage> do_list(const ListOptions&) override { return Error(ErrorCode::unavailable, "later"); }

  int reads_ = 0;
};

}  // namespace audiostore::local
