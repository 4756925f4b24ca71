// Requests for the tests of the S3 service, and what it answers.
#pragma once

#include "local/http_message.h"
#include "local/s3_service.h"
#include "s3/sigv4.h"
#include "support/manual_clock.h"

#include <audiostore/memory_store.h>

#include <chrono>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace audiostore::local {

struct Answer {
  int status = 0;
  Headers headers;
  std::string body;
  std::optional<std::uint64_t> content_length;

  /// The text of the first element called `name`; "" where there is none.
  [[nodiscard]] std::string element(std::string_view name) const;
  [[nodiscard]] std::string header(std::string_view name) const {
    return std::string(find_header(headers, name).value_or(""));
  }
  [[nodiscard]] bool has_header(std::string_view name) const { return find_header(headers, name).has_value(); }
};

/// The ETag of an object with these bytes.
std::string etag_of(std::string_view bytes);

/// A request to be signed. `path` is encoded; `key` in "/audiostore/key" too.
struct Ask {
  std::string method = "GET";
  std::string path = "/audiostore";
  std::vector<sigv4::QueryParameter> query = {};
  Headers headers = {};
  std::string body = {};
  std::string payload_word = {};  ///< what is signed in place of the body's hash
};

/// The service over a store in memory, with a clock that stands still.
struct ServiceFixture {
  explicit ServiceFixture(LocalEndpointOptions options = {}, std::shared_ptr<ObjectStore> served = nullptr);

  /// Signs `ask` with the endpoint's key and lets the service answer.
  Answer operator()(Ask ask);
  Answer put(std::string_view key, std::string body, Headers headers = {});
  /// The request, signed but not sent.
  IncomingRequest sign(Ask ask) const;
  /// Sends a request as it is.
  Answer send(IncomingRequest& request);
  /// A body that is read in pieces of at most 1,000 bytes.
  static BodyReader reader(std::string body);

  std::shared_ptr<ManualClock> clock = std::make_shared<ManualClock>();
  std::shared_ptr<ObjectStore> store;
  std::shared_ptr<const Credentials> credentials;
  std::unique_ptr<S3Service> service;
};

}  // namespace audiostore::local
