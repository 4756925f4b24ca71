// One HTTP exchange as the server's parts see it: free of sockets and of the HTTP library.
#pragma once

#include "local/wire_request.h"

#include <audiostore/bytes.h>
#include <audiostore/error.h>
#include <audiostore/headers.h>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <stop_token>
#include <string>

namespace audiostore::local {

/// Fills the front of the span with the next bytes of a request's body; returns how many, 0 at its end.
/// Errors: unavailable (the connection is lost), timed_out (the peer is silent), as S3 errors.
using BodyReader = std::function<Result<std::size_t>(std::span<std::byte>)>;

struct IncomingRequest {
  RequestHead head;
  std::optional<std::uint64_t> content_length = {};  ///< absent where none was sent
  bool is_chunked = false;                           ///< there is a body whose length was not sent
  BodyReader read_body = {};                         ///< reads the body, which has `content_length` bytes
  std::stop_token stop = {};                         ///< requested when the server stops
};

struct ResponseHead {
  int status = 200;
  Headers headers = {};
  /// Of the body that follows, or would follow were it not for HEAD. Absent: no Content-Length is sent and there is no
  /// body (304, 204, errors of HEAD).
  std::optional<std::uint64_t> content_length = {};
};

/// Where the response goes. A response that ends before `content_length` bytes were written cuts the connection, so
/// that the client cannot take a part for the whole.
class Responder {
 public:
  virtual ~Responder() = default;
  /// To be called once. Errors: unavailable when the peer is gone.
  virtual Result<void> begin(const ResponseHead& head) = 0;
  /// To be called with content_length bytes in all, and never for HEAD. Errors: unavailable.
  virtual Result<void> write(ByteSpan bytes) = 0;
  [[nodiscard]] virtual bool begun() const = 0;
  /// Whether this is the response to a HEAD, which has no body.
  [[nodiscard]] virtual bool answers_head() const = 0;
};

/// Answers requests. Called from many threads at once; must not throw.
class HttpService {
 public:
  virtual ~HttpService() = default;
  virtual void serve(IncomingRequest& request, Responder& responder) = 0;
  /// Answers something that is no request that could be served.
  virtual void refuse(const Error& reason, Responder& responder) = 0;
  /// How many bytes of the body must be there, unless it is shorter, before the request is served: so many are read
  /// from whoever has not proved yet who it is without a thread waiting for them.
  [[nodiscard]] virtual std::size_t body_ahead(const RequestHead&) const { return 0; }
};

}  // namespace audiostore::local
