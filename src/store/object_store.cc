#include <audiostore/object_store.h>

#include "core/call_guard.h"
#include "core/named_call.h"
#include "core/text.h"
#include "store/attributes.h"
#include "store/buffered_writer.h"
#include "store/download_to_file.h"
#include "store/options_check.h"
#include "store/tags.h"

#include <fmt/format.h>

#include <algorithm>

namespace audiostore {
namespace {

Error bad_argument(const std::string& message) { return Error(ErrorCode::invalid_argument, message); }

Result<void> check_range(const std::optional<ByteRange>& range) {
  // Only what is wrong for an object of any size: a range that ends before it begins, or asks for no byte.
  if (!range) return {};
  const auto slice = range->resolve(UINT64_MAX);
  return slice ? Result<void>() : bad_argument(slice.error().message());
}

Result<void> check_download(const DownloadOptions& options) {
  if (options.part_size == 0) return bad_argument("part_size must be at least 1");
  if (options.parts_in_flight >= 1 && options.parts_in_flight <= 64) return {};
  return bad_argument(fmt::format("parts_in_flight is {}, it must be 1 to 64", options.parts_in_flight));
}

Result<void> check_list(const ListOptions& options) {
  if (options.max_keys < 1 || options.max_keys > 1000) {
    return bad_argument(fmt::format("max_keys is {}, it must be 1 to 1,000", options.max_keys));
  }
  if (!options.delimiter.empty() && options.delimiter != "/") {
    return bad_argument(fmt::format("the delimiter is '{}', it must be '/' or empty", options.delimiter));
  }
  for (const std::string* text : {&options.prefix, &options.start_after}) {
    if (!is_valid_utf8(*text) || has_control_character(*text)) {
      return bad_argument("prefix and start_after must be valid UTF-8 without control characters");
    }
  }
  return {};
}

Result<void> check_presign(const PresignRequest& request) {
  if (auto valid = check_expiry(request.expires_in); !valid) return valid;
  const bool overrides = !request.response_content_type.empty() || !request.response_content_disposition.empty();
  if (overrides && request.method != PresignMethod::get) {
    return bad_argument("response_content_type and response_content_disposition are for PresignMethod::get only");
  }
  return check_headers(request.signed_headers);
}

}  // namespace

bool RemoveReport::all_removed() const {
  return std::ranges::none_of(outcomes, [](const RemoveOutcome& outcome) { return outcome.error.has_value(); });
}

Result<PutResult> ObjectStore::put(const ObjectKey& key, const Payload& payload, const PutOptions& options) {
  return named_call("put", key.str(), options.call, [&]() -> Result<PutResult> {
    if (auto valid = check_put(options, {capabilities(), do_name()}); !valid) return std::move(valid).error();
    return do_put(key, payload, options);
  });
}

Result<std::unique_ptr<ObjectWriter>> ObjectStore::writer(const ObjectKey& key, const PutOptions& options) {
  return named_call("writer", key.str(), options.call, [&]() -> Result<std::unique_ptr<ObjectWriter>> {
    if (auto valid = check_put(options, {capabilities(), do_name()}); !valid) return std::move(valid).error();
    if (options.resume_from) return bad_argument("a writer cannot resume an upload: its bytes are gone");
    return do_writer(key, options);
  });
}

Result<ObjectInfo> ObjectStore::get(const ObjectKey& key, const ByteSink& sink, const GetOptions& options) {
  return named_call("get", key.str(), options.call, [&]() -> Result<ObjectInfo> {
    if (auto valid = check_range(options.range); !valid) return std::move(valid).error();
    if (!sink) return bad_argument("get needs a sink for the bytes");
    return do_get(key, guarded(sink), options);
  });
}

Result<ObjectInfo> ObjectStore::get_to_file(const ObjectKey& key, const std::filesystem::path& path,
                                            const DownloadOptions& options) {
  return named_call("get_to_file", key.str(), options.call, [&]() -> Result<ObjectInfo> {
    if (auto valid = check_download(options); !valid) return std::move(valid).error();
    const ObjectReader reader{
        .get = [&](const ByteSink& sink, const GetOptions& get) { return do_get(key, sink, get); },
        .head = [&](const HeadOptions& head) { return do_head(key, head); }};
    return download_to_file(reader, path, options);
  });
}

Result<ObjectInfo> ObjectStore::head(const ObjectKey& key, const HeadOptions& options) {
  return named_call("head", key.str(), options.call, [&] { return do_head(key, options); });
}

Result<void> ObjectStore::remove(const ObjectKey& key, const RemoveOptions& options) {
  return named_call("remove", key.str(), options.call, [&] { return do_remove(key, options); });
}

Result<RemoveReport> ObjectStore::remove_many(std::span<const ObjectKey> keys, const RemoveOptions& options) {
  auto report = named_call("remove_many", "", options.call, [&] { return do_remove_many(keys, options); });
  if (!report) return report;
  for (auto& [key, error] : report->outcomes) {
    if (error) error = Error(std::move(*error).with_operation("remove_many").with_key(key.str()));
  }
  return report;
}

Result<PutResult> ObjectStore::copy(const ObjectKey& from, const ObjectKey& to, const CopyOptions& options) {
  return named_call("copy", from.str(), options.call, [&]() -> Result<PutResult> {
    if (from == to && !options.attributes && options.storage_class.empty()) {
      return bad_argument("a copy onto itself must give new attributes or a storage class");
    }
    if (auto valid = check_copy(options, {capabilities(), do_name()}); !valid) return std::move(valid).error();
    return do_copy(from, to, options);
  });
}

Result<Tags> ObjectStore::tags(const ObjectKey& key, const TagOptions& options) {
  return named_call("tags", key.str(), options.call, [&]() -> Result<Tags> {
    if (!capabilities().tags) return unsupported(do_name(), "tags");
    return do_tags(key, options);
  });
}

Result<void> ObjectStore::set_tags(const ObjectKey& key, const Tags& tags, const TagOptions& options) {
  return named_call("set_tags", key.str(), options.call, [&]() -> Result<void> {
    if (auto valid = check_tags(tags); !valid) return valid;
    if (!capabilities().tags) return unsupported(do_name(), "tags");
    return do_set_tags(key, tags, options);
  });
}

Result<ListPage> ObjectStore::list(const ListOptions& options) {
  return named_call("list", options.prefix, options.call,
                    [&] { return check_list(options).and_then([&] { return do_list(options); }); });
}

Result<std::vector<UnfinishedUpload>> ObjectStore::list_uploads(const ListUploadsOptions& options) {
  return named_call("list_uploads", options.prefix, options.call, [&]() -> Result<std::vector<UnfinishedUpload>> {
    if (auto valid = check_list({.prefix = options.prefix}); !valid) return std::move(valid).error();
    return do_list_uploads(options);
  });
}

Result<void> ObjectStore::abort_upload(const ObjectKey& key, const std::string& upload_id,
                                       const RemoveOptions& options) {
  return named_call("abort_upload", key.str(), options.call, [&]() -> Result<void> {
    if (upload_id.empty()) return bad_argument("the upload id is empty");
    return do_abort_upload(key, upload_id, options);
  });
}

Result<SignedRequest> ObjectStore::presign(const PresignRequest& request) {
  return named_call("presign", request.key.str(), [&]() -> Result<SignedRequest> {
    if (auto valid = check_presign(request); !valid) return std::move(valid).error();
    return do_presign(request);
  });
}

Result<ObjectKey> ObjectStore::key_from_url(std::string_view url) const {
  return named_call("key_from_url", "", [&] { return do_key_from_url(url); });
}

Result<RemoveReport> ObjectStore::do_remove_many(std::span<const ObjectKey> keys, const RemoveOptions& options) {
  RemoveReport report;
  for (const ObjectKey& key : keys) {
    auto removed = remove(key, options);
    report.outcomes.push_back({key, removed ? std::nullopt : std::optional(std::move(removed).error())});
  }
  return report;
}

Result<std::unique_ptr<ObjectWriter>> ObjectStore::do_writer(const ObjectKey& key, const PutOptions& options) {
  return make_buffered_writer(*this, key, options);
}

Result<std::vector<UnfinishedUpload>> ObjectStore::do_list_uploads(const ListUploadsOptions&) {
  return std::vector<UnfinishedUpload>();
}

Result<void> ObjectStore::do_abort_upload(const ObjectKey&, const std::string&, const RemoveOptions&) { return {}; }

Result<Tags> ObjectStore::do_tags(const ObjectKey&, const TagOptions&) { return unsupported(do_name(), "tags"); }

Result<void> ObjectStore::do_set_tags(const ObjectKey&, const Tags&, const TagOptions&) {
  return unsupported(do_name(), "tags");
}

Result<SignedRequest> ObjectStore::do_presign(const PresignRequest&) {
  return Error(ErrorCode::unsupported, "this store signs no URLs; serve it with LocalEndpoint and use make_s3_store()");
}

Result<ObjectKey> ObjectStore::do_key_from_url(std::string_view) const {
  return Error(ErrorCode::unsupported, "this store makes no URLs; serve it with LocalEndpoint and use make_s3_store()");
}

Result<std::string> read_to_string(ObjectStore& store, const ObjectKey& key, std::uint64_t limit) {
  std::string bytes;
  const auto append = [&](ByteSpan piece) -> Result<void> {
    if (piece.size() > limit - bytes.size()) {
      return Error(ErrorCode::too_large, fmt::format("the object is longer than the limit of {} bytes", limit));
    }
    bytes.append(reinterpret_cast<const char*>(piece.data()), piece.size());
    return {};
  };
  return store.get(key, append).transform([&](const ObjectInfo&) { return std::move(bytes); });
}

}  // namespace audiostore
