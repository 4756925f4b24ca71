// Who signs the requests.
#pragma once

#include <audiostore/call_options.h>
#include <audiostore/clock.h>
#include <audiostore/error.h>

#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace audiostore {

/// A string that must not be seen: it is wiped when it goes, and cannot be printed, formatted or compared by accident.
class Secret {
 public:
  Secret() = default;
  explicit Secret(std::string_view text);
  Secret(const Secret& other);
  Secret(Secret&& other) noexcept;
  Secret& operator=(Secret other) noexcept;
  ~Secret();

  [[nodiscard]] bool empty() const noexcept { return size_ == 0; }
  /// The text, for the one place that signs with it. The view lives as long as the Secret.
  [[nodiscard]] std::string_view reveal() const noexcept { return {text_.get(), size_}; }

 private:
  std::unique_ptr<char[]> text_;
  std::size_t size_ = 0;
};

struct Credentials {
  std::string access_key_id;
  Secret secret_access_key;
  Secret session_token = {};                 ///< of temporary credentials
  std::optional<TimePoint> expires_at = {};  ///< of temporary credentials; nothing is signed to last beyond it
  std::string source = {};                   ///< where they were found, e.g. "environment"; never holds a secret

  /// For a log: the access key's first four characters and the source, never a secret.
  [[nodiscard]] std::string to_string() const;
};

/// Hands out credentials. Thread-safe. The result is shared and immutable.
class CredentialsProvider {
 public:
  virtual ~CredentialsProvider() = default;
  /// Errors: unauthenticated, saying what is missing; unavailable.
  virtual Result<std::shared_ptr<const Credentials>> get() = 0;

  /// get() for a call that can be stopped and has a deadline, which every call of a store has. The default knows
  /// nothing of them; override it where get() can take long. Errors: also cancelled, timed_out.
  virtual Result<std::shared_ptr<const Credentials>> get_within(const CallOptions& call);

  /// Says that the service called `credentials`, which get() gave, expired or unknown: the next get() looks for newer
  /// ones, if there can be any. Does nothing when they have been replaced already.
  virtual void refused(const std::shared_ptr<const Credentials>& credentials);
};

/// Always the same credentials. A look for them in the places that AWS's tools use: credentials_chain.h.
std::shared_ptr<CredentialsProvider> static_credentials(Credentials credentials);

}  // namespace audiostore
