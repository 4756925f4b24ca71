// A transport without a network: answers from a script and remembers what it was asked to send.
#pragma once

#include <audiostore/http.h>

#include <catch2/catch.hpp>

#include <deque>
#include <exception>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace audiostore {

/// The S3 operation that a request asks for, by S3's own name: "PutObject", "ListObjects", "UploadPart" ...
std::string s3_operation(const HttpRequest& request);

/// Answers are used up in their order; those for the request's operation come first. A script that is not used up when
/// the transport goes fails the test: a fault that was not hit proves nothing.
class ScriptedTransport final : public HttpTransport {
 public:
  struct Answer {
    int status = 200;
    Headers headers = {};
    std::string body = {};
    /// How the exchange ends instead: with this error, and without a response if `status` is 0; else after `body`.
    std::optional<Error> failure = {};
    int sends = 1;  ///< as HttpResponse has it
    /// Runs before anything else, e.g. to let time pass or to ask to stop.
    std::function<void()> before = {};
  };
  struct Sent {
    HttpRequest request;
    std::string body;
  };

  ScriptedTransport() = default;
  ScriptedTransport(const ScriptedTransport&) = delete;
  ScriptedTransport& operator=(const ScriptedTransport&) = delete;
  ~ScriptedTransport() override;

  /// For the next request, whatever it is.
  void answer(Answer answer) { answers_.push_back(std::move(answer)); }
  /// For the next request of this operation.
  void on(const std::string& operation, Answer answer) { by_operation_[operation].push_back(std::move(answer)); }

  [[nodiscard]] const std::vector<Sent>& sent() const { return sent_; }
  [[nodiscard]] bool used_up() const { return left_over().empty(); }

  Result<HttpResponse> send(const HttpRequest& request, const ResponseHandler& handler) override;

 private:
  [[nodiscard]] std::string left_over() const;
  std::optional<Answer> take_answer(const std::string& operation);

  std::mutex mutex_;
  std::deque<Answer> answers_;
  std::map<std::string, std::deque<Answer>> by_operation_;
  std::vector<Sent> sent_;
};

/// No response at all: the connection failed, for one.
ScriptedTransport::Answer no_answer(ErrorCode code = ErrorCode::unavailable);

/// A refusal with S3's error document.
ScriptedTransport::Answer refusal(int status, std::string_view service_code, Headers headers = {});

}  // namespace audiostore
