#include "s3/credentials/instance_source.h"

#include "core/text.h"
#include "http/request_check.h"
#include "s3/credentials/credentials_json.h"
#include "s3/credentials/settings.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>

namespace audiostore {
namespace {

constexpr std::chrono::seconds time_limit{1};
constexpr std::string_view service = "the instance metadata service";
constexpr std::string_view role_path = "/latest/meta-data/iam/security-credentials/";

HttpRequest request_to(std::string_view method, std::string url, Headers headers) {
  HttpRequest request{
      .method = std::string(method), .url = std::move(url), .headers = std::move(headers), .body = {}, .call = {}};
  request.call.deadline = time_limit;
  return request;
}

/// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html
bool is_role_name(std::string_view name) {
  return !name.empty() && name.size() <= 64 && std::ranges::all_of(name, [](char c) {
    return is_alphanumeric(c) || std::string_view("_+=,.@-").find(c) != std::string_view::npos;
  });
}

std::string_view first_line(std::string_view text) {
  std::string_view line = text.substr(0, text.find('\n'));
  if (line.ends_with('\r')) line.remove_suffix(1);
  return trim(line);
}

}  // namespace

Lookup InstanceSource::look_up_for(const CallGuard& call) {
  if (equal_ignoring_case(variable(environment_, "AWS_EC2_METADATA_DISABLED").value_or(""), "true")) {
    return NotConfigured{"AWS_EC2_METADATA_DISABLED is true"};
  }
  const auto base = endpoint();
  if (!base) return base.error();
  auto transport = transport_->get();
  if (!transport) return std::move(transport).error();
  const auto token = exchange_small(
      **transport, request_to("PUT", *base + "/latest/api/token", {{"X-aws-ec2-metadata-token-ttl-seconds", "21600"}}),
      call);
  if (!token && !answered_ && call.check())
    return NotConfigured{fmt::format("nothing answers at {} within a second", *base)};
  if (!token) return token.error();
  if (token->status() / 100 == 4) {
    return NotConfigured{
        fmt::format("{} gives no token (HTTP {}): it is off, or too many hops away", service, token->status())};
  }
  if (token->status() != 200) return refusal(service, token->status());
  if (token->body().empty() || !is_plain(token->body())) {
    return Error(ErrorCode::corrupt, fmt::format("{} gave a token that cannot be one", service));
  }
  answered_ = true;
  return fetch(*base, Secret(token->body()), call);
}

Lookup InstanceSource::fetch(const std::string& base, const Secret& token, const CallGuard& call) {
  const std::string roles_url = base + std::string(role_path);
  const auto roles = get(roles_url, token, call);
  if (!roles) return roles.error();
  if (roles->status() == 404 || (roles->status() == 200 && first_line(roles->body()).empty())) {
    return NotConfigured{"the instance has no role"};
  }
  if (roles->status() != 200) return refusal(service, roles->status());
  const std::string_view role = first_line(roles->body());
  if (!is_role_name(role)) {
    return Error(ErrorCode::corrupt, fmt::format("{} names a role that cannot be one", service));
  }
  const auto reply = get(roles_url + std::string(role), token, call);
  if (!reply) return reply.error();
  if (reply->status() != 200) return refusal(service, reply->status());
  auto credentials = parse_credentials_json(reply->body(), CredentialsJson::metadata);
  if (!credentials) return std::move(credentials).error();
  credentials->source = fmt::format("{}, role {}", name(), role);
  return *std::move(credentials);
}

Result<SmallReply> InstanceSource::get(const std::string& url, const Secret& token, const CallGuard& call) {
  auto transport = transport_->get();
  if (!transport) return std::move(transport).error();
  return exchange_small(**transport,
                        request_to("GET", url, {{"X-aws-ec2-metadata-token", std::string(token.reveal())}}), call);
}

Result<std::string> InstanceSource::endpoint() const {
  if (auto given = variable(environment_, "AWS_EC2_METADATA_SERVICE_ENDPOINT")) {
    if (auto origin = origin_of(*given); !origin || given->find('?') != std::string::npos) {
      return Error(ErrorCode::invalid_argument, "AWS_EC2_METADATA_SERVICE_ENDPOINT is no URL of a service");
    }
    while (given->ends_with('/')) given->pop_back();
    return *std::move(given);
  }
  const std::string mode = variable(environment_, "AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE").value_or("IPv4");
  if (equal_ignoring_case(mode, "IPv4")) return std::string("http://169.254.169.254");
  if (equal_ignoring_case(mode, "IPv6")) return std::string("http://[fd00:ec2::254]");
  return Error(ErrorCode::invalid_argument, "AWS_EC2_METADATA_SERVICE_ENDPOINT_MODE must be IPv4 or IPv6");
}

}  // namespace audiostore
