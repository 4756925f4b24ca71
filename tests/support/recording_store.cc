#include "support/recording_store.h"

#include "core/text.h"

#include <fmt/format.h>

#include <algorithm>
#include <memory>

namespace audiostore {
namespace {

constexpr std::string_view base_url = "https://store.test/bucket/";

ObjectInfo info_of(const std::string& key, const RecordingStore::Object& object) {
  const std::uint64_t size = object.bytes.size();
  return {.key = key, .size = size, .etag = object.etag, .attributes = object.attributes, .delivered = {0, size}};
}

}  // namespace

void RecordingStore::fail_call(int n, Error error) {
  before_call = [left = std::make_shared<int>(n), error = std::move(error)](const std::string&) {
    return --*left == 0 ? Result<void>(error) : Result<void>();
  };
}

Result<void> RecordingStore::note(const std::string& call) {
  calls.push_back(call);
  return before_call ? before_call(call) : Result<void>();
}

Result<const RecordingStore::Object*> RecordingStore::find(const ObjectKey& key) const {
  const auto found = objects.find(key.str());
  if (found != objects.end()) return &found->second;
  return Error(ErrorCode::not_found, "The specified key does not exist.")
      .with_http_status(404)
      .with_service_code("NoSuchKey")
      .with_request_id("R404")
      .with_attempts(1);
}

Result<PutResult> RecordingStore::do_put(const ObjectKey& key, const Payload& payload, const PutOptions& options) {
  last_call = options.call;
  if (auto noted = note("put " + key.str()); !noted) return std::move(noted).error();
  if (options.mode == PutMode::create && objects.contains(key.str())) {
    return Error(ErrorCode::already_exists, "there is an object already");
  }
  std::string bytes(payload.size(), '\0');
  auto read = payload.read_at(0, std::as_writable_bytes(std::span(bytes.data(), bytes.size())));
  if (!read) return std::move(read).error();
  const std::string etag = fmt::format("\"{}\"", ++stored_);
  objects[key.str()] = {std::move(bytes), options.attributes, etag};
  return PutResult{etag};
}

Result<ObjectInfo> RecordingStore::do_get(const ObjectKey& key, const ByteSink& sink, const GetOptions& options) {
  last_call = options.call;
  if (auto noted = note("get " + key.str()); !noted) return std::move(noted).error();
  return find(key).and_then([&](const Object* object) -> Result<ObjectInfo> {
    if (auto taken = sink(as_bytes(object->bytes)); !taken) return std::move(taken).error();
    return info_of(key.str(), *object);
  });
}

Result<ObjectInfo> RecordingStore::do_head(const ObjectKey& key, const HeadOptions& options) {
  last_call = options.call;
  return note("head " + key.str()).and_then([&] { return find(key); }).transform([&](const Object* object) {
    return info_of(key.str(), *object);
  });
}

Result<void> RecordingStore::do_remove(const ObjectKey& key, const RemoveOptions& options) {
  last_call = options.call;
  if (auto noted = note("remove " + key.str()); !noted) return noted;
  objects.erase(key.str());
  return {};
}

Result<RemoveReport> RecordingStore::do_remove_many(std::span<const ObjectKey> keys, const RemoveOptions&) {
  std::string call = "remove_many";
  for (const ObjectKey& key : keys) call += " " + key.str();
  if (auto noted = note(call); !noted) return std::move(noted).error();
  if (remove_many_with) return remove_many_with(keys);
  RemoveReport report;
  for (const ObjectKey& key : keys) {
    objects.erase(key.str());
    report.outcomes.push_back({key, std::nullopt});
  }
  return report;
}

Result<PutResult> RecordingStore::do_copy(const ObjectKey& from, const ObjectKey& to, const CopyOptions&) {
  if (auto noted = note("copy " + from.str() + " " + to.str()); !noted) return std::move(noted).error();
  return find(from).transform([&](const Object* object) {
    objects[to.str()] = *object;
    return PutResult{object->etag};
  });
}

Result<ListPage> RecordingStore::do_list(const ListOptions& options) {
  last_call = options.call;
  if (auto noted = note("list " + options.prefix); !noted) return std::move(noted).error();
  if (list_with) return list_with(options);
  ListPage page;
  const std::string& begin = std::max({options.prefix, options.start_after, options.continuation_token});
  for (auto at = objects.lower_bound(begin); at != objects.end() && at->first.starts_with(options.prefix); ++at) {
    if (std::ssize(page.objects) == std::min(page_size, options.max_keys)) {
      page.next_token = at->first;
      break;
    }
    page.objects.push_back({at->first, at->second.bytes.size(), at->second.etag, {}});
  }
  return page;
}

Result<SignedRequest> RecordingStore::do_presign(const PresignRequest& request) {
  if (!capabilities_.presign) return Error(ErrorCode::unsupported, "this store signs no URLs");
  presigned.push_back(request);
  if (auto noted = note("presign " + request.key.str()); !noted) return std::move(noted).error();
  const TimePoint now = clock_->now();
  const auto left = std::chrono::floor<std::chrono::seconds>(credentials_end - now);
  const auto lifetime = std::min(request.expires_in, left);
  return SignedRequest{.method = "GET",
                       .url = fmt::format("{}{}?signed", base_url, uri_encode(request.key.str(), UriPart::path)),
                       .headers = {},
                       .expires_in = lifetime,
                       .expires_at = std::chrono::floor<std::chrono::seconds>(now) + lifetime};
}

Result<ObjectKey> RecordingStore::do_key_from_url(std::string_view url) const {
  if (!url.starts_with(base_url)) return Error(ErrorCode::invalid_argument, "not a URL of this store");
  url.remove_prefix(base_url.size());
  return ObjectKey::parse(uri_decode(url.substr(0, url.find('?'))).value_or(""));
}

}  // namespace audiostore
