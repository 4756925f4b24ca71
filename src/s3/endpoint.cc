#include "s3/endpoint.h"

#include "core/text.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>
#include <optional>

namespace audiostore {
namespace {

Error bad_endpoint(std::string_view why) {
  return Error(ErrorCode::invalid_argument,
               fmt::format("the endpoint {}; write it as https://host, https://host:port or https://host/prefix", why));
}

/// An endpoint URL taken apart and made lower-case.
struct Parts {
  std::string scheme;
  std::string host;    // IPv6 in brackets
  std::string port;    // empty for the scheme's default
  std::string prefix;  // "" or "/storage/v1/s3"
};

bool is_host_character(char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.'; }

bool is_host_name(std::string_view host) {
  if (host.starts_with('[')) {
    return host.size() > 2 && host.ends_with(']') &&
           host.substr(1, host.size() - 2).find_first_not_of("0123456789abcdef:.") == std::string_view::npos;
  }
  const bool plain = std::ranges::all_of(host, is_host_character);
  return plain && !host.empty() && host.front() != '.' && host.front() != '-' && host.back() != '.' &&
         host.find("..") == std::string_view::npos;
}

bool is_prefix(std::string_view prefix) {
  const auto plain = [](char c) { return c == '/' || uri_encode({&c, 1}, UriPart::component).size() == 1; };
  return std::ranges::all_of(prefix, plain) && prefix.find("//") == std::string_view::npos &&
         prefix.find("/.") == std::string_view::npos;
}

Result<Parts> split(std::string_view endpoint) {
  Parts parts;
  const auto scheme_end = endpoint.find("://");
  if (scheme_end == std::string_view::npos) return bad_endpoint("has no scheme");
  parts.scheme = to_lower(endpoint.substr(0, scheme_end));
  if (parts.scheme != "https" && parts.scheme != "http") return bad_endpoint("is neither https:// nor http://");
  const std::string_view rest = endpoint.substr(scheme_end + 3);
  const auto path_begin = std::min(rest.find('/'), rest.size());
  std::string authority = to_lower(rest.substr(0, path_begin));
  parts.prefix = rest.substr(path_begin);
  while (parts.prefix.ends_with('/')) parts.prefix.pop_back();
  if (!is_prefix(parts.prefix)) return bad_endpoint("has a path with more than letters, digits, '-', '.', '_' and '~'");

  const auto colon = authority.rfind(':');
  if (colon != std::string::npos && authority.find(']', colon) == std::string::npos) {
    parts.port = authority.substr(colon + 1);
    authority.resize(colon);
    const auto number = parse_decimal(parts.port);
    if (!number || *number == 0 || *number > 65535) return bad_endpoint("has a port that is not 1 to 65535");
    parts.port = std::to_string(*number);
  }
  parts.host = std::move(authority);
  if (!is_host_name(parts.host)) return bad_endpoint("has a host that is no plain host name or address");
  if (parts.port == (parts.scheme == "https" ? "443" : "80")) parts.port.clear();
  return parts;
}

bool is_ipv4(std::string_view host) { return host.find_first_not_of("0123456789.") == std::string_view::npos; }

bool is_loopback(std::string_view host) {
  return host == "localhost" || host.ends_with(".localhost") || host == "[::1]" ||
         (is_ipv4(host) && host.starts_with("127."));
}

/// https://docs.aws.amazon.com/AmazonS3/latest/userguide/bucketnamingrules.html
bool is_dns_bucket(std::string_view bucket) {
  const auto edge = [](char c) { return c != '-' && c != '.'; };
  return bucket.size() >= 3 && bucket.size() <= 63 && std::ranges::all_of(bucket, is_host_character) &&
         edge(bucket.front()) && edge(bucket.back()) && bucket.find("..") == std::string_view::npos && !is_ipv4(bucket);
}

/// What services outside of AWS take too: upper case and '_', up to 100 characters.
bool is_path_bucket(std::string_view bucket) {
  return bucket.size() >= 3 && bucket.size() <= 100 && bucket.front() != '.' &&
         std::ranges::all_of(bucket, [](char c) { return is_host_character(to_lower(c)) || c == '_'; }) &&
         bucket.find("..") == std::string_view::npos;
}

Result<void> check_bucket(std::string_view bucket, bool in_host) {
  if (bucket.empty()) return Error(ErrorCode::invalid_argument, "the bucket's name is missing");
  if (in_host ? is_dns_bucket(bucket) : is_path_bucket(bucket)) return {};
  return Error(
      ErrorCode::invalid_argument,
      fmt::format("'{}' cannot be a bucket's name: use 3 to 63 lower-case letters, digits, '-' and '.'", bucket));
}

/// The parameters of a query that is spelled as presign() spells it: each once, with a value, encoded our way.
std::optional<std::map<std::string_view, std::string_view>> parse_own_query(std::string_view query) {
  std::map<std::string_view, std::string_view> parameters;
  for (std::size_t begin = 0; begin <= query.size();) {
    const std::size_t end = std::min(query.find('&', begin), query.size());
    const std::string_view parameter = query.substr(begin, end - begin);
    const auto equals = parameter.find('=');
    if (equals == std::string_view::npos) return std::nullopt;
    const std::string_view value = parameter.substr(equals + 1);
    const auto decoded = uri_decode(value);
    if (!decoded || uri_encode(*decoded, UriPart::component) != value) return std::nullopt;
    if (!parameters.emplace(parameter.substr(0, equals), value).second) return std::nullopt;
    begin = end + 1;
  }
  return parameters;
}

/// True for the query of a URL that presign() made: what it always has, what it may have, and nothing else.
bool is_presigned_query(std::string_view query) {
  static constexpr std::array<std::string_view, 6> required{
      "X-Amz-Algorithm", "X-Amz-Credential", "X-Amz-Date", "X-Amz-Expires", "X-Amz-SignedHeaders", "X-Amz-Signature"};
  static constexpr std::array<std::string_view, 4> optional{"X-Amz-Content-Sha256", "X-Amz-Security-Token",
                                                            "response-content-disposition", "response-content-type"};
  const auto parameters = parse_own_query(query);
  if (!parameters) return false;
  const auto present = [&](std::string_view name) { return parameters->contains(name); };
  const auto known = static_cast<std::size_t>(std::ranges::count_if(optional, present)) + required.size();
  if (!std::ranges::all_of(required, present) || parameters->size() != known) return false;
  const std::string_view signature = parameters->at("X-Amz-Signature");
  return signature.size() == 64 && signature.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

Error foreign_url(std::string_view why) {
  return Error(ErrorCode::invalid_argument, fmt::format("the URL is not one of this store: {}", why));
}

}  // namespace

Result<S3Endpoint> S3Endpoint::make(std::string_view endpoint, std::string_view bucket, AddressingStyle style,
                                    bool allow_http) {
  auto parts = split(endpoint);
  if (!parts) return std::move(parts).error();
  const bool tls = parts->scheme == "https";
  if (!tls && !allow_http && !is_loopback(parts->host)) {
    return bad_endpoint(
        "is http:// and not on this machine, so everybody on the way could read along; set allow_http to permit it");
  }
  // No certificate for *.endpoint covers a bucket's name with a dot in it, and no address can carry a name.
  const bool address = is_ipv4(parts->host) || parts->host.starts_with('[');
  const bool dotted = tls && bucket.find('.') != std::string_view::npos;
  if (style == AddressingStyle::virtual_host && (address || dotted)) {
    return Error(ErrorCode::invalid_argument,
                 "AddressingStyle::virtual_host needs a host name, and for https a bucket without dots; use path");
  }
  const bool chosen = style == AddressingStyle::virtual_host;
  const bool in_host = chosen || (style == AddressingStyle::automatic && !address && !dotted && is_dns_bucket(bucket));
  if (auto valid = check_bucket(bucket, in_host); !valid) return std::move(valid).error();

  S3Endpoint made;
  made.bucket_ = bucket;
  made.in_host_ = in_host;
  made.host_ =
      (in_host ? std::string(bucket) + "." : "") + parts->host + (parts->port.empty() ? "" : ":" + parts->port);
  made.origin_ = parts->scheme + "://" + made.host_;
  made.base_path_ = parts->prefix + (in_host ? "" : "/" + std::string(bucket));
  return made;
}

S3Endpoint S3Endpoint::on_service_host(std::string_view host) const {
  S3Endpoint moved = *this;
  moved.host_ = (in_host_ ? bucket_ + "." : "").append(host);
  moved.origin_ = origin_.substr(0, origin_.size() - host_.size()) + moved.host_;
  return moved;
}

std::string S3Endpoint::bucket_path() const { return base_path_.empty() ? "/" : base_path_; }

std::string S3Endpoint::object_path(const ObjectKey& key) const {
  std::string path = base_path_ + "/";
  append_uri_encoded(path, key.str(), UriPart::path);
  return path;
}

std::string S3Endpoint::object_url(const ObjectKey& key, std::size_t spare) const {
  std::string url;
  url.reserve(origin_.size() + base_path_.size() + key.str().size() * 3 / 2 + 1 + spare);
  ((url += origin_) += base_path_) += '/';
  append_uri_encoded(url, key.str(), UriPart::path);
  return url;
}

Result<ObjectKey> S3Endpoint::key_from_url(std::string_view url) const {
  const std::string prefix = origin_ + base_path_ + "/";
  if (!url.starts_with(prefix)) return foreign_url("it has another scheme, host, port, path prefix or bucket");
  url.remove_prefix(prefix.size());
  const auto query_begin = url.find('?');
  const std::string_view encoded = url.substr(0, query_begin);
  if (query_begin != std::string_view::npos && !is_presigned_query(url.substr(query_begin + 1))) {
    return foreign_url("its query is not that of a presigned URL");
  }
  const auto decoded = uri_decode(encoded);
  if (!decoded || uri_encode(*decoded, UriPart::path) != encoded)
    return foreign_url("its key is not encoded as this store does");
  return ObjectKey::parse(*decoded);
}

std::string endpoint_host(std::string_view endpoint) {
  const auto parts = split(endpoint);
  return parts ? parts->host : "";
}

}  // namespace audiostore
