#include <audiostore/s3_store.h>

#include "core/call_guard.h"
#include "core/crypto.h"
#include "core/text.h"
#include "s3/download.h"
#include "s3/encryption.h"
#include "s3/integrity.h"
#include "s3/multipart/copy.h"
#include "s3/multipart/part_plan.h"
#include "s3/multipart/s3_writer.h"
#include "s3/multipart/upload.h"
#include "s3/multipart/upload_requests.h"
#include "s3/object_headers.h"
#include "s3/presign.h"
#include "s3/retry.h"
#include "s3/s3_client.h"
#include "s3/s3_error.h"
#include "s3/tagging.h"
#include "s3/write_headers.h"
#include "s3/xml.h"
#include "s3/xml_body.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

namespace audiostore {
namespace {

/// What became of each key of a batch: by the reply, or all the same where there was none.
std::vector<RemoveOutcome> outcomes_of(std::span<const ObjectKey> batch, const Result<DeleteResultDocument>& result) {
  std::map<std::string_view, std::optional<Error>> known;
  if (result) {
    for (const std::string& key : result->deleted) known.emplace(key, std::nullopt);
    for (const auto& [key, error] : result->failed) {
      const bool gone = error.code == "NoSuchKey";
      // Without the server's free text, which could repeat what must stay hidden: the code says enough.
      const S3ErrorDocument code_only{.code = error.code};
      known.insert_or_assign(key,
                             gone ? std::nullopt : std::optional(error_from_document(code_only, 200).with_key(key)));
    }
  }
  std::vector<RemoveOutcome> outcomes;
  for (const ObjectKey& key : batch) {
    const auto outcome = known.find(key.str());
    if (!result) {
      outcomes.push_back({key, result.error()});
    } else if (outcome == known.end()) {
      outcomes.push_back(
          {key, Error(ErrorCode::corrupt, "the reply does not say what became of this key").with_key(key.str())});
    } else {
      outcomes.push_back({key, outcome->second});
    }
  }
  return outcomes;
}

/// Refuses a page that a clean-up could not rely on: names out of order, twice, or such as were not asked for.
Result<ListPage> checked_page(ListPage page, const ListOptions& options) {
  const auto refuse = [](std::string_view why, std::string_view name) {
    return Error(ErrorCode::corrupt, fmt::format("the listing is not to be trusted: {}", why)).with_key(name);
  };
  std::string_view last = options.start_after;
  for (const ObjectSummary& object : page.objects) {
    if (!object.key.starts_with(options.prefix)) return refuse("a key lies outside of the prefix", object.key);
    if (object.key <= last) return refuse("keys are repeated or not in byte order", object.key);
    last = object.key;
  }
  last = {};
  for (const std::string& prefix : page.common_prefixes) {
    if (!prefix.starts_with(options.prefix)) return refuse("a prefix lies outside of the one asked for", prefix);
    if (prefix <= last) return refuse("prefixes are repeated or not in byte order", prefix);
    last = prefix;
  }
  if (!page.next_token.empty() && page.next_token == options.continuation_token) {
    return refuse("the same continuation token came again", options.prefix);
  }
  return page;
}

class BucketStore final : public S3Store {
 public:
  BucketStore(S3Endpoint endpoint, const ProviderProfile& profile, const S3Options& options, std::string region)
      : client_(std::move(endpoint), profile, options, std::move(region)),
        settings_{options.transfer, UploadIntegrity(options, profile)} {}

  [[nodiscard]] Capabilities capabilities() const override {
    return {.presign = true,
            .conditional_put = client_.profile().conditional_put,
            .conditional_copy = client_.profile().conditional_copy,
            .conditional_replace = client_.profile().conditional_replace != ConditionalReplace::no,
            .tags = client_.profile().tagging,
            .storage_classes = client_.profile().storage_classes};
  }

  [[nodiscard]] S3Features features() const override {
    return {.presigned_post = client_.profile().presigned_post,
            .obeys_unsigned_fields = client_.profile().obeys_unsigned_fields,
            .cors = client_.profile().cors,
            .lifecycle = client_.profile().lifecycle,
            .versions = client_.profile().versions,
            .removal_hides = client_.profile().removal_hides};
  }

