#include <audiostore/s3_bucket.h>

#include "core/named_call.h"
#include "core/text.h"
#include "s3/bucket_xml.h"
#include "s3/provider.h"
#include "s3/s3_client.h"
#include "s3/xml.h"
#include "s3/xml_body.h"
#include "store/options_check.h"

#include <fmt/format.h>

#include <algorithm>

namespace audiostore {
namespace {

constexpr std::size_t max_settings_bytes = std::size_t{1} << 20;

/// True where a service says that there is no such configuration, and not that there is no bucket.
bool is_unset(const Error& error) {
  return error.code() == ErrorCode::not_found && error.service_code().starts_with("NoSuch") &&
         error.service_code() != "NoSuchBucket";
}

/// The bucket's setting `name` as `parse` reads it; empty where there is none.
template <class Rule>
Result<std::vector<Rule>> get_rules(S3Client& client, std::string_view name, const CallOptions& call,
                                    Result<std::vector<Rule>> (*parse)(std::string_view)) {
  const auto reply = client.exchange({.method = "GET", .query = {{std::string(name), ""}}}, call, max_settings_bytes);
  if (!reply && is_unset(reply.error())) return std::vector<Rule>();
  if (!reply) return reply.error();
  return parse(reply->body);
}

/// Replaces the setting `name` by `xml`; removes it where there is no rule.
Result<void> put_rules(S3Client& client, std::string_view name, bool any, std::string xml, const CallOptions& call) {
  S3Request request{.method = any ? "PUT" : "DELETE", .query = {{std::string(name), ""}}};
  if (any) set_xml_body(request, std::move(xml));
  const auto reply = client.exchange(request, call, max_small_reply_bytes);
  if (reply || (!any && is_unset(reply.error()))) return {};
  return reply.error();
}

Result<void> check_version_options(const ListVersionsOptions& options) {
  if (options.max_keys < 1 || options.max_keys > 1000) {
    return Error(ErrorCode::invalid_argument, fmt::format("max_keys is {}, it must be 1 to 1,000", options.max_keys));
  }
  if (is_valid_utf8(options.prefix) && !has_control_character(options.prefix)) return {};
  return Error(ErrorCode::invalid_argument, "the prefix must be valid UTF-8 without control characters");
}

/// Refuses a page that an erasure could not rely on.
Result<VersionPage> checked_page(VersionPage page, const ListVersionsOptions& options) {
  const auto outside = std::ranges::find_if_not(
      page.versions, [&](const ObjectVersion& version) { return version.key.starts_with(options.prefix); });
  if (outside != page.versions.end()) {
    return Error(ErrorCode::corrupt, "the listing is not to be trusted: a key lies outside of the prefix")
        .with_key(outside->key);
  }
  if (page.next_token.empty() || page.next_token != options.continuation_token) return page;
  return Error(ErrorCode::corrupt, "the listing is not to be trusted: it goes on where it was");
}

Result<VersionPage> version_page(S3Client& client, const ListVersionsOptions& options) {
  if (auto valid = check_version_options(options); !valid) return std::move(valid).error();
  S3Request request{
      .method = "GET",
      .query = {{"versions", ""}, {"encoding-type", "url"}, {"max-keys", std::to_string(options.max_keys)}}};
  if (!options.prefix.empty()) request.query.emplace_back("prefix", options.prefix);
  if (!options.continuation_token.empty()) {
    auto marker = parse_version_token(options.continuation_token);
    if (!marker) return Error(ErrorCode::invalid_argument, "the continuation token is none of a listing of versions");
    request.query.emplace_back("key-marker", std::move(marker->key));
    if (!marker->version_id.empty()) request.query.emplace_back("version-id-marker", std::move(marker->version_id));
  }
  const auto reply = client.exchange(request, options.call, max_listing_bytes);
  if (!reply) return reply.error();
  return parse_versions(reply->body).and_then([&](VersionPage page) { return checked_page(std::move(page), options); });
}

bool is_version_id(std::string_view text) {
  return !text.empty() && text.size() <= 1024 && std::ranges::all_of(text, [](char c) { return c > 0x20 && c < 0x7f; });
}

}  // namespace

Result<std::vector<CorsRule>> S3Bucket::cors(const CallOptions& call) {
  return named_call("cors", "", call, [&]() -> Result<std::vector<CorsRule>> {
    if (!client_->profile().cors) return unsupported(client_->profile().name, "CORS rules of a bucket");
    return get_rules(*client_, "cors", call, parse_cors);
  });
}

Result<void> S3Bucket::set_cors(std::span<const CorsRule> rules, const CallOptions& call) {
  return named_call("set_cors", "", call, [&]() -> Result<void> {
    if (!client_->profile().cors) return unsupported(client_->profile().name, "CORS rules of a bucket");
    if (auto valid = check_cors(rules); !valid) return valid;
    return put_rules(*client_, "cors", !rules.empty(), write_cors(rules), call);
  });
}

Result<std::vector<LifecycleRule>> S3Bucket::lifecycle(const CallOptions& call) {
  return named_call("lifecycle", "", call, [&]() -> Result<std::vector<LifecycleRule>> {
    if (!client_->profile().lifecycle) return unsupported(client_->profile().name, "lifecycle rules");
    return get_rules(*client_, "lifecycle", call, parse_lifecycle);
  });
}

Result<void> S3Bucket::set_lifecycle(std::span<const LifecycleRule> rules, const CallOptions& call) {
  return named_call("set_lifecycle", "", call, [&]() -> Result<void> {
    if (!client_->profile().lifecycle) return unsupported(client_->profile().name, "lifecycle rules");
    if (auto valid = check_lifecycle(rules); !valid) return valid;
    return put_rules(*client_, "lifecycle", !rules.empty(), write_lifecycle(rules), call);
  });
}

Result<VersionPage> S3Bucket::list_versions(const ListVersionsOptions& options) {
  return named_call("list_versions", options.prefix, options.call, [&]() -> Result<VersionPage> {
    if (!client_->profile().versions) return unsupported(client_->profile().name, "versions");
    return version_page(*client_, options);
  });
}

Result<void> S3Bucket::remove_version(const ObjectKey& key, std::string_view version_id, const CallOptions& call) {
  return named_call("remove_version", key.str(), call, [&]() -> Result<void> {
    if (!client_->profile().versions) return unsupported(client_->profile().name, "versions");
    if (!is_version_id(version_id))
      return Error(ErrorCode::invalid_argument, "version_id must be one of list_versions");
    const S3Request request{.method = "DELETE", .key = key, .query = {{"versionId", std::string(version_id)}}};
    const auto reply = client_->exchange(request, call, max_small_reply_bytes);
    const bool gone =
        !reply && (reply.error().service_code() == "NoSuchVersion" || reply.error().service_code() == "NoSuchKey");
    if (reply || gone) return {};
    return reply.error();
  });
}

}  // namespace audiostore
