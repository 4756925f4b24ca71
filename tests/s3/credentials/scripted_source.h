// A source of credentials that does what a test tells it to do.
#pragma once

#include "s3/credentials/source.h"

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <utility>

namespace audiostore {

/// Credentials whose parts all begin with `name`.
inline Credentials named_credentials(const std::string& name, std::optional<TimePoint> expires_at = {}) {
  return {.access_key_id = name,
          .secret_access_key = Secret(name + "-secret"),
          .session_token = Secret(name + "-token"),
          .expires_at = expires_at,
          .source = "a script"};
}

class ScriptedSource final : public CredentialsSource {
 public:
  /// `script` is called for each look, with its number counted from 1, and with the call that waits for it.
  using Script = std::function<Lookup(int look)>;
  using ScriptOfCall = std::function<Lookup(int look, const CallGuard& call)>;

  ScriptedSource(Script script, std::shared_ptr<std::atomic<int>> looks)
      : ScriptedSource([script = std::move(script)](int look, const CallGuard&) { return script(look); },
                       std::move(looks)) {}
  ScriptedSource(ScriptOfCall script, std::shared_ptr<std::atomic<int>> looks)
      : script_(std::move(script)), looks_(std::move(looks)) {}

  [[nodiscard]] std::string name() const override { return "a script"; }
  Lookup look_up_for(const CallGuard& call) override { return script_(++*looks_, call); }

 private:
  ScriptOfCall script_;
  std::shared_ptr<std::atomic<int>> looks_;
};

}  // namespace audiostore
