// A store whose network is a script, whose time is a manual clock, and whose pauses are as long as they can be.
#pragma once

#include <audiostore/s3_store.h>

#include "core/dates.h"
#include "support/manual_clock.h"
#include "support/results.h"
#include "support/scripted_transport.h"

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace audiostore {

struct ScriptedStore {
  std::shared_ptr<ScriptedTransport> transport = std::make_shared<ScriptedTransport>();
  std::shared_ptr<ManualClock> clock = std::make_shared<ManualClock>();
  S3Options options{
      .bucket = "takes",
      .credentials = static_credentials({.access_key_id = "AKID", .secret_access_key = Secret("s")}),
      .region = "eu-central-1",
      .retry = {.jitter = [] { return 1.0; }},
      .transport = transport,
      .clock = clock,
  };
  std::unique_ptr<S3Store> store = make_s3_store(options).value();

  void remake() { store = make_s3_store(options).value(); }
  [[nodiscard]] std::size_t requests() const { return transport->sent().size(); }
  [[nodiscard]] const HttpRequest& request(std::size_t index) const { return transport->sent().at(index).request; }
  [[nodiscard]] std::string header(std::size_t index, std::string_view name) const {
    return std::string(find_header(request(index).headers, name).value_or(""));
  }
  /// The scope of a request's signature: "20130524/eu-central-1".
  [[nodiscard]] std::string scope(std::size_t index) const {
    const std::string authorization = header(index, "Authorization");
    const auto begin = authorization.find('/') + 1;
    return authorization.substr(begin, authorization.find("/s3/") - begin);
  }
  [[nodiscard]] std::string host(std::size_t index) const {
    const std::string& url = request(index).url;
    return url.substr(8, url.find('/', 8) - 8);  // behind "https://"
  }
  [[nodiscard]] std::vector<long> waits_ms() const {
    std::vector<long> waits;
    for (const auto wait : clock->waits()) waits.push_back(static_cast<long>(wait.count()));
    return waits;
  }
};

inline const ObjectKey take = *ObjectKey::parse("users/1/take.wav");

/// The answer to a PUT, GET or HEAD that went well.
inline ScriptedTransport::Answer stored(std::string body = {}, Headers more = {}) {
  more.push_back({"ETag", "\"e1\""});
  more.push_back({"Content-Length", std::to_string(body.size())});
  more.push_back({"Last-Modified", "Fri, 24 May 2013 00:00:00 GMT"});
  return {.headers = std::move(more), .body = std::move(body)};
}

/// A sink that appends to `text`, which must outlive it.
inline ByteSink into(std::string& text) {
  return [&text](ByteSpan piece) -> Result<void> {
    text.append(reinterpret_cast<const char*>(piece.data()), piece.size());
    return {};
  };
}

}  // namespace audiostore
