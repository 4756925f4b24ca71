#include "s3/s3_client.h"

#include "core/dates.h"
#include "core/text.h"
#include "s3/conditional_put.h"
#include "s3/encryption.h"
#include "s3/operation.h"
#include "s3/request_report.h"
#include "s3/s3_error.h"
#include "s3/xml.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace audiostore {
namespace {

/// Collects the first `limit` bytes of a body; more are an error, as `corrupt`.
class BoundedBody {
 public:
  explicit BoundedBody(std::size_t limit) : limit_(limit) {}

  [[nodiscard]] ByteSink sink() {
    return [this](ByteSpan piece) -> Result<void> {
      const auto fitting = piece.first(std::min(piece.size(), limit_ - text_.size()));
      text_.append(reinterpret_cast<const char*>(fitting.data()), fitting.size());
      if (fitting.size() == piece.size()) return {};
      return Error(ErrorCode::corrupt, fmt::format("the reply is longer than {} bytes", limit_));
    };
  }
  std::string text() && { return std::move(text_); }
  [[nodiscard]] std::string_view view() const { return text_; }

 private:
  std::size_t limit_;
  std::string text_;
};

bool is_success(const HttpResponse& response) { return response.status / 100 == 2; }

/// True for what the caller asked for, or what the caller's callbacks did: that is reported whatever the server says.
bool is_the_callers_own(const Error& error) {
  return error.code() == ErrorCode::cancelled || error.code() == ErrorCode::internal;
}

std::string user_agent(std::string_view suffix) {
  return suffix.empty() ? "" : fmt::format("audiostore/{} {}", AUDIOSTORE_VERSION, suffix);
}

/// What of a signed request must not come back in a message.
std::array<std::string_view, 4> secrets_of(const HttpRequest& request) {
  const auto value_of = [&](std::string_view name) { return find_header(request.headers, name).value_or(""); };
  const std::string_view authorization = value_of("Authorization");
  const auto signature = authorization.rfind('=');
  return {value_of("x-amz-security-token"),
          signature == std::string_view::npos ? "" : authorization.substr(signature + 1), value_of(customer_key_header),
          value_of(copy_source_key_header)};
}

/// True for a reply that holds what must not come back: names and keys from it are shown in messages.
bool repeats_a_secret(std::string_view body, const HttpRequest& request) {
  constexpr std::size_t shortest = 16;  // less is no secret, and could be there by chance
  return std::ranges::any_of(secrets_of(request), [&](std::string_view secret) {
    return secret.size() >= shortest && body.find(secret) != std::string_view::npos;
  });
}

Error echo() {
  return Error(ErrorCode::corrupt, "the reply repeats the request's signature or token, which no S3 service does");
}

/// Why `response` with the body `document` is no success.
Failure refused(const HttpResponse& response, std::string_view document, const HttpRequest& request) {
  return {.error = error_from_response(response, document, secrets_of(request)),
          .reply = response,
          .document = parse_error_document(document).value_or(S3ErrorDocument{})};
}

/// What `handler` makes of a response; sets `delivered` when it, or the sink that it gives, fails or has had bytes.
Result<ByteSink> watched(const ResponseHandler& handler, const HttpResponse& head, bool& delivered) {
  auto sink = handler(head);
  delivered = !sink;
  if (!sink) return sink;
  return ByteSink([&delivered, sink = *std::move(sink)](ByteSpan piece) {
    delivered = delivered || !piece.empty();
    return sink(piece);
  });
}

/// True when the service has looked behind the signature: it was the right one.
bool accepts_signature(const Error& error) {
  return error.http_status() != 0 && (error.code() == ErrorCode::not_found || error.code() == ErrorCode::not_modified ||
                                      error.code() == ErrorCode::precondition_failed);
}

}  // namespace

S3Client::S3Client(S3Endpoint endpoint, const ProviderProfile& profile, const S3Options& options, std::string region)
    : endpoint_(std::move(endpoint)),
      profile_(profile),
      credentials_(options.credentials),
      encryption_(options.encryption),
      transport_(options.transport),
      clock_(options.clock),
      observer_(options.on_request),
      user_agent_(user_agent(options.user_agent_suffix)),
      bearings_({.home = std::make_shared<const BucketHome>(endpoint_, std::move(region))}),
      retry_(options.retry) {}

