// One exchange in one line, for tests of a transport.
#pragma once

#include <audiostore/http.h>

#include <catch2/catch.hpp>

#include <memory>
#include <string>
#include <utility>

namespace audiostore {

struct Fetched {
  Result<HttpResponse> result;
  std::string body;
  int handler_calls = 0;

  [[nodiscard]] int status() const { return result ? result->status : 0; }
  /// REQUIRES an error, else the test fails.
  [[nodiscard]] const Error& error() const {
    REQUIRE_FALSE(result);
    return result.error();
  }
};

inline std::shared_ptr<HttpTransport> transport(CurlTransportOptions options = {}) {
  auto made = make_curl_transport(std::move(options));
  REQUIRE(made);
  return *std::move(made);
}

inline HttpRequest request(std::string method, std::string url, std::string body = {}) {
  return {std::move(method), std::move(url), {}, Payload::from_string(std::move(body)), {}};
}

inline Fetched fetch(HttpTransport& over, const HttpRequest& request) {
  Fetched fetched{Error(ErrorCode::internal, "not sent"), {}, 0};
  fetched.result = over.send(request, [&](const HttpResponse&) -> Result<ByteSink> {
    ++fetched.handler_calls;
    return ByteSink([&](ByteSpan bytes) -> Result<void> {
      fetched.body.append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
      return {};
    });
  });
  return fetched;
}

inline Fetched fetch(const HttpRequest& request) { return fetch(*transport(), request); }
inline Fetched fetch(const std::string& url) { return fetch(request("GET", url)); }

}  // namespace audiostore
