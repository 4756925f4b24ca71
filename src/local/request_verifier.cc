#include "local/request_verifier.h"

#include "core/crypto.h"
#include "core/dates.h"
#include "core/text.h"
#include "local/s3_error.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <utility>

namespace audiostore::local {

/// What a request says of its signature.
struct RequestVerifier::Claim {
  bool presigned = false;
  std::string access_key_id;
  std::string day;
  std::string region;
  std::string service;
  std::string terminator;
  TimePoint time;
  std::chrono::seconds lifetime{0};  // of a presigned request
  std::vector<std::string> signed_headers;
  std::string signature;
  std::string payload;  // the word that stands for the body in the canonical request
  std::optional<std::string> token;

  /// An error in how the signature is given; S3 has a code for each of the two places.
  [[nodiscard]] Error malformed(std::string_view what) const {
    return s3_error(presigned ? S3Code::authorization_query_parameters_error : S3Code::authorization_header_malformed,
                    what);
  }
};

namespace {

constexpr std::string_view algorithm = "AWS4-HMAC-SHA256";
constexpr std::string_view unsigned_payload = "UNSIGNED-PAYLOAD";
struct ChunkedForm {
  std::string_view word;
  bool is_signed;
  bool has_trailer;
};
constexpr std::array chunked_forms{ChunkedForm{"STREAMING-AWS4-HMAC-SHA256-PAYLOAD", true, false},
                                   ChunkedForm{"STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER", true, true},
                                   ChunkedForm{"STREAMING-UNSIGNED-PAYLOAD-TRAILER", false, true}};
constexpr auto max_skew = std::chrono::minutes(15);
constexpr std::uint64_t max_lifetime = 604'800;  // seconds: seven days

std::vector<std::string> split(std::string_view text, char separator) {
  std::vector<std::string> parts;
  for (;;) {
    const std::size_t end = text.find(separator);
    parts.emplace_back(text.substr(0, end));
    if (end == std::string_view::npos) return parts;
    text.remove_prefix(end + 1);
  }
}

bool is_lower_hex(std::string_view text, std::size_t length) {
  return text.size() == length &&
         std::ranges::all_of(text, [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
}

bool is_amz(std::string_view name) { return equal_ignoring_case(name.substr(0, 6), "x-amz-"); }

// --- the canonical request ---

/// A header value with every run of blanks made one. Trimmed already by the parser.
std::string squeezed(std::string_view value) {
  std::string out;
  for (const char c : value) {
    const char blank_or_c = c == '\t' ? ' ' : c;
    if (blank_or_c != ' ' || !out.ends_with(' ')) out += blank_or_c;
  }
  return out;
}

std::string canonical_query(const std::vector<QueryParameter>& query) {
  std::vector<std::pair<std::string, std::string>> encoded;
  for (const auto& [name, value] : query) {
    if (name == "X-Amz-Signature") continue;
    encoded.emplace_back(uri_encode(name, UriPart::component), uri_encode(value, UriPart::component));
  }
  std::ranges::sort(encoded);
  std::string out;
  for (const auto& [name, value] : encoded) {
    if (!out.empty()) out += '&';
    out.append(name).append("=").append(value);
  }
  return out;
}

std::string canonical_request(const SignedParts& request, const std::vector<std::string>& signed_headers,
                              std::string_view payload) {
  std::string out = request.method + '\n';
  append_uri_encoded(out, request.target.path, UriPart::path);
  out.append("\n").append(canonical_query(request.target.query)).append("\n");
  std::string names;
  for (const std::string& name : signed_headers) {
    out.append(name).append(":").append(squeezed(*find_header(request.headers, name))).append("\n");
    names.append(names.empty() ? "" : ";").append(name);
  }
  return out.append("\n").append(names).append("\n").append(payload);
}

// --- which headers are signed ---

/// Errors: a list that is not in the one order and spelling that SigV4 knows.
Result<void> check_list(const std::vector<std::string>& names) {
  const bool lower = std::ranges::all_of(names, [](const std::string& n) { return !n.empty() && n == to_lower(n); });
  const bool ascending = std::ranges::adjacent_find(names, std::greater_equal<>()) == names.end();
  const bool host = std::ranges::find(names, "host") != names.end();
  if (lower && ascending && host) return {};
  return Error(ErrorCode::invalid_argument, "SignedHeaders must be lower-case, sorted, without doubles, with host");
}

/// Refuses what would let somebody change the request behind the signer's back.
Result<void> check_signed_headers(const SignedParts& request, const std::vector<std::string>& names) {
  for (const std::string& name : names) {
    if (find_header(request.headers, name)) continue;
    return s3_error(S3Code::signature_does_not_match, "The header '" + name + "' was signed but not sent.");
  }
  for (const auto& [name, value] : request.headers) {
    const bool required = is_amz(name);
    if (!required || std::ranges::find(names, to_lower(name)) != names.end()) continue;
    return s3_error(S3Code::access_denied, "The header '" + name + "' was sent but not signed.");
  }
  return {};
}

// --- reading the claim ---

/// The one value of a query parameter.
std::optional<std::string> only_value(const WireTarget& target, std::string_view name) {
  if (std::ranges::count(target.query, name, &QueryParameter::name) != 1) return std::nullopt;
  return std::string(*find_parameter(target.query, name));
}

/// Fields of an Authorization header: "AWS4-HMAC-SHA256 Credential=..., SignedHeaders=..., Signature=...".
struct AuthorizationFields {
  std::string credential;
  std::string signed_headers;
  std::string signature;
};

std::optional<AuthorizationFields> parse_authorization(std::string_view text) {
  if (!text.starts_with(algorithm) || !text.substr(algorithm.size()).starts_with(' ')) return std::nullopt;
  AuthorizationFields fields;
  const std::array<std::pair<std::string_view, std::string*>, 3> known{{{"Credential=", &fields.credential},
                                                                        {"SignedHeaders=", &fields.signed_headers},
                                                                        {"Signature=", &fields.signature}}};
  for (const std::string& part : split(text.substr(algorithm.size() + 1), ',')) {
    const std::string_view field = trim(part);
    const auto found = std::ranges::find_if(known, [&](const auto& k) { return field.starts_with(k.first); });
    if (found == known.end() || !found->second->empty()) return std::nullopt;
    *found->second = field.substr(found->first.size());
  }
  const bool whole = std::ranges::none_of(known, [](const auto& k) { return k.second->empty(); });
  return whole ? std::optional(std::move(fields)) : std::nullopt;
}

/// The instant that the header form is signed for. x-amz-date goes before Date.
Result<TimePoint> time_in_headers(const Headers& headers) {
  if (const auto amz = find_header(headers, "x-amz-date")) {
    if (const auto time = parse_amz_date(*amz)) return *time;
    return s3_error(S3Code::access_denied, "x-amz-date must read like 20130524T000000Z.");
  }
  const auto date = find_header(headers, "date");
  if (!date) return s3_error(S3Code::access_denied, "The request has neither an x-amz-date nor a Date header.");
  auto time = parse_http_date(*date);
  if (!time) time = parse_amz_date(*date);
  if (!time) return s3_error(S3Code::access_denied, "The Date header is no date of RFC 9110.");
  return *time;
}

/// Splits "AKID/20130524/us-east-1/s3/aws4_request".
template <class Claim>
Result<void> read_credential(Claim& claim, std::string_view credential) {
  auto parts = split(credential, '/');
  if (parts.size() != 5) return claim.malformed("The credential must be <key>/<day>/<region>/s3/aws4_request.");
  claim.access_key_id = std::move(parts[0]);
  claim.day = std::move(parts[1]);
  claim.region = std::move(parts[2]);
  claim.service = std::move(parts[3]);
  claim.terminator = std::move(parts[4]);
  return {};
}

}  // namespace

RequestVerifier::RequestVerifier(std::shared_ptr<const Credentials> credentials, std::string region,
                                 std::shared_ptr<const Clock> clock)
    : credentials_(std::move(credentials)), region_(std::move(region)), clock_(std::move(clock)) {}

Result<VerifiedRequest> RequestVerifier::verify(const SignedParts& request) const {
  const auto authorization = find_header(request.headers, "authorization");
  const auto in_query = [&](std::string_view name) { return find_parameter(request.target.query, name).has_value(); };
  const bool query = in_query("X-Amz-Algorithm") || in_query("X-Amz-Signature") || in_query("X-Amz-Credential");
  if (authorization && query) {
    return s3_error(S3Code::invalid_argument, "Sign in the header or in the query, not in both.");
  }
  if (in_query("Signature") || (authorization && authorization->starts_with("AWS "))) {
    return s3_error(S3Code::invalid_request, "Signature version 2 is not supported. Use AWS4-HMAC-SHA256.");
  }
  if (!authorization && !query) return s3_error(S3Code::access_denied, "The request is not signed.");
  auto claim = authorization ? claim_in_header(request, *authorization) : claim_in_query(request);
  if (!claim) return std::move(claim).error();
  return verify_claim(request, *claim);
}

Result<RequestVerifier::Claim> RequestVerifier::claim_in_header(const SignedParts& request,
                                                                std::string_view authorization) {
  Claim claim;
  auto fields = parse_authorization(authorization);
  if (!fields) return claim.malformed("Expected 'AWS4-HMAC-SHA256 Credential=..., SignedHeaders=..., Signature=...'.");
  if (auto read = read_credential(claim, fields->credential); !read) return std::move(read).error();
  auto time = time_in_headers(request.headers);
  if (!time) return std::move(time).error();
  claim.time = *time;
  claim.signed_headers = split(fields->signed_headers, ';');
  claim.signature = std::move(fields->signature);
  const auto payload = find_header(request.headers, "x-amz-content-sha256");
  if (!payload) return s3_error(S3Code::invalid_request, "The header x-amz-content-sha256 is missing.");
  claim.payload = *payload;
  claim.token = find_header(request.headers, "x-amz-security-token");
  const bool date_signed = find_header(request.headers, "x-amz-date") ||
                           std::ranges::find(claim.signed_headers, "date") != claim.signed_headers.end();
  if (!date_signed) return s3_error(S3Code::access_denied, "The Date header was sent but not signed.");
  return claim;
}

Result<RequestVerifier::Claim> RequestVerifier::claim_in_query(const SignedParts& request) {
  Claim claim;
  claim.presigned = true;
  const auto given = [&](std::string_view name) { return only_value(request.target, name); };
  const auto credential = given("X-Amz-Credential");
  const auto date = given("X-Amz-Date");
  const auto expires = given("X-Amz-Expires");
  const auto names = given("X-Amz-SignedHeaders");
  const auto signature = given("X-Amz-Signature");
  if (given("X-Amz-Algorithm") != algorithm) return claim.malformed("X-Amz-Algorithm must be AWS4-HMAC-SHA256.");
  if (!credential || !date || !expires || !names || !signature) {
    return claim.malformed("X-Amz-Credential, -Date, -Expires, -SignedHeaders and -Signature must each be given once.");
  }
  if (auto read = read_credential(claim, *credential); !read) return std::move(read).error();
  const auto time = parse_amz_date(*date);
  if (!time) return claim.malformed("X-Amz-Date must read like 20130524T000000Z.");
  const auto lifetime = parse_decimal(*expires);
  if (!lifetime || *lifetime < 1 || *lifetime > max_lifetime) {
    return claim.malformed("X-Amz-Expires must be 1 to 604800 seconds.");
  }
  claim.time = *time;
  claim.lifetime = std::chrono::seconds(*lifetime);
  claim.signed_headers = split(*names, ';');
  claim.signature = *signature;
  const auto payload_header = find_header(request.headers, "x-amz-content-sha256");
  claim.payload =
      payload_header ? *payload_header : given("X-Amz-Content-Sha256").value_or(std::string(unsigned_payload));
  claim.token = given("X-Amz-Security-Token");
  return claim;
}

Result<VerifiedRequest> RequestVerifier::verify_claim(const SignedParts& request, const Claim& claim) const {
  if (auto listed = check_list(claim.signed_headers); !listed) return claim.malformed(listed.error().message());
  auto checked = check_scope(claim)
                     .and_then([&] { return check_time(claim); })
                     .and_then([&] { return check_token(claim); })
                     .and_then([&] { return check_signed_headers(request, claim.signed_headers); });
  if (!checked) return std::move(checked).error();
  const std::string canonical = canonical_request(request, claim.signed_headers, claim.payload);
  if (!constant_time_equal(expected_signature(claim, canonical), claim.signature)) {
    return s3_error(S3Code::signature_does_not_match,
                    "The signature is not that of this request. Check the secret key, and that nothing between signer "
                    "and server changes the path, the query or the signed headers.");
  }
  return promise_of(claim);
}

Result<void> RequestVerifier::verify_policy(const SignedPolicy& form) const {
  Claim claim;
  claim.presigned = true;
  if (form.algorithm != algorithm)
    return s3_error(S3Code::invalid_request, "x-amz-algorithm must be AWS4-HMAC-SHA256.");
  if (auto read = read_credential(claim, form.credential); !read) return read;
  const auto time = parse_amz_date(form.date);
  if (!time) return s3_error(S3Code::invalid_argument, "x-amz-date must read like 20130524T000000Z.");
  claim.time = *time;
  claim.lifetime = std::chrono::seconds(max_lifetime);
  claim.token = form.token;
  auto checked =
      check_scope(claim).and_then([&] { return check_time(claim); }).and_then([&] { return check_token(claim); });
  if (!checked) return checked;
  const std::string expected = to_hex(signing_key(claim.day).sign(form.policy));
  if (constant_time_equal(expected, form.signature)) return {};
  return s3_error(S3Code::signature_does_not_match, "The signature is not that of this policy. Check the secret key.");
}

Result<void> RequestVerifier::check_scope(const Claim& claim) const {
  if (claim.terminator != "aws4_request") return claim.malformed("The credential must end in aws4_request.");
  if (claim.service != "s3") return claim.malformed("The credential must be for the service s3.");
  if (claim.region != region_) {
    return claim.malformed("The region in the credential is wrong, expecting '" + region_ + "'.");
  }
  if (claim.day != amz_date(claim.time).day()) {
    return claim.malformed("The day in the credential is not that of the request's date.");
  }
  if (claim.access_key_id == credentials_->access_key_id) return {};
  return s3_error(S3Code::invalid_access_key_id, "The access key id is not known here.");
}

Result<void> RequestVerifier::check_time(const Claim& claim) const {
  const TimePoint now = clock_->now();
  if (!claim.presigned) {
    if (claim.time >= now - max_skew && claim.time <= now + max_skew) return {};
    return s3_error(S3Code::request_time_too_skewed,
                    "The request's time and the server's differ by more than 15 minutes. Set the clock.");
  }
  if (claim.time > now + max_skew) return s3_error(S3Code::access_denied, "Request is not yet valid");
  if (now < claim.time + claim.lifetime) return {};
  return s3_error(S3Code::access_denied, "Request has expired");
}

Result<void> RequestVerifier::check_token(const Claim& claim) const {
  if (credentials_->expires_at && clock_->now() >= *credentials_->expires_at) {
    return s3_error(S3Code::expired_token, "The credentials of this endpoint have expired.");
  }
  if (claim.token.value_or("").empty() && credentials_->session_token.empty()) return {};
  if (constant_time_equal(claim.token.value_or(""), credentials_->session_token.reveal())) return {};
  return s3_error(S3Code::invalid_token, "The session token is missing or not that of the access key.");
}

HmacSha256 RequestVerifier::signing_key(std::string_view day) const {
  std::string seed = "AWS4" + std::string(credentials_->secret_access_key.reveal());
  Sha256Digest key = HmacSha256(seed).sign(day);
  wipe(seed);
  for (const std::string_view step :
       {std::string_view(region_), std::string_view("s3"), std::string_view("aws4_request")}) {
    key = HmacSha256(ByteSpan(key)).sign(step);
  }
  const HmacSha256 made{ByteSpan(key)};
  wipe(std::as_writable_bytes(std::span(key)));
  return made;
}

std::string RequestVerifier::scope(std::string_view day) const {
  return std::string(day) + '/' + region_ + "/s3/aws4_request";
}

std::string RequestVerifier::expected_signature(const Claim& claim, std::string_view canonical) const {
  const AmzDate date = amz_date(claim.time);
  std::string to_sign(algorithm);
  to_sign.append("\n").append(date.timestamp()).append("\n").append(scope(date.day())).append("\n");
  to_sign.append(to_hex(sha256(canonical)));
  return to_hex(signing_key(date.day()).sign(to_sign));
}

/// What the payload word promises of the body. REQUIRES: the claim's signature is valid.
Result<VerifiedRequest> RequestVerifier::promise_of(const Claim& claim) const {
  if (claim.payload == unsigned_payload) return VerifiedRequest{};
  if (is_lower_hex(claim.payload, 64)) return VerifiedRequest{.body_sha256 = claim.payload};
  const auto form = std::ranges::find(chunked_forms, claim.payload, &ChunkedForm::word);
  if (form == chunked_forms.end()) {
    return s3_error(S3Code::invalid_argument,
                    "x-amz-content-sha256 must be UNSIGNED-PAYLOAD, a SHA-256 in hex, or a STREAMING- form for "
                    "AWS4-HMAC-SHA256 or unsigned chunks.");
  }
  if (claim.presigned) return s3_error(S3Code::not_implemented, "Presigned bodies in chunks are not implemented.");
  ChunkFraming framing{.has_trailer = form->has_trailer};
  const AmzDate date = amz_date(claim.time);
  if (form->is_signed) {
    framing.signatures.emplace(signing_key(date.day()), date.timestamp(), scope(date.day()), claim.signature);
  }
  return VerifiedRequest{.chunks = std::move(framing)};
}

}  // namespace audiostore::local