Result<std::shared_ptr<const Credentials>> S3Client::current_credentials(const CallOptions& call) {
  auto credentials = credentials_->get_within(call);
  if (credentials && *credentials == nullptr)
    return Error(ErrorCode::unauthenticated, "the provider gave no credentials");
  return credentials;
}

Result<S3Client::Signed> S3Client::sign(const S3Request& request, const Course& course, const CallOptions& call) {
  if (request.key) {
    if (auto valid = check_key(profile_, *request.key); !valid) return std::move(valid).error();
  }
  const auto credentials = current_credentials(call);
  if (!credentials) return credentials.error();
  const TimePoint now = course.now();
  const BucketHome& home = *course.bearings().home;
  const auto key = home.keys.get(*credentials, amz_date(now).day());
  sigv4::Request signed_request =
      sigv4::sign({.method = request.method,
                   .path = request.key ? home.endpoint.object_path(*request.key) : home.endpoint.bucket_path(),
                   .query = sigv4::canonical_query(request.query),
                   .headers =
                       [&] {
                         Headers headers{{"Host", home.endpoint.host()}};
                         headers.insert(headers.end(), request.headers.begin(), request.headers.end());
                         std::ranges::move(encryption_headers(encryption_, request), std::back_inserter(headers));
                         return headers;
                       }(),
                   .payload_hash = request.payload_hash},
                  now, *key);
  // The transport sends Host itself, from the URL: the same text.
  std::erase_if(signed_request.headers, [](const Header& header) { return header.name == "Host"; });
  if (!user_agent_.empty()) signed_request.headers.push_back({"User-Agent", user_agent_});  // proxies may change it
  std::string url = home.endpoint.origin() + signed_request.path;
  if (!signed_request.query.empty()) (url += '?') += signed_request.query;
  return Signed{
      {request.method, std::move(url), std::move(signed_request.headers), request.body, {}}, *credentials, now};
}

Outcome S3Client::send(const HttpRequest& request, const ResponseHandler& handler, RequestReport& report) {
  std::optional<HttpResponse> refusal;
  bool delivered = false;
  BoundedBody body(max_error_bytes);
  auto response = transport_->send(request, [&](const HttpResponse& head) -> Result<ByteSink> {
    if (!is_success(head)) refusal = head;
    if (refusal) return report.counted(body.sink());
    auto sink = watched(handler, head, delivered);
    if (!sink) return sink;
    return report.counted(*std::move(sink));
  });
  if (response && !refusal) return *std::move(response);
  if (!refusal || (!response && is_the_callers_own(response.error()))) {
    return Failure{.error = std::move(response).error(), .has_delivered = delivered};
  }
  // The status has decided, however the body ended: a long, slow or broken one says as much as came of it.
  return refused(*refusal, response ? std::move(body).text() : mended_error_document(body.view()), request);
}

Outcome S3Client::observed(const S3Request& request, Signed& next, const Course& course, const Turn& turn,
                           const SendOnce& send_once) {
  RequestReport report(observer_, *clock_);
  report.begin(request, course.bearings().home->endpoint.host(), turn.attempt, turn.paused);
  next.http.body = report.counted(next.http.body);
  Outcome outcome = send_once(next.http, report);
  report.end(outcome, secrets_of(next.http));
  return outcome;
}

Result<HttpResponse> S3Client::persist(const S3Request& request, Attempts& attempts, const SendOnce& send_once) {
  Course course(bearings_, *credentials_, *clock_);
  for (std::chrono::milliseconds paused{0};;) {
    auto next = sign(request, course, attempts.rest());
    if (!next) return std::move(next).error().with_attempts(attempts.requests());
    next->http.call = attempts.next();
    Outcome outcome = observed(request, *next, course, {.attempt = attempts.requests(), .paused = paused}, send_once);
    if (auto* response = std::get_if<HttpResponse>(&outcome)) {
      course.proved();
      attempts.succeeded();
      return std::move(*response);
    }
    const Failure& failure = std::get<Failure>(outcome);
    attempts.replied(failure.reply);
    if (accepts_signature(failure.error)) course.proved();
    paused = std::chrono::milliseconds::zero();
    if (attempts.has_time() && course.correct(failure, next->credentials, next->time, attempts.rest())) continue;
    const auto begun = clock_->steady_now();
    auto go_on = attempts.wait_after(failure, request.idempotent.value_or(request.method != "POST"), course.now());
    paused = std::chrono::round<std::chrono::milliseconds>(clock_->steady_now() - begun);
    if (!go_on) return std::move(go_on).error().with_attempts(attempts.requests());
  }
}

