// A LocalEndpoint to be examined, and a network between it and the doctor that does as a test says.
#pragma once

#include <doctor/doctor.h>

#include <audiostore/local_endpoint.h>
#include <audiostore/memory_store.h>

#include "support/manual_clock.h"
#include "support/results.h"

#include <catch2/catch.hpp>

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace cli::doctor {

using namespace audiostore;

inline constexpr const char* access_key = "DOCTORSACCESSKEYID42";
inline constexpr const char* secret_key = "the-secret-that-nobody-must-see";
inline constexpr const char* app = "https://app.example";

/// A transport that first asks a test what to answer.
class Meddler final : public HttpTransport {
 public:
  struct Reply {
    int status = 200;
    Headers headers = {};
    std::string body = {};
  };
  using Meddle = std::function<std::optional<Result<Reply>>(const HttpRequest&)>;

  explicit Meddler(Meddle meddle) : meddle_(std::move(meddle)) {}

  Result<HttpResponse> send(const HttpRequest& request, const ResponseHandler& handler) override {
    const auto meddled = meddle_(request);
    if (!meddled) return behind_->send(request, handler);
    if (!*meddled) return meddled->error();
    const Reply& reply = **meddled;
    HttpResponse response{.status = reply.status, .headers = reply.headers};
    response.headers.push_back({"Content-Length", std::to_string(reply.body.size())});
    const auto sink = handler(response);
    if (!sink) return sink.error();
    if (auto taken = (*sink)(as_bytes(reply.body)); !taken) return taken.error();
    return response;
  }

  /// Sends a request unchanged.
  [[nodiscard]] HttpTransport& behind() { return *behind_; }

 private:
  Meddle meddle_;
  std::shared_ptr<HttpTransport> behind_ = make_curl_transport().value();
};

inline Meddler::Reply refusal(int status, const std::string& code) {
  return {.status = status, .body = "<Error><Code>" + code + "</Code><Message>so it is</Message></Error>"};
}

inline bool is_signed(const HttpRequest& request) {
  return find_header(request.headers, "Authorization") || request.url.find("X-Amz-Signature") != std::string::npos;
}

inline bool is_probe(const HttpRequest& request) { return request.url.find("audiostore-doctor-") != std::string::npos; }

/// A bucket that has all that it should have, until a test takes it away.
class Clinic {
 public:
  explicit Clinic(std::shared_ptr<const Clock> clock = system_clock(), std::vector<std::string> origins = {app})
      : objects(make_memory_store(clock)) {
    const Credentials keys{.access_key_id = access_key, .secret_access_key = Secret(secret_key), .source = "a test"};
    endpoint = LocalEndpoint::start(objects, {.bucket = "recordings",
                                              .credentials = std::make_shared<const Credentials>(keys),
                                              .allowed_origins = std::move(origins),
                                              .clock = clock})
                   .value();
    subject.options = endpoint->s3_options();
    subject.options.credentials = static_credentials(keys);
    subject.options.clock = clock;
    subject.origin = app;
    subject.prefix = "users";
    store = make_s3_store(subject.options).value();
    const LifecycleRule rule{.id = "abort", .abort_incomplete_after_days = 7};
    must(store->bucket().set_lifecycle(std::span(&rule, 1)));
  }

  void sign_with(const std::string& key, const std::string& secret) {
    subject.options.credentials =
        static_credentials({.access_key_id = key, .secret_access_key = Secret(secret), .source = "a test"});
  }
  void meddle(Meddler::Meddle how) { subject.options.transport = std::make_shared<Meddler>(std::move(how)); }

  /// Runs the doctor. Whatever is wrong, nothing secret is said.
  Findings examine() {
    Findings findings = doctor::examine(subject);
    for (const Finding& finding : findings) {
      const std::string all = to_text(finding) + to_json(finding).dump();
      INFO(all);
      CHECK(all.find(secret_key) == std::string::npos);
      CHECK(all.find(access_key) == std::string::npos);
      CHECK(all.find("X-Amz-") == std::string::npos);
    }
    return findings;
  }

  /// The keys that the bucket holds.
  [[nodiscard]] std::size_t left() { return must(objects->list()).objects.size(); }

  std::shared_ptr<ObjectStore> objects;
  std::unique_ptr<LocalEndpoint> endpoint;
  std::unique_ptr<S3Store> store;
  Subject subject;
};

inline std::string text_of(const Findings& findings) {
  std::string text;
  for (const Finding& finding : findings) text += to_text(finding) + '\n';
  return text;
}

/// The worst finding of a check.
inline Finding of(const Findings& findings, std::string_view check) {
  const Finding* worst = nullptr;
  for (const Finding& finding : findings) {
    if (finding.check == check && (worst == nullptr || finding.status > worst->status)) worst = &finding;
  }
  INFO(text_of(findings));
  if (worst == nullptr) FAIL("no such check: " << check);
  return *worst;
}

inline bool says(const std::string& text, std::string_view part) { return text.find(part) != std::string::npos; }

}  // namespace cli::doctor

namespace Catch {
template <>
struct StringMaker<cli::doctor::Status> {
  static std::string convert(cli::doctor::Status status) { return std::string(cli::doctor::to_string(status)); }
};
}  // namespace Catch
