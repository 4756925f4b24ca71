#include "service/tripping_store.h"

namespace audio_service {

using audiostore::ObjectKey;
using audiostore::Result;

template <class F>
auto TrippingStore::trip(const std::string& operation, const std::string& key, F&& call) -> decltype(call()) {
  if (before) {
    if (auto tripped = before(operation, key); !tripped) return std::move(tripped).error();
  }
  auto result = call();
  if (after && result) {
    if (auto tripped = after(operation, key); !tripped) return std::move(tripped).error();
  }
  return result;
}

Result<audiostore::PutResult> TrippingStore::do_put(const ObjectKey& key, const audiostore::Payload& payload,
                                                    const audiostore::PutOptions& options) {
  return trip("put", key.str(), [&] { return behind_->put(key, payload, options); });
}

Result<audiostore::ObjectInfo> TrippingStore::do_get(const ObjectKey& key, const audiostore::ByteSink& sink,
                                                     const audiostore::GetOptions& options) {
  return trip("get", key.str(), [&] { return behind_->get(key, sink, options); });
}

Result<audiostore::ObjectInfo> TrippingStore::do_head(const ObjectKey& key, const audiostore::HeadOptions& options) {
  return trip("head", key.str(), [&] { return behind_->head(key, options); });
}

Result<void> TrippingStore::do_remove(const ObjectKey& key, const audiostore::RemoveOptions& options) {
  return trip("remove", key.str(), [&] { return behind_->remove(key, options); });
}

Result<audiostore::PutResult> TrippingStore::do_copy(const ObjectKey& from, const ObjectKey& to,
                                                     const audiostore::CopyOptions& options) {
  return trip("copy", to.str(), [&] { return behind_->copy(from, to, options); });
}

Result<audiostore::ListPage> TrippingStore::do_list(const audiostore::ListOptions& options) {
  return trip("list", options.prefix, [&] { return behind_->list(options); });
}

Result<audiostore::SignedRequest> TrippingStore::do_presign(const audiostore::PresignRequest& request) {
  return behind_->presign(request);
}

Result<ObjectKey> TrippingStore::do_key_from_url(std::string_view url) const { return behind_->key_from_url(url); }

}  // namespace audio_service