 private:
  S3Client& client() override { return client_; }
  [[nodiscard]] const TransferOptions& transfer() const override { return settings_.transfer; }
  Result<PutResult> do_put(const ObjectKey& key, const Payload& payload, const PutOptions& options) override {
    return upload(client_, settings_, key, payload, options);
  }
  Result<std::unique_ptr<ObjectWriter>> do_writer(const ObjectKey& key, const PutOptions& options) override {
    return make_s3_writer(client_, settings_, key, options);
  }
  [[nodiscard]] std::string_view do_name() const override { return client_.profile().name; }
  Result<ObjectInfo> do_get(const ObjectKey& key, const ByteSink& sink, const GetOptions& options) override;
  Result<ObjectInfo> do_head(const ObjectKey& key, const HeadOptions& options) override;
  Result<void> do_remove(const ObjectKey& key, const RemoveOptions& options) override;
  Result<RemoveReport> do_remove_many(std::span<const ObjectKey> keys, const RemoveOptions& options) override;
  Result<PutResult> do_copy(const ObjectKey& from, const ObjectKey& to, const CopyOptions& options) override;
  Result<Tags> do_tags(const ObjectKey& key, const TagOptions& options) override;
  Result<void> do_set_tags(const ObjectKey& key, const Tags& tags, const TagOptions& options) override;
  Result<ListPage> do_list(const ListOptions& options) override;
  Result<std::vector<UnfinishedUpload>> do_list_uploads(const ListUploadsOptions& options) override;
  Result<void> do_abort_upload(const ObjectKey& key, const std::string& id, const RemoveOptions& options) override {
    return UploadRequests(client_).abort({key, id}, options.call);
  }
  Result<SignedRequest> do_presign(const PresignRequest& request) override { return presign_object(client_, request); }
  [[nodiscard]] Result<ObjectKey> do_key_from_url(std::string_view url) const override {
    return client_.key_from_url(url);
  }

  Result<DeleteResultDocument> remove_batch(std::span<const ObjectKey> keys, const CallOptions& call);

