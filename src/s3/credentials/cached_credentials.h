// Credentials that are looked up when they are first needed, kept, and renewed before they end.
#pragma once

#include <audiostore/clock.h>
#include <audiostore/credentials.h>

#include "s3/credentials/source.h"

#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>

namespace audiostore {

/// Renewal begins this long before the end, or at half of the lifetime where that is shorter. Instance metadata has new
/// credentials at least five minutes before the old ones end.
/// https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/instance-metadata-security-credentials.html
inline constexpr std::chrono::minutes renewal_window{5};
inline constexpr std::chrono::seconds first_back_off{1};  ///< after a failure; doubled with each further one
inline constexpr std::chrono::seconds max_back_off{60};

/// Caches what `source` finds. One thread looks; the others go on with the credentials there are, and wait only where
/// there are none that are still good. A look that fails leaves what is still good in use, and is repeated only after
/// a pause; until then its error is the answer where there is nothing good. A look ends with the call that makes it,
/// which says nothing of the source: whoever waits for it looks next. While there are good ones, it takes half of what
/// that call has left at most.
class CachedCredentials final : public CredentialsProvider {
 public:
  CachedCredentials(std::unique_ptr<CredentialsSource> source, std::shared_ptr<const Clock> clock);

  Result<std::shared_ptr<const Credentials>> get() override;
  Result<std::shared_ptr<const Credentials>> get_within(const CallOptions& call) override;
  void refused(const std::shared_ptr<const Credentials>& credentials) override;

 private:
  using Found = Result<std::shared_ptr<const Credentials>>;

  [[nodiscard]] bool usable(TimePoint now) const;
  [[nodiscard]] bool may_look(TimePoint now) const;
  [[nodiscard]] Found look(const CallGuard& call);
  [[nodiscard]] Result<void> wait_for_look(std::unique_lock<std::mutex>& lock, const CallOptions& call,
                                           const CallGuard& guard);
  void keep(Found found, TimePoint now);

  const std::unique_ptr<CredentialsSource> source_;
  const std::shared_ptr<const Clock> clock_;

  std::mutex mutex_;
  std::condition_variable_any looked_;
  bool looking_ = false;
  std::shared_ptr<const Credentials> current_;
  std::optional<Error> failure_;           // of the last look, if it failed
  std::chrono::seconds back_off_{0};       // grows from look to look that fails
  std::optional<TimePoint> next_attempt_;  // absent: none is needed, what was found does not expire
};

}  // namespace audiostore
