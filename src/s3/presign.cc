#include "s3/presign.h"

#include "core/text.h"
#include "s3/encryption.h"
#include "s3/provider.h"
#include "store/attributes.h"
#include "store/options_check.h"

#include <fmt/format.h>

#include <algorithm>

namespace audiostore {
namespace {

constexpr int max_part_number = 10'000;

Error bad_argument(const std::string& message) { return Error(ErrorCode::invalid_argument, message); }

std::string_view name_of(PresignMethod method) {
  switch (method) {
    case PresignMethod::get: return "GET";
    case PresignMethod::put: return "PUT";
    case PresignMethod::head: return "HEAD";
    case PresignMethod::remove: return "DELETE";
  }
  return "GET";
}

std::vector<sigv4::QueryParameter> override_parameters(const PresignRequest& request) {
  std::vector<sigv4::QueryParameter> parameters;
  if (!request.response_content_type.empty()) {
    parameters.emplace_back("response-content-type", request.response_content_type);
  }
  if (!request.response_content_disposition.empty()) {
    parameters.emplace_back("response-content-disposition", request.response_content_disposition);
  }
  return parameters;
}

Result<void> check_signable(const Headers& headers) {
  for (const Header& header : headers) {
    if (sigv4::is_unsignable(header.name)) {
      return bad_argument(
          fmt::format("the header '{}' cannot be signed: it is changed on the way or added by signing", header.name));
    }
  }
  return {};
}

Result<void> check_part(const PresignPartRequest& request) {
  if (request.part_number < 1 || request.part_number > max_part_number) {
    return bad_argument(fmt::format("part_number is {}, it must be 1 to 10,000", request.part_number));
  }
  if (request.upload_id.empty() || !is_valid_utf8(request.upload_id) || has_control_character(request.upload_id)) {
    return bad_argument("upload_id must be that of an upload that was begun");
  }
  if (auto valid = check_expiry(request.expires_in); !valid) return valid;
  return check_headers(request.signed_headers);
}

/// What a URL is for.
struct Purpose {
  std::string_view method;
  const ObjectKey& key;
  std::vector<sigv4::QueryParameter> parameters;
  Headers headers;
  std::chrono::seconds expires_in;
};

/// What the sender has to say so that the object is kept as the store keeps its objects.
Result<Headers> with_encryption(const S3Client& client, const PresignRequest& request) {
  Headers headers = request.signed_headers;
  const S3Encryption& encryption = client.encryption();
  if (request.method == PresignMethod::remove || std::holds_alternative<std::monostate>(encryption)) return headers;
  if (auto shown = check_shareable(encryption); !shown) return std::move(shown).error();
  if (request.method != PresignMethod::put) return headers;
  for (const Header& header : headers) {
    if (to_lower(header.name).starts_with(encryption_header)) {
      return bad_argument("S3Options::encryption says how objects are encrypted; leave it out of signed_headers");
    }
  }
  std::ranges::move(object_encryption_headers(encryption), std::back_inserter(headers));
  return headers;
}

Result<SignedRequest> sign_url(S3Client& client, const Purpose& purpose) {
  if (auto valid = check_key(client.profile(), purpose.key); !valid) return std::move(valid).error();
  if (auto signable = check_signable(purpose.headers); !signable) return std::move(signable).error();
  const auto signing = client.signing();
  if (!signing) return signing.error();
  const auto expires_in = lifetime(purpose.expires_in, *signing);
  if (!expires_in) return expires_in.error();

  const S3Endpoint& endpoint = signing->home->endpoint;
  return SignedRequest{
      .method = std::string(purpose.method),
      .url = sigv4::presign(endpoint.object_url(purpose.key, sigv4::presigned_query_bytes),
                            {.method = purpose.method,
                             .host = endpoint.host(),
                             .path_begin = endpoint.origin().size(),
                             .parameters = purpose.parameters,
                             .headers = purpose.headers,
                             .hash_in_query = client.profile().presign_payload_hash && purpose.method != "GET",
                             .expires_in = *expires_in},
                            signing->now, *signing->key),
      .headers = purpose.headers,
      .expires_in = *expires_in,
      .expires_at = std::chrono::floor<std::chrono::seconds>(signing->now) + *expires_in};
}

}  // namespace

Result<SignedRequest> presign_object(S3Client& client, const PresignRequest& request) {
  return with_encryption(client, request).and_then([&](Headers headers) {
    return sign_url(client, {.method = name_of(request.method),
                             .key = request.key,
                             .parameters = override_parameters(request),
                             .headers = std::move(headers),
                             .expires_in = request.expires_in});
  });
}

Result<SignedRequest> presign_upload_part(S3Client& client, const PresignPartRequest& request) {
  if (auto valid = check_part(request); !valid) return std::move(valid).error();
  if (auto shown = check_shareable(client.encryption()); !shown) return std::move(shown).error();
  return sign_url(client,
                  {.method = "PUT",
                   .key = request.key,
                   .parameters = {{"partNumber", std::to_string(request.part_number)}, {"uploadId", request.upload_id}},
                   .headers = request.signed_headers,
                   .expires_in = request.expires_in});
}

Result<std::chrono::seconds> lifetime(std::chrono::seconds asked, const S3Client::Signing& signing) {
  const auto& ends = signing.credentials->expires_at;
  if (!ends) return asked;
  const auto left = std::chrono::floor<std::chrono::seconds>(*ends - signing.now);
  if (left < std::chrono::seconds(1)) {
    return Error(ErrorCode::unauthenticated, "the credentials have expired; get new ones");
  }
  return std::min(asked, left);
}

}  // namespace audiostore
