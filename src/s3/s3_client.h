// One signed exchange with one bucket.
#pragma once

#include <audiostore/clock.h>
#include <audiostore/credentials.h>
#include <audiostore/http.h>
#include <audiostore/request_metrics.h>

#include "s3/course.h"
#include "s3/endpoint.h"
#include "s3/failure.h"
#include "s3/provider.h"
#include "s3/retry.h"
#include "s3/sigv4.h"

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace audiostore {

class RequestReport;

/// A request to the bucket or to one of its objects, before it is signed.
struct S3Request {
  std::string method;
  std::optional<ObjectKey> key = {};  ///< absent: the bucket itself
  std::vector<sigv4::QueryParameter> query = {};
  Headers headers = {};  ///< besides Host and what signing adds; all are signed
  Payload body = {};
  std::string payload_hash = std::string(sigv4::empty_payload_hash);
  /// Whether sending it twice does no more than sending it once; absent: yes, unless it is a POST. Others are sent
  /// again only when the service says that it has done nothing.
  std::optional<bool> idempotent = {};
};

/// A success (2xx) with its body, for replies that are small.
struct S3Reply {
  HttpResponse response;
  std::string body;
};

/// Asks for what is left of a body that broke, of whose bytes some are with the caller already.
struct Continuation {
  S3Request request;
  std::uint64_t brought = 0;  ///< bytes that the broken attempt delivered
};
/// Asked after each attempt that delivered something and failed; nullopt: nobody can go on.
using ContinueBody = std::function<std::optional<Continuation>()>;

/// Signs requests for one bucket, sends them, and turns refusals into Errors. A refusal is known by its status; of its
/// body counts what came until 64 KiB were there, the transport's patience ended, or the connection. Thread-safe.
class S3Client {
 public:
  S3Client(S3Endpoint endpoint, const ProviderProfile& profile, const S3Options& options, std::string region);

  /// Sends `request`; the body of a success goes where `handler` says. After a failure that passes it is sent again,
  /// or, once bytes went there, what `go_on` gives in its place; the handler is then called again. Errors: those of the
  /// transport, of the credentials and of the service (s3_error.h).
  Result<HttpResponse> exchange(S3Request request, const CallOptions& call, const ResponseHandler& handler,
                                const ContinueBody& go_on);

  /// Sends `request` and collects the reply's body. A success whose body is an error document is an error. Errors: also
  /// corrupt when the body is longer than `max_bytes`. A conditional PUT that had to be repeated tells its own object
  /// from another writer's (conditional_put.h).
  Result<S3Reply> exchange(const S3Request& request, const CallOptions& call, std::size_t max_bytes);

  /// What something that is signed now, to be sent by somebody else, goes by. Errors: those of the credentials.
  struct Signing {
    std::shared_ptr<const Credentials> credentials;
    std::shared_ptr<const BucketHome> home;
    std::shared_ptr<const sigv4::SigningKey> key;
    TimePoint now;  ///< by the service's clock
  };
  Result<Signing> signing();

  /// The key that a URL of this store stands for, as S3Endpoint::key_from_url(); also where the bucket turned out to be
  /// served elsewhere.
  [[nodiscard]] Result<ObjectKey> key_from_url(std::string_view url) const;

  [[nodiscard]] const S3Endpoint& endpoint() const noexcept { return endpoint_; }  ///< as the options say
  [[nodiscard]] const ProviderProfile& profile() const noexcept { return profile_; }
  [[nodiscard]] const S3Encryption& encryption() const noexcept { return encryption_; }

 private:
  /// A request with its signature, and what that was made with.
  struct Signed {
    HttpRequest http;
    std::shared_ptr<const Credentials> credentials;
    TimePoint time;
  };
  using SendOnce = std::function<Outcome(const HttpRequest&, RequestReport&)>;

  Result<std::shared_ptr<const Credentials>> current_credentials(const CallOptions& call);
  Result<Signed> sign(const S3Request& request, const Course& course, const CallOptions& call);
  Outcome send(const HttpRequest& request, const ResponseHandler& handler, RequestReport& report);
  /// Which attempt of its call something is.
  struct Turn {
    int attempt;
    std::chrono::milliseconds paused;
  };
  /// Sends `next` once, and tells the observer what became of it.
  Outcome observed(const S3Request& request, Signed& next, const Course& course, const Turn& turn,
                   const SendOnce& send_once);
  /// Reads `request` anew before each attempt.
  Result<HttpResponse> persist(const S3Request& request, Attempts& attempts, const SendOnce& send_once);
  Result<S3Reply> collect(const S3Request& request, Attempts& attempts, std::size_t max_bytes);
  Result<S3Reply> put_conditionally(const S3Request& request, Attempts& attempts, std::size_t max_bytes);

  const S3Endpoint endpoint_;
  const ProviderProfile& profile_;
  const std::shared_ptr<CredentialsProvider> credentials_;
  const S3Encryption encryption_;
  const std::shared_ptr<HttpTransport> transport_;
  const std::shared_ptr<const Clock> clock_;
  const RequestObserver observer_;
  const std::string user_agent_;  // "" for the transport's own
  SharedBearings bearings_;
  RetryPolicy retry_;
};

}  // namespace audiostore
