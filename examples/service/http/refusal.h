// How failures look on the wire.
#pragma once

#include <audiostore/error.h>

#include <chrono>
#include <stdexcept>
#include <string>
#include <string_view>

namespace audio_service {

/// A request that is not granted: status, a stable code to branch on, and a message to read.
class Refusal : public std::runtime_error {
 public:
  /// `retry_after` is told with 429 and 503.
  Refusal(int status, std::string_view code, const std::string& message,
          std::chrono::seconds retry_after = std::chrono::seconds(1))
      : std::runtime_error(message), status_(status), code_(code), retry_after_(retry_after) {}

  [[nodiscard]] int status() const noexcept { return status_; }
  [[nodiscard]] const std::string& code() const noexcept { return code_; }
  [[nodiscard]] std::chrono::seconds retry_after() const noexcept { return retry_after_; }

 private:
  int status_;
  std::string code_;
  std::chrono::seconds retry_after_;
};

/// The status that an error of the library becomes. What is the service's own trouble (its credentials, its bucket) is
/// never told as the client's.
int http_status(audiostore::ErrorCode code) noexcept;

/// For a client: the message of what it can mend; of everything else only what to do, and the log has the rest.
Refusal refusal_of(const audiostore::Error& error);

/// {"success":false,"error":{"code":...,"message":...}}
std::string refusal_body(std::string_view code, std::string_view message);

/// The value of `result`; throws the Refusal that its error becomes.
template <class T>
T granted(audiostore::Result<T> result) {
  if (!result) throw refusal_of(result.error());
  if constexpr (!std::is_void_v<T>) return *std::move(result);
}

}  // namespace audio_service