  S3Client client_;
  const UploadSettings settings_;
};

Result<ObjectInfo> BucketStore::do_get(const ObjectKey& key, const ByteSink& sink, const GetOptions& options) {
  return download(client_, key, sink, options);
}

Result<ObjectInfo> BucketStore::do_head(const ObjectKey& key, const HeadOptions& options) {
  S3Request request{.method = "HEAD", .key = key, .headers = condition_headers(options.conditions)};
  if (options.digests) ask_for_digests(request.headers, client_.profile());
  return client_.exchange(request, options.call, max_small_reply_bytes).and_then([&](const S3Reply& reply) {
    return object_info(reply.response, key.str(), std::nullopt).transform([&](ObjectInfo info) {
      info.digests = digests_of(reply.response, info, client_.profile());
      return info;
    });
  });
}

Result<void> BucketStore::do_remove(const ObjectKey& key, const RemoveOptions& options) {
  const auto reply = client_.exchange({.method = "DELETE", .key = key}, options.call, max_small_reply_bytes);
  if (reply || reply.error().service_code() == "NoSuchKey") return {};
  return reply.error();
}

Result<DeleteResultDocument> BucketStore::remove_batch(std::span<const ObjectKey> keys, const CallOptions& call) {
  S3Request request{.method = "POST", .query = {{"delete", ""}}};
  request.idempotent = true;
  set_xml_body(request, write_delete_objects_request(keys));
  const auto reply = client_.exchange(request, call, max_listing_bytes);
  if (!reply) return reply.error();
  return parse_delete_result(reply->body);
}

Result<RemoveReport> BucketStore::do_remove_many(std::span<const ObjectKey> keys, const RemoveOptions& options) {
  for (const ObjectKey& key : keys) {
    if (auto valid = check_key(client_.profile(), key); !valid) return std::move(valid).error();
  }
  const CallGuard guard(options.call);
  RemoveReport report;
  while (!keys.empty()) {
    const auto batch = keys.first(std::min(keys.size(), client_.profile().batch_delete_max));
    const auto result = guard.check().and_then([&] { return remove_batch(batch, guard.remaining()); });
    if (!result && report.outcomes.empty()) return result.error();
    std::ranges::move(outcomes_of(batch, result), std::back_inserter(report.outcomes));
    keys = keys.subspan(batch.size());
  }
  return report;
}

Result<PutResult> BucketStore::do_copy(const ObjectKey& from, const ObjectKey& to, const CopyOptions& options) {
  for (const ObjectKey* key : {&from, &to}) {
    if (auto valid = check_key(client_.profile(), *key); !valid) return std::move(valid).error();
  }
  return copy_object(client_, for_copies(settings_.transfer), max_single_copy, from, to, options);
}

Result<std::vector<UnfinishedUpload>> BucketStore::do_list_uploads(const ListUploadsOptions& options) {
  auto uploads = UploadRequests(client_).uploads(options.prefix, options.call);
  if (uploads && options.begun_before) {
    std::erase_if(*uploads, [&](const UnfinishedUpload& upload) { return upload.begun >= *options.begun_before; });
  }
  return uploads;
}

Result<Tags> BucketStore::do_tags(const ObjectKey& key, const TagOptions& options) {
  return read_tags(client_, key, options.call);
}

Result<void> BucketStore::do_set_tags(const ObjectKey& key, const Tags& tags, const TagOptions& options) {
  return replace_tags(client_, key, tags, options.call);
}

Result<ListPage> BucketStore::do_list(const ListOptions& options) {
  S3Request request{
      .method = "GET",
      .query = {{"list-type", "2"}, {"encoding-type", "url"}, {"max-keys", std::to_string(options.max_keys)}}};
  const auto add = [&](std::string_view name, const std::string& value) {
    if (!value.empty()) request.query.emplace_back(name, value);
  };
  add("prefix", options.prefix);
  add("delimiter", options.delimiter);
  add("start-after", options.start_after);
  add("continuation-token", options.continuation_token);
  const auto reply = client_.exchange(request, options.call, max_listing_bytes);
  if (!reply) return reply.error();
  return parse_list_result(reply->body).and_then([&](ListPage page) { return checked_page(std::move(page), options); });
}

bool has_odd_character(std::string_view region) {
  return std::ranges::any_of(region, [](char c) { return c != '-' && !is_alphanumeric(c); });
}

/// Products with one blank between them, "name/version" or "name" (RFC 9110, section 10.1.5).
bool is_product_list(std::string_view text) {
  if (text.size() > 128) return false;
  for (bool more = true; more;) {
    const auto blank = text.find(' ');
    const std::string_view product = text.substr(0, blank);
    const auto slash = std::min(product.find('/'), product.size());
    const bool version = slash == product.size() || is_token(product.substr(slash + 1));
    if (!is_token(product.substr(0, slash)) || !version) return false;
    more = blank != std::string_view::npos;
    if (more) text.remove_prefix(blank + 1);
  }
  return true;
}

/// The options with every default filled in.
Result<S3Options> complete(S3Options options) {
  const auto missing = [](std::string_view what) {
    return Error(ErrorCode::invalid_argument, fmt::format("S3Options::{} is missing", what));
  };
  if (options.bucket.empty()) return missing("bucket");
  if (!options.credentials) return missing("credentials");
  if (!options.clock) return missing("clock");
  if (!options.user_agent_suffix.empty() && !is_product_list(options.user_agent_suffix)) {
    return Error(ErrorCode::invalid_argument,
                 "S3Options::user_agent_suffix must be products such as 'my-app/1.2', with one blank between them");
  }
  if (auto sensible = check_retry_options(options.retry); !sensible) return std::move(sensible).error();
  if (!options.provider)
    options.provider = options.endpoint.empty() ? S3Provider::aws : provider_of_host(endpoint_host(options.endpoint));
  const ProviderProfile& profile = profile_of(*options.provider);
  if (auto known = check_upload_checksum(options.upload_checksum, profile); !known) return std::move(known).error();
  if (auto sensible = check_transfer_options(options.transfer, profile.min_part_bytes); !sensible) {
    return std::move(sensible).error();
  }
  if (options.region.empty()) options.region = profile.default_region;
  if (options.region.empty())
    return Error(ErrorCode::invalid_argument, fmt::format("S3Options::region is missing, {} needs it", profile.name));
  if (has_odd_character(options.region))
    return Error(ErrorCode::invalid_argument, "S3Options::region may hold letters, digits and '-' only");
  if (options.endpoint.empty()) {
    if (options.provider != S3Provider::aws) return missing("endpoint");
    options.endpoint =
        fmt::format("https://s3.{}.amazonaws.com{}", options.region, options.region.starts_with("cn-") ? ".cn" : "");
  }
  if (options.addressing == AddressingStyle::automatic && profile.addressing == AddressingStyle::path)
    options.addressing = AddressingStyle::path;
  return options;
}

}  // namespace

Result<std::unique_ptr<S3Store>> make_s3_store(S3Options options) {
  auto completed = complete(std::move(options));
  if (!completed) return std::move(completed).error();
  auto endpoint =
      S3Endpoint::make(completed->endpoint, completed->bucket, completed->addressing, completed->allow_http);
  if (!endpoint) return std::move(endpoint).error();
  if (completed->payload_signing == PayloadSigning::unsigned_over_tls && !endpoint->uses_tls()) {
    return Error(ErrorCode::invalid_argument, "PayloadSigning::unsigned_over_tls needs an https endpoint");
  }
  const ProviderProfile& profile = profile_of(*completed->provider);
  if (auto valid = check_encryption(completed->encryption, profile, endpoint->uses_tls()); !valid) {
    return std::move(valid).error();
  }
  if (!completed->transport) {
    auto transport = make_curl_transport();
    if (!transport) return std::move(transport).error();
    completed->transport = *std::move(transport);
  }
  return std::make_unique<BucketStore>(*std::move(endpoint), profile_of(*completed->provider), *completed,
                                       completed->region);
}

}  // namespace audiostore
