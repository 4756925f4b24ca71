#include "s3/post_policy.h"

#include "core/dates.h"
#include "core/text.h"
#include "s3/encryption.h"
#include "s3/json_text.h"
#include "s3/presign.h"
#include "store/attributes.h"
#include "store/options_check.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace audiostore {
namespace {

constexpr std::string_view file_name_variable = "${filename}";

Error bad_argument(const std::string& message) { return Error(ErrorCode::invalid_argument, message); }

bool is_beginning(std::string_view text) { return text.ends_with('/'); }

/// Fields that the request has other words for, or that signing adds.
bool is_reserved(std::string_view name) {
  constexpr std::array<std::string_view, 13> names{"key",
                                                   "bucket",
                                                   "file",
                                                   "content-type",
                                                   "content-length",
                                                   "policy",
                                                   "awsaccesskeyid",
                                                   "signature",
                                                   "x-amz-algorithm",
                                                   "x-amz-credential",
                                                   "x-amz-date",
                                                   "x-amz-signature",
                                                   "x-amz-security-token"};
  const std::string lower = to_lower(name);
  return std::ranges::find(names, lower) != names.end() || lower == "success_action_status" ||
         lower.starts_with(encryption_header);
}

/// Services take '$' in a policy for the beginning of a variable.
Result<void> check_plain(std::string_view what, std::string_view text) {
  if (is_valid_utf8(text) && !has_control_character(text) && text.find('$') == std::string_view::npos) return {};
  return bad_argument(fmt::format("PostRequest::{} must be valid UTF-8 without control characters and '$'", what));
}

Result<void> check_post_key(std::string_view key) {
  if (auto plain = check_plain("key", key); !plain) return plain;
  // With any name behind it, the beginning has to make a key.
  const auto parsed = ObjectKey::parse(is_beginning(key) ? fmt::format("{}x", key) : std::string(key));
  return parsed ? Result<void>() : bad_argument("PostRequest::key: " + parsed.error().message());
}

Result<void> check_fields(const Headers& fields) {
  if (auto valid = check_headers(fields); !valid) return valid;
  for (const auto& [name, value] : fields) {
    if (is_reserved(name)) return bad_argument(fmt::format("PostRequest::fields must not hold '{}'", name));
    if (auto plain = check_plain("fields", value); !plain) return plain;
  }
  return {};
}

std::string equals(std::string_view name, std::string_view value) {
  return fmt::format("{{{}:{}}}", json_string(name), json_string(value));
}

std::string begins(std::string_view field, std::string_view text) {
  return fmt::format("[\"starts-with\",{},{}]", json_string(fmt::format("${}", field)), json_string(text));
}

/// All fields of the form but policy and signature.
Headers form_fields(const PostRequest& request, const S3Encryption& encryption, const S3Client::Signing& signing) {
  const sigv4::SigningKey& key = *signing.key;
  Headers form{{"key", request.key + std::string(is_beginning(request.key) ? file_name_variable : "")},
               {"success_action_status", std::to_string(request.success_status)}};
  if (!request.content_type.empty() && !is_beginning(request.content_type)) {
    form.push_back({"Content-Type", request.content_type});
  }
  form.insert(form.end(), request.fields.begin(), request.fields.end());
  std::ranges::move(object_encryption_headers(encryption), std::back_inserter(form));
  form.push_back({"x-amz-algorithm", "AWS4-HMAC-SHA256"});
  form.push_back({"x-amz-credential", key.access_key_id + "/" + key.credential_scope});
  form.push_back({"x-amz-date", std::string(amz_date(signing.now).timestamp())});
  if (!key.session_token.empty()) form.push_back({"x-amz-security-token", std::string(key.session_token.reveal())});
  return form;
}

}  // namespace

Result<void> check_post(const PostRequest& request) {
  if (auto valid = check_post_key(request.key); !valid) return valid;
  if (auto valid = check_expiry(request.expires_in); !valid) return valid;
  if (request.max_bytes == 0 || request.min_bytes > request.max_bytes) {
    return bad_argument("PostRequest::max_bytes must say how large the file may be, and not be below min_bytes");
  }
  if (auto valid = check_headers({{"Content-Type", request.content_type}}); !valid) return valid;
  if (auto valid = check_plain("content_type", request.content_type); !valid) return valid;
  if (request.content_type == "/") return bad_argument("PostRequest::content_type is no beginning of a type");
  if (request.success_status != 200 && request.success_status != 201 && request.success_status != 204) {
    return bad_argument("PostRequest::success_status must be 200, 201 or 204");
  }
  return check_fields(request.fields);
}

std::string post_policy(const PostRequest& request, std::string_view bucket, const Headers& form,
                        TimePoint expires_at) {
  std::string json =
      fmt::format("{{\"expiration\":\"{}\",\"conditions\":[{}", iso_date(expires_at), equals("bucket", bucket));
  for (const auto& [name, value] : form) {
    const bool open_key = name == "key" && is_beginning(request.key);
    json += ',' + (open_key ? begins("key", request.key) : equals(name, value));
  }
  if (is_beginning(request.content_type)) json += ',' + begins("Content-Type", request.content_type);
  json += fmt::format(",[\"content-length-range\",{},{}]]}}", request.min_bytes, request.max_bytes);
  return json;
}

std::string post_signature(std::string_view policy_base64, const sigv4::SigningKey& key) {
  return to_hex(key.hmac.sign(policy_base64));
}

Result<PostForm> presign_form(S3Client& client, const PostRequest& request) {
  if (!client.profile().presigned_post) return unsupported(client.profile().name, "presigned POST forms");
  if (auto valid = check_post(request); !valid) return std::move(valid).error();
  if (auto shown = check_shareable(client.encryption()); !shown) return std::move(shown).error();
  const auto signing = client.signing();
  if (!signing) return signing.error();
  const auto expires_in = lifetime(request.expires_in, *signing);
  if (!expires_in) return expires_in.error();

  const S3Endpoint& endpoint = signing->home->endpoint;
  const TimePoint expires_at = std::chrono::floor<std::chrono::seconds>(signing->now) + *expires_in;
  Headers fields = form_fields(request, client.encryption(), *signing);
  const std::string policy = to_base64(as_bytes(post_policy(request, endpoint.bucket(), fields, expires_at)));
  fields.push_back({"policy", policy});
  fields.push_back({"x-amz-signature", post_signature(policy, *signing->key)});
  return PostForm{.url = endpoint.origin() + endpoint.bucket_path(),
                  .fields = std::move(fields),
                  .expires_in = *expires_in,
                  .expires_at = expires_at};
}

}  // namespace audiostore
