// One HTTP exchange, and who carries it out.
#pragma once

#include <audiostore/bytes.h>
#include <audiostore/call_options.h>
#include <audiostore/error.h>
#include <audiostore/headers.h>

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>

namespace audiostore {

struct HttpRequest {
  std::string method;  ///< upper-case
  std::string url;     ///< sent byte for byte as it is; nothing is normalised
  Headers headers;     ///< Host, Content-Length and what else frames a message are the transport's business
  Payload body;        ///< always sent with its Content-Length, never chunked, never behind an Expect
  CallOptions call;    ///< progress is that of the request's body while one is sent, else of the response's
};

struct HttpResponse {
  int status = 0;
  Headers headers;
  /// False when only the end of the connection says where the body ends (neither Content-Length nor chunked), so that a
  /// body cut short looks like a whole one. Do not trust such a body unless its size or checksum is known otherwise.
  bool length_known = true;
  /// How often the request was sent: a kept connection that dies under it is replaced unasked. More than 1 means that
  /// it may have had effect before this response was made.
  int sends = 1;
};

/// Called once, when a final response's status and headers have arrived; returns where the body goes. An Error ends the
/// exchange and is returned from send().
using ResponseHandler = std::function<Result<ByteSink>(const HttpResponse&)>;

/// Sends requests. Thread-safe; connections are kept and shared among all threads.
///
/// Every HTTP status is a response: an Error means that no whole response came. Redirects are not followed, bodies are
/// not decoded, no cookie, no netrc and no proxy from the environment is used.
class HttpTransport {
 public:
  virtual ~HttpTransport() = default;

  /// Sends `request`, hands the response to `handler` and its body to the sink that it returns.
  /// Errors: unavailable (connect, reset, malformed reply; retryable), timed_out, cancelled, corrupt (the body is
  /// shorter or longer than announced), permission_denied (TLS: the server is not who it should be; never retryable),
  /// invalid_argument (a URL or header that cannot be sent, an address that is kept out), and what handler or sink
  /// return.
  virtual Result<HttpResponse> send(const HttpRequest& request, const ResponseHandler& handler) = 0;
};

struct CurlTransportOptions {
  std::chrono::milliseconds connect_timeout = std::chrono::seconds(10);  ///< name look-up, TCP and TLS together
  /// Fail when fewer than one byte a second moved, in both directions together, for this long; 0 for never.
  std::chrono::seconds stall_timeout = std::chrono::seconds(30);
  /// The longest that the body of a response other than 2xx may take, from its head on: its status has said what
  /// matters. 0 for no limit of its own. Ends with timed_out.
  std::chrono::milliseconds refusal_timeout = std::chrono::seconds(5);
  /// The longest that one exchange may take; 0 for none but CallOptions::deadline.
  std::chrono::milliseconds total_timeout = std::chrono::hours(1);
  std::chrono::seconds max_idle_age = std::chrono::seconds(60);  ///< idle connections older than this are not reused
  std::size_t max_idle_connections = 32;                         ///< kept open between requests
  std::size_t max_header_bytes = std::size_t{64} * 1024;         ///< of one response; more is an error
  std::filesystem::path ca_file = {};  ///< PEM; empty for AWS_CA_BUNDLE, SSL_CERT_FILE, then the system's
  std::string proxy = {};              ///< e.g. "http://proxy:3128"; empty for none, whatever the environment says
  /// Connect to link-local addresses (169.254.0.0/16, fe80::/10) and metadata services too, where clouds hand out the
  /// machine's own credentials. Else they are refused (invalid_argument), as written in a URL and as a name resolves,
  /// before anything is sent; names that a proxy resolves are the proxy's business.
  bool allow_link_local = false;
};

/// A transport over libcurl. TLS is always verified, 1.2 at least. Needs no global initialisation by the caller.
/// Errors: invalid_argument (CA file not readable, a connect time-out that is not positive).
Result<std::shared_ptr<HttpTransport>> make_curl_transport(CurlTransportOptions options = {});

}  // namespace audiostore
