#include "s3/sigv4.h"

#include "core/text.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <initializer_list>

namespace audiostore::sigv4 {
namespace {

constexpr std::string_view algorithm = "AWS4-HMAC-SHA256";

HmacSha256 derive_key(std::string_view secret, std::string_view day, const Scope& scope) {
  std::string first = "AWS4" + std::string(secret);
  Sha256Digest key = HmacSha256(first).sign(day);
  wipe(first);
  for (const std::string_view part :
       {std::string_view(scope.region), std::string_view(scope.service), std::string_view("aws4_request")}) {
    key = HmacSha256(key).sign(part);
  }
  HmacSha256 derived{ByteSpan(key)};
  wipe(key);
  return derived;
}

/// Lower-case name, value trimmed and its inner runs of blanks made one.
Header canonical_header(const Header& header) {
  Header canonical{to_lower(header.name), {}};
  for (const char c : trim(header.value)) {
    const bool blank = c == ' ' || c == '\t';
    if (!blank) canonical.value += c;
    if (blank && !canonical.value.ends_with(' ')) canonical.value += ' ';
  }
  return canonical;
}

/// The header part of a canonical request.
struct CanonicalHeaders {
  std::string lines;  // "name:value\n" each
  std::string names;  // "a;b"
};

CanonicalHeaders canonical_headers(std::span<const Header> headers) {
  std::vector<Header> sorted;
  for (const Header& header : headers) sorted.push_back(canonical_header(header));
  std::ranges::stable_sort(sorted, {}, &Header::name);
  CanonicalHeaders canonical;
  for (auto header = sorted.begin(); header != sorted.end();) {
    const std::string& name = header->name;
    canonical.names += (canonical.names.empty() ? "" : ";") + name;
    canonical.lines += name + ":" + header->value;
    for (++header; header != sorted.end() && header->name == name; ++header) canonical.lines += "," + header->value;
    canonical.lines += '\n';
  }
  return canonical;
}

/// The digest of pieces that lie in different places.
Sha256Digest hash_pieces(std::initializer_list<std::string_view> pieces) {
  Sha256 hash;
  for (const std::string_view piece : pieces) hash.update(piece);
  return hash.finish();
}

/// HMAC over the string to sign of a canonical request with this digest.
Sha256Digest sign_digest(const Sha256Digest& canonical_request, const AmzDate& date, const SigningKey& key) {
  std::array<char, 64> hex;
  write_hex(hex, canonical_request);
  return key.hmac.sign({algorithm, "\n", date.timestamp(), "\n", key.credential_scope, "\n", {hex.data(), hex.size()}});
}

/// The X-Amz- parameters in their sorted order. No value but the ones that are encoded here can need encoding.
void append_signing_parameters(std::string& url, const Presign& request, std::string_view signed_headers,
                               const AmzDate& date, const SigningKey& key) {
  url += "X-Amz-Algorithm=";
  url += algorithm;
  if (request.hash_in_query) (url += "&X-Amz-Content-Sha256=") += request.payload_hash;
  url += "&X-Amz-Credential=";
  append_uri_encoded(url, key.access_key_id, UriPart::component);
  url += "%2F";
  append_uri_encoded(url, key.credential_scope, UriPart::component);
  (url += "&X-Amz-Date=") += date.timestamp();
  std::array<char, 20> digits;
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), request.expires_in.count()).ptr;
  (url += "&X-Amz-Expires=").append(digits.data(), end);
  if (!key.session_token.empty()) {
    url += "&X-Amz-Security-Token=";
    append_uri_encoded(url, key.session_token.reveal(), UriPart::component);
  }
  url += "&X-Amz-SignedHeaders=";
  append_uri_encoded(url, signed_headers, UriPart::component);
}

/// The whole canonical query. Names sort by their encoded bytes, and the X-Amz- ones stand together among them.
void append_query(std::string& url, const Presign& request, std::string_view signed_headers, const AmzDate& date,
                  const SigningKey& key) {
  const auto is_before = [](const QueryParameter& parameter) {
    return uri_encode(parameter.first, UriPart::component) < "X-Amz-";
  };
  std::vector<QueryParameter> before;
  std::vector<QueryParameter> after;
  for (const auto& parameter : request.parameters) (is_before(parameter) ? before : after).push_back(parameter);
  if (!before.empty()) (url += canonical_query(before)) += '&';
  append_signing_parameters(url, request, signed_headers, date, key);
  if (!after.empty()) (url += '&') += canonical_query(after);
}

}  // namespace

