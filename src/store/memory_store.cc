#include <audiostore/memory_store.h>

#include "core/call_guard.h"
#include "core/crypto.h"
#include "core/text.h"
#include "store/conditions.h"
#include "store/listing.h"
#include "store/transfer.h"

#include <fmt/format.h>

#include <map>
#include <mutex>
#include <new>
#include <shared_mutex>

namespace audiostore {
namespace {

/// Immutable once it is in the map, so that readers need no lock while they read.
struct StoredObject {
  Payload bytes;
  std::string etag;
  TimePoint last_modified;
  ObjectAttributes attributes;
  Tags tags;

  [[nodiscard]] ObjectInfo info(const ObjectKey& key) const {
    return {key.str(), bytes.size(), etag, last_modified, attributes, {0, bytes.size()}};
  }
};
using StoredPtr = std::shared_ptr<const StoredObject>;

Error out_of_memory(std::uint64_t size) {
  return Error(ErrorCode::no_space, fmt::format("there is no memory for an object of {} bytes", size));
}

Result<std::string> read_payload(const Payload& payload, const CallGuard& guard) {
  std::string bytes;
  if (payload.size() > bytes.max_size()) return out_of_memory(payload.size());
  try {
    bytes.reserve(static_cast<std::size_t>(payload.size()));
  } catch (const std::bad_alloc&) {
    return out_of_memory(payload.size());
  }
  const auto append = [&](ByteSpan piece) -> Result<void> {
    bytes.append(reinterpret_cast<const char*>(piece.data()), piece.size());
    return {};
  };
  return transfer(payload, {0, payload.size()}, append, guard).transform([&] { return std::move(bytes); });
}

class MemoryStore final : public ObjectStore {
 public:
  explicit MemoryStore(std::shared_ptr<const Clock> clock) : clock_(std::move(clock)) {}

  [[nodiscard]] Capabilities capabilities() const override {
    return {.conditional_put = true, .conditional_copy = true, .conditional_replace = true, .tags = true};
  }

 private:
  Result<PutResult> do_put(const ObjectKey& key, const Payload& payload, const PutOptions& options) override {
    const CallGuard guard(options.call);
    if (auto may = check_replaceable(options, etag_of(find(key))); !may) return std::move(may).error();
    auto bytes = read_payload(payload, guard);
    if (!bytes) return std::move(bytes).error();
    std::string etag = '"' + to_hex(md5(as_bytes(*bytes))) + '"';
    return publish(key, {Payload::from_string(*std::move(bytes)), etag, {}, options.attributes, options.tags}, options);
  }

  Result<ObjectInfo> do_get(const ObjectKey& key, const ByteSink& sink, const GetOptions& options) override {
    const StoredPtr object = find(key);
    if (!object) return not_found();
    return deliver(object->bytes, object->info(key), options, sink);
  }

  Result<ObjectInfo> do_head(const ObjectKey& key, const HeadOptions& options) override {
    const StoredPtr object = find(key);
    if (!object) return not_found();
    return check_conditions(options.conditions, object->etag, object->last_modified).transform([&] {
      return object->info(key);
    });
  }

  Result<void> do_remove(const ObjectKey& key, const RemoveOptions&) override {
    const std::unique_lock lock(mutex_);
    objects_.erase(key);
    return {};
  }

  Result<PutResult> do_copy(const ObjectKey& from, const ObjectKey& to, const CopyOptions& options) override {
    const StoredPtr source = find(from);
    if (!source) return not_found();
    if (auto met = check_conditions({.if_match = options.source_if_match}, source->etag, source->last_modified); !met) {
      return std::move(met).error();
    }
    const std::uint64_t size = source->bytes.size();
    if (auto go_on = CallGuard(options.call).advance({size, size}); !go_on) return std::move(go_on).error();
    return publish(to, {source->bytes, source->etag, {}, options.attributes.value_or(source->attributes), source->tags},
                   {});
  }

  Result<Tags> do_tags(const ObjectKey& key, const TagOptions&) override {
    const StoredPtr object = find(key);
    if (!object) return not_found();
    return object->tags;
  }

  Result<void> do_set_tags(const ObjectKey& key, const Tags& tags, const TagOptions&) override {
    const std::unique_lock lock(mutex_);
    const auto found = objects_.find(key);
    if (found == objects_.end()) return not_found();
    StoredObject changed = *found->second;
    changed.tags = tags;
    found->second = std::make_shared<const StoredObject>(std::move(changed));
    return {};
  }

  Result<ListPage> do_list(const ListOptions& options) override {
    auto listing = Listing::begin(options);
    if (!listing) return std::move(listing).error();
    const std::shared_lock lock(mutex_);
    for (auto it = objects_.lower_bound(listing->from()); it != objects_.end();) {
      const auto& [key, object] = *it;
      if (!listing->wants_below(key.str())) break;
      const auto place = listing->place(key.str());
      if (place == Listing::Place::behind_the_page) break;
      if (place == Listing::Place::object) {
        listing->add({key.str(), object->bytes.size(), object->etag, object->last_modified});
      }
      it = objects_.lower_bound(listing->from());
    }
    return std::move(*listing).finish();
  }

  static Error not_found() { return Error(ErrorCode::not_found, "there is no object under this key"); }
  static std::optional<std::string> etag_of(const StoredPtr& object) {
    return object ? std::optional(object->etag) : std::nullopt;
  }

  StoredPtr find(const ObjectKey& key) const {
    const std::shared_lock lock(mutex_);
    return find_locked(key);
  }

  StoredPtr find_locked(const ObjectKey& key) const {
    const auto found = objects_.find(key);
    return found == objects_.end() ? nullptr : found->second;
  }

  /// Makes `object` the one under `key`, changed now, if the options' conditions hold at that moment.
  Result<PutResult> publish(const ObjectKey& key, StoredObject object, const PutOptions& options) {
    const std::unique_lock lock(mutex_);
    if (auto may = check_replaceable(options, etag_of(find_locked(key))); !may) return std::move(may).error();
    // S3 tells no finer times than these.
    object.last_modified = std::chrono::floor<std::chrono::milliseconds>(clock_->now());
    const auto stored = std::make_shared<const StoredObject>(std::move(object));
    objects_[key] = stored;
    return PutResult{stored->etag};
  }

  struct ByText {
    using is_transparent = void;
    bool operator()(const ObjectKey& a, const ObjectKey& b) const noexcept { return a < b; }
    bool operator()(const ObjectKey& a, const std::string& b) const noexcept { return a.str() < b; }
    bool operator()(const std::string& a, const ObjectKey& b) const noexcept { return a < b.str(); }
  };

  std::shared_ptr<const Clock> clock_;
  mutable std::shared_mutex mutex_;  // guards the map; the objects in it never change
  std::map<ObjectKey, StoredPtr, ByText> objects_;
};

}  // namespace

std::unique_ptr<ObjectStore> make_memory_store(std::shared_ptr<const Clock> clock) {
  return std::make_unique<MemoryStore>(std::move(clock));
}

}  // namespace audiostore
