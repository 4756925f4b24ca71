// A store double: keeps objects in memory, notes every call in order, and fails when it is told to.
#pragma once

#include <audiostore/object_store.h>

#include <functional>
#include <map>
#include <string>
#include <vector>

namespace audiostore {

/// For one thread. Objects come and go by the key's text, so that a test can plant keys that ObjectKey refuses.
class RecordingStore final : public ObjectStore {
 public:
  struct Object {
    std::string bytes;
    ObjectAttributes attributes;
    std::string etag;
  };

  explicit RecordingStore(std::shared_ptr<const Clock> clock, Capabilities capabilities = {true, true, true})
      : clock_(std::move(clock)), capabilities_(capabilities) {}

  /// Every call so far: "put KEY", "get KEY", "head KEY", "remove KEY", "remove_many KEY KEY ...", "copy FROM TO",
  /// "list PREFIX", "presign KEY".
  std::vector<std::string> calls;
  std::map<std::string, Object> objects;
  std::vector<PresignRequest> presigned;
  CallOptions last_call;  ///< of put, get, head, remove and list

  /// If set, asked before each call, with what `calls` says of it; an Error is what the call returns.
  std::function<Result<void>(const std::string& call)> before_call;
  /// If set, what list() returns.
  std::function<Result<ListPage>(const ListOptions&)> list_with;
  /// If set, what remove_many() returns.
  std::function<Result<RemoveReport>(std::span<const ObjectKey>)> remove_many_with;
  int page_size = 1000;  ///< keys on a page, if less than asked for
  TimePoint credentials_end = TimePoint::max();

  /// Makes the `n`-th call from now fail, 1 being the next.
  void fail_call(int n, Error error);

  [[nodiscard]] Capabilities capabilities() const override { return capabilities_; }

 private:
  Result<PutResult> do_put(const ObjectKey& key, const Payload& payload, const PutOptions& options) override;
  Result<ObjectInfo> do_get(const ObjectKey& key, const ByteSink& sink, const GetOptions& options) override;
  Result<ObjectInfo> do_head(const ObjectKey& key, const HeadOptions& options) override;
  Result<void> do_remove(const ObjectKey& key, const RemoveOptions& options) override;
  Result<PutResult> do_copy(const ObjectKey& from, const ObjectKey& to, const CopyOptions& options) override;
  Result<ListPage> do_list(const ListOptions& options) override;
  Result<RemoveReport> do_remove_many(std::span<const ObjectKey> keys, const RemoveOptions& options) override;
  Result<SignedRequest> do_presign(const PresignRequest& request) override;
  [[nodiscard]] Result<ObjectKey> do_key_from_url(std::string_view url) const override;

  Result<void> note(const std::string& call);
  Result<const Object*> find(const ObjectKey& key) const;

  std::shared_ptr<const Clock> clock_;
  Capabilities capabilities_;
  int stored_ = 0;
};

}  // namespace audiostore
