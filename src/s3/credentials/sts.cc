#include "s3/credentials/sts.h"

#include "core/crypto.h"
#include "core/text.h"
#include "http/request_check.h"
#include "s3/credentials/metadata_url.h"
#include "s3/credentials/settings.h"
#include "s3/sigv4.h"
#include "s3/xml.h"

#include <fmt/format.h>

#include <algorithm>

namespace audiostore {
namespace {

constexpr std::chrono::seconds time_limit{20};

void append_field(std::string& form, std::string_view name, std::string_view value) {
  if (value.empty()) return;
  if (!form.empty()) form += '&';
  (form += name) += '=';
  append_uri_encoded(form, value, UriPart::component);
}

bool is_region(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return is_alphanumeric(c) || c == '-'; });
}

/// STS's own words are left out: they repeat values of the request.
Error refusal_of(const RoleToAssume& role, const SmallReply& reply) {
  const auto document = parse_sts_error(reply.body());
  const std::string code = document && is_code_word(document->code) ? document->code : "";
  const bool passing = reply.status() / 100 == 5 || reply.status() == 429 || code == "IDPCommunicationError" ||
                       code.starts_with("Throttl");
  return Error(passing ? ErrorCode::unavailable : ErrorCode::unauthenticated,
               fmt::format("STS does not let '{}' be assumed: HTTP {} {}", role.arn, reply.status(), code))
      .with_http_status(reply.status())
      .with_service_code(code)
      .with_request_id(document ? document->request_id : "");
}

/// The headers of a form, signed where there is somebody to sign.
Headers form_headers(const std::string& host, const std::string& form, const sigv4::SigningKey* key, TimePoint now) {
  Headers headers{{"Content-Type", "application/x-www-form-urlencoded; charset=utf-8"}, {"Accept", "application/xml"}};
  if (key == nullptr) return headers;
  headers.push_back({"Host", host});
  headers = sigv4::sign({.method = "POST",
                         .path = "/",
                         .query = "",
                         .headers = std::move(headers),
                         .payload_hash = to_hex(sha256(form))},
                        now, *key)
                .headers;
  std::erase_if(headers, [](const Header& header) { return header.name == "Host"; });  // the transport's business
  return headers;
}

}  // namespace

Result<StsClient::Endpoint> StsClient::endpoint(const std::string& fallback) const {
  std::string region = variable(environment_, "AWS_REGION").value_or("");
  if (region.empty()) region = variable(environment_, "AWS_DEFAULT_REGION").value_or(fallback);
  if (!is_region(region)) return Error(ErrorCode::invalid_argument, "the region for STS is no name of a region");
  const bool global = region.empty() || region == "aws-global";
  if (const auto given = variable(environment_, "AWS_ENDPOINT_URL_STS")) {
    const auto origin = origin_of(*given);
    if (!origin) return Error(ErrorCode::invalid_argument, "AWS_ENDPOINT_URL_STS is no URL of a service");
    if (origin->scheme != "https" && !is_loopback_authority(origin->authority)) {
      return Error(ErrorCode::invalid_argument, "AWS_ENDPOINT_URL_STS must be https: tokens are sent there");
    }
    if (given->size() > origin->to_string().size() + 1) {
      return Error(ErrorCode::invalid_argument, "AWS_ENDPOINT_URL_STS must be a scheme and a host only");
    }
    return Endpoint{origin->to_string(), origin->authority, global ? "us-east-1" : region};
  }
  if (global) return Endpoint{"https://sts.amazonaws.com", "sts.amazonaws.com", "us-east-1"};
  const std::string host = fmt::format("sts.{}.amazonaws.com{}", region, region.starts_with("cn-") ? ".cn" : "");
  return Endpoint{"https://" + host, host, region};
}

std::string StsClient::form(std::string_view action, const RoleToAssume& role) const {
  const auto seconds = std::chrono::floor<std::chrono::seconds>(clock_->now()).time_since_epoch().count();
  std::string form;
  append_field(form, "Action", action);
  append_field(form, "Version", "2011-06-15");
  append_field(form, "RoleArn", role.arn);
  append_field(form, "RoleSessionName",
               role.session_name.empty() ? fmt::format("audiostore-{}", seconds) : role.session_name);
  append_field(form, "ExternalId", role.external_id);
  if (role.duration) append_field(form, "DurationSeconds", std::to_string(role.duration->count()));
  return form;
}

Result<Credentials> StsClient::assume_role(const RoleToAssume& role, const Credentials& signer, const CallGuard& call) {
  return ask("AssumeRole", role, form("AssumeRole", role), &signer, call);
}

Result<Credentials> StsClient::assume_role_with_web_identity(const RoleToAssume& role, const Secret& token,
                                                             const CallGuard& call) {
  constexpr std::string_view action = "AssumeRoleWithWebIdentity";
  std::string fields = form(action, role);
  fields.reserve(fields.size() + 3 * token.reveal().size() + 32);  // so that the token is not left behind in a copy
  append_field(fields, "WebIdentityToken", token.reveal());
  return ask(action, role, std::move(fields), nullptr, call);
}

Result<Credentials> StsClient::ask(std::string_view action, const RoleToAssume& role, std::string form,
                                   const Credentials* signer, const CallGuard& call) {
  auto to = endpoint(role.region);
  if (!to) return std::move(to).error();
  const TimePoint now = clock_->now();
  std::optional<sigv4::SigningKey> key;
  if (signer != nullptr)
    key.emplace(*signer, amz_date(now).day(), sigv4::Scope{.region = to->region, .service = "sts"});
  HttpRequest request{.method = "POST",
                      .url = to->origin + "/",
                      .headers = form_headers(to->host, form, key ? &*key : nullptr, now),
                      .body = secret_payload(std::move(form)),
                      .call = {}};
  request.call.deadline = time_limit;
  auto transport = transport_->get();
  if (!transport) return std::move(transport).error();
  const auto reply = exchange_small(**transport, request, call);
  if (!reply) return reply.error();
  if (reply->status() != 200) return refusal_of(role, *reply);
  return parse_sts_credentials(reply->body(), action).transform_error([](const Error& error) {
    return Error(error.code(), "the reply of STS has no credentials that can be read");  // says nothing of the reply
  });
}

}  // namespace audiostore
