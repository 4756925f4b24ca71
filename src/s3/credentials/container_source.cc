#include "s3/credentials/container_source.h"

#include "s3/credentials/credentials_json.h"
#include "s3/credentials/metadata_url.h"
#include "s3/credentials/settings.h"
#include "s3/credentials/small_file.h"

#include <fmt/format.h>

#include <chrono>

namespace audiostore {
namespace {

constexpr std::chrono::seconds time_limit{5};
constexpr std::size_t max_token_bytes = std::size_t{16} * 1024;

}  // namespace

Lookup ContainerSource::look_up_for(const CallGuard& call) {
  std::string url;
  if (const auto relative = variable(environment_, "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI")) {
    if (!relative->starts_with('/')) {
      return Error(ErrorCode::invalid_argument, "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI must begin with '/'");
    }
    url = "http://169.254.170.2" + *relative;
  } else if (const auto full = variable(environment_, "AWS_CONTAINER_CREDENTIALS_FULL_URI")) {
    url = *full;
  } else {
    return NotConfigured{
        "neither AWS_CONTAINER_CREDENTIALS_RELATIVE_URI nor AWS_CONTAINER_CREDENTIALS_FULL_URI is set"};
  }
  if (auto allowed = check_container_url(url); !allowed) return std::move(allowed).error();
  auto credentials = fetch(std::move(url), call);
  if (!credentials) return std::move(credentials).error();
  return *std::move(credentials);
}

Result<Credentials> ContainerSource::fetch(std::string url, const CallGuard& call) {
  auto token = authorization();
  if (!token) return std::move(token).error();
  HttpRequest request{
      .method = "GET", .url = std::move(url), .headers = {{"Accept", "application/json"}}, .body = {}, .call = {}};
  request.call.deadline = time_limit;
  if (!token->empty()) request.headers.push_back({"Authorization", *token});
  auto transport = transport_->get();
  if (!transport) return std::move(transport).error();
  const auto reply = exchange_small(**transport, request, call);
  if (!reply) return reply.error();
  if (reply->status() != 200) return refusal("the container's credentials service", reply->status());
  auto credentials = parse_credentials_json(reply->body(), CredentialsJson::metadata);
  if (credentials) credentials->source = name();
  return credentials;
}

Result<std::string> ContainerSource::authorization() const {
  std::string token;
  if (const auto file = variable(environment_, "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE")) {
    auto text = read_small_file(*file, max_token_bytes);
    if (!text) return std::move(text).error();
    token = *std::move(text);
  } else {
    token = variable(environment_, "AWS_CONTAINER_AUTHORIZATION_TOKEN").value_or("");
  }
  if (!is_one_line(token)) {
    return Error(ErrorCode::invalid_argument,
                 "the container's authorization token has a line break or another control character");
  }
  return token;
}

}  // namespace audiostore