Result<HttpResponse> S3Client::exchange(S3Request request, const CallOptions& call, const ResponseHandler& handler,
                                        const ContinueBody& go_on) {
  Attempts attempts(retry_, *clock_, call);
  return persist(request, attempts, [&](const HttpRequest& http, RequestReport& report) {
    Outcome outcome = send(http, handler, report);
    auto* failure = std::get_if<Failure>(&outcome);
    if (failure == nullptr || !failure->has_delivered) return outcome;
    if (auto rest = go_on()) {
      request = std::move(rest->request);
      failure->has_delivered = false;
      attempts.got_on(rest->brought);
    }
    return outcome;
  });
}

Result<S3Reply> S3Client::exchange(const S3Request& request, const CallOptions& call, std::size_t max_bytes) {
  // Progress is that of an object's bytes, so it is nobody's business where none are sent.
  CallOptions options = call;
  if (!operation_of(request).sends_object || request.body.size() == 0) options.on_progress = {};
  Attempts attempts(retry_, *clock_, options);
  return is_conditional_put(request) ? put_conditionally(request, attempts, max_bytes)
                                     : collect(request, attempts, max_bytes);
}

Result<S3Reply> S3Client::collect(const S3Request& request, Attempts& attempts, std::size_t max_bytes) {
  std::string text;
  const auto send_once = [&](const HttpRequest& http, RequestReport& report) {
    BoundedBody body(max_bytes);
    Outcome outcome = send(
        http, [&](const HttpResponse&) -> Result<ByteSink> { return body.sink(); }, report);
    if (auto* failure = std::get_if<Failure>(&outcome)) {
      failure->has_delivered = false;  // but to us, and we forget it
      return outcome;
    }
    if (repeats_a_secret(body.view(), http)) return Outcome(Failure{.error = echo()});
    // An operation that fails after its status line was sent says so in the body of a 200.
    if (parse_error_document(body.view())) return Outcome(refused(std::get<HttpResponse>(outcome), body.view(), http));
    // What begins an upload is confirmed by who can drop that (UploadRequests::begin).
    const bool stores = request.method == "PUT";
    if (auto kept = confirm_encryption(encryption_, request, std::get<HttpResponse>(outcome)); stores && !kept) {
      return Outcome(Failure{.error = std::move(kept).error(), .reply = std::get<HttpResponse>(outcome)});
    }
    text = std::move(body).text();
    return outcome;
  };
  return persist(request, attempts, send_once).transform([&](HttpResponse response) {
    return S3Reply{std::move(response), std::move(text)};
  });
}

Result<S3Reply> S3Client::put_conditionally(const S3Request& request, Attempts& attempts, std::size_t max_bytes) {
  const auto marked = with_mark(request);
  if (!marked) return marked.error();
  auto reply = collect(*marked, attempts, max_bytes);
  // Only where it was sent before can the object that stands in the way be our own.
  if (reply || reply.error().code() != ErrorCode::precondition_failed || !attempts.was_repeated()) return reply;
  const CallOptions rest = attempts.rest();
  Attempts looks(retry_, *clock_, rest);
  auto head = collect({.method = "HEAD", .key = request.key}, looks, max_bytes);
  return settle_put(*marked, reply.error(), std::move(head)).transform_error([&](Error error) {
    return std::move(error).with_attempts(attempts.requests() + looks.requests());
  });
}

Result<S3Client::Signing> S3Client::signing() {
  auto credentials = current_credentials({});
  if (!credentials) return std::move(credentials).error();
  Bearings bearings = bearings_.current();
  const TimePoint now = clock_->now() + bearings.clock_offset;
  auto key = bearings.home->keys.get(*credentials, amz_date(now).day());
  return Signing{*std::move(credentials), std::move(bearings.home), std::move(key), now};
}

Result<ObjectKey> S3Client::key_from_url(std::string_view url) const {
  auto key = bearings_.current().home->endpoint.key_from_url(url);
  return key ? std::move(key) : endpoint_.key_from_url(url);
}

}  // namespace audiostore