SigningKey::SigningKey(const Credentials& credentials, std::string_view today, const Scope& scope)
    : access_key_id(credentials.access_key_id),
      session_token(credentials.session_token),
      day(today),
      credential_scope(day + "/" + scope.region + "/" + scope.service + "/aws4_request"),
      hmac(derive_key(credentials.secret_access_key.reveal(), today, scope)) {}

std::shared_ptr<const SigningKey> SigningKeyCache::get(const std::shared_ptr<const Credentials>& credentials,
                                                       std::string_view day) {
  const std::scoped_lock lock(mutex_);
  if (credentials_ != credentials || key_->day != day) {
    key_ = std::make_shared<const SigningKey>(*credentials, day, scope_);
    credentials_ = credentials;
  }
  return key_;
}

std::string canonical_query(std::span<const QueryParameter> parameters) {
  std::vector<QueryParameter> encoded;
  for (const auto& [name, value] : parameters) {
    encoded.emplace_back(uri_encode(name, UriPart::component), uri_encode(value, UriPart::component));
  }
  std::ranges::sort(encoded);
  std::string query;
  for (const auto& [name, value] : encoded) {
    if (!query.empty()) query += '&';
    ((query += name) += '=') += value;
  }
  return query;
}

std::string canonical_request(const Request& request) {
  const CanonicalHeaders headers = canonical_headers(request.headers);
  return request.method + "\n" + request.path + "\n" + request.query + "\n" + headers.lines + "\n" + headers.names +
         "\n" + request.payload_hash;
}

std::string string_to_sign(const Request& request, const AmzDate& date, std::string_view credential_scope) {
  std::string text(algorithm);
  ((text += '\n') += date.timestamp()) += '\n';
  (text += credential_scope) += '\n';
  append_hex(text, sha256(canonical_request(request)));
  return text;
}

std::string signature(const Request& request, const AmzDate& date, const SigningKey& key) {
  return to_hex(sign_digest(sha256(canonical_request(request)), date, key));
}

Request sign(Request request, TimePoint time, const SigningKey& key) {
  const AmzDate date = amz_date(time);
  request.headers.push_back({"x-amz-content-sha256", request.payload_hash});
  request.headers.push_back({"x-amz-date", std::string(date.timestamp())});
  if (!key.session_token.empty()) {
    request.headers.push_back({"x-amz-security-token", std::string(key.session_token.reveal())});
  }
  std::string authorization(algorithm);
  authorization += " Credential=" + key.access_key_id + "/" + key.credential_scope;
  authorization += ", SignedHeaders=" + canonical_headers(request.headers).names;
  authorization += ", Signature=" + signature(request, date, key);
  request.headers.push_back({"Authorization", std::move(authorization)});
  return request;
}

std::string presign(std::string url, const Presign& request, TimePoint time, const SigningKey& key) {
  const AmzDate date = amz_date(time);
  CanonicalHeaders headers;
  if (!request.headers.empty()) {
    Headers all(request.headers.begin(), request.headers.end());
    all.push_back({"host", std::string(request.host)});
    headers = canonical_headers(all);
  }
  const std::string_view names = headers.names.empty() ? std::string_view("host") : headers.names;

  url += '?';
  const std::size_t query_begin = url.size();
  append_query(url, request, names, date, key);

  const std::string_view whole = url;
  const std::string_view path = whole.substr(request.path_begin, query_begin - 1 - request.path_begin);
  const std::string_view query = whole.substr(query_begin);
  const auto digest = request.headers.empty()
                          ? hash_pieces({request.method, "\n", path, "\n", query, "\nhost:", request.host, "\n\nhost\n",
                                         request.payload_hash})
                          : hash_pieces({request.method, "\n", path, "\n", query, "\n", headers.lines, "\n", names,
                                         "\n", request.payload_hash});
  url += "&X-Amz-Signature=";
  append_hex(url, sign_digest(digest, date, key));
  return url;
}

bool is_unsignable(std::string_view header_name) {
  // What Supabase drops before it verifies, and what transports add on their own.
  constexpr std::array<std::string_view, 22> names{"accept-encoding",
                                                   "authorization",
                                                   "connection",
                                                   "expect",
                                                   "from",
                                                   "host",
                                                   "keep-alive",
                                                   "max-forwards",
                                                   "pragma",
                                                   "proxy-authorization",
                                                   "referer",
                                                   "te",
                                                   "trailer",
                                                   "transfer-encoding",
                                                   "upgrade",
                                                   "user-agent",
                                                   "via",
                                                   "x-amz-content-sha256",
                                                   "x-amz-date",
                                                   "x-amz-security-token",
                                                   "x-amzn-trace-id",
                                                   "x-forwarded-for"};
  return std::ranges::find(names, to_lower(header_name)) != names.end();
}

}  // namespace audiostore::sigv4
