// Signs the requests that come in on stdin, one JSON object a line, and prints one line for each: the Authorization
// header, the presigned URL, or the presigned form as JSON. Fed by compare_with_botocore.py.
#include <audiostore/s3_store.h>

#include "core/dates.h"
#include "core/text.h"
#include "s3/endpoint.h"
#include "s3/sigv4.h"

#include <nlohmann/json.hpp>

#include <iostream>
#include <string>

using namespace audiostore;
using nlohmann::json;

namespace {

Headers headers_of(const json& request) {
  Headers headers;
  for (const auto& pair : request.at("headers")) headers.push_back({pair.at(0), pair.at(1)});
  return headers;
}

std::vector<sigv4::QueryParameter> query_of(const json& request) {
  std::vector<sigv4::QueryParameter> query;
  for (const auto& pair : request.at("query")) query.emplace_back(pair.at(0), pair.at(1));
  return query;
}

class FixedClock final : public Clock {
 public:
  explicit FixedClock(TimePoint now) : now_(now) {}
  [[nodiscard]] TimePoint now() const override { return now_; }

 private:
  TimePoint now_;
};

std::string form(const json& request, const Credentials& credentials, TimePoint time) {
  const bool in_host = request.at("in_host");
  const json& post = request.at("post");
  const auto store = make_s3_store({.bucket = request.at("bucket"),
                                    .credentials = static_credentials(credentials),
                                    .region = request.at("region"),
                                    .endpoint = request.at("endpoint"),
                                    .provider = S3Provider::minio,
                                    .addressing = in_host ? AddressingStyle::virtual_host : AddressingStyle::path,
                                    .allow_http = true,
                                    .clock = std::make_shared<FixedClock>(time)})
                         .value();
  const PostForm made = store
                            ->presign_post({.key = post.at("key"),
                                            .max_bytes = post.at("max_bytes"),
                                            .min_bytes = post.at("min_bytes"),
                                            .content_type = post.at("content_type"),
                                            .expires_in = std::chrono::seconds(post.at("expires").get<int>()),
                                            .fields = headers_of(post),
                                            .success_status = 201})
                            .value();
  json fields = json::object();
  for (const Header& field : made.fields) fields[field.name] = field.value;
  return json{{"url", made.url}, {"fields", fields}}.dump();
}

std::string answer(const json& request) {
  const Credentials credentials{.access_key_id = request.at("access_key"),
                                .secret_access_key = Secret(request.at("secret_key").get<std::string>()),
                                .session_token = Secret(request.at("token").get<std::string>())};
  const TimePoint time = parse_amz_date(request.at("time").get<std::string>()).value();
  if (request.contains("post")) return form(request, credentials, time);
  const sigv4::SigningKey key(credentials, amz_date(time).day(), {.region = request.at("region")});
  const auto endpoint =
      S3Endpoint::make(request.at("endpoint").get<std::string>(), request.at("bucket").get<std::string>(),
                       request.at("in_host") ? AddressingStyle::virtual_host : AddressingStyle::path, true)
          .value();
  const ObjectKey object = ObjectKey::parse(request.at("key").get<std::string>()).value();
  const std::string method = request.at("method");
  const Headers headers = headers_of(request);
  const auto query = query_of(request);
  if (request.contains("expires")) {
    return sigv4::presign(endpoint.object_url(object),
                          {.method = method,
                           .host = endpoint.host(),
                           .path_begin = endpoint.origin().size(),
                           .parameters = query,
                           .headers = headers,
                           .expires_in = std::chrono::seconds(request.at("expires").get<int>())},
                          time, key);
  }
  sigv4::Request to_sign{method, endpoint.object_path(object), sigv4::canonical_query(query), headers,
                         to_hex(sha256(request.at("body").get<std::string>()))};
  to_sign.headers.push_back({"Host", endpoint.host()});
  return std::string(*find_header(sigv4::sign(std::move(to_sign), time, key).headers, "Authorization"));
}

}  // namespace

int main() {
  std::string line;
  while (std::getline(std::cin, line)) std::cout << answer(json::parse(line)) << '\n';
}
