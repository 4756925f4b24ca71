// Who is let in, and how often.
#pragma once

#include "data/accounts.h"
#include "http/rate_limiter.h"

#include <httplib.h>

#include <memory>
#include <string>

namespace audio_service {

struct AdmissionRates {
  Rate user{.per_second = 50, .at_once = 500};         ///< requests of one user
  Rate failed_logins{.per_second = 1, .at_once = 60};  ///< bad tokens from one address
};

/// Thread-safe. All throw a Refusal: 401 where nobody has the token, 429 where there were too many requests of its
/// user, or too many bad tokens from this address.
class Admission {
 public:
  Admission(Accounts& accounts, const AdmissionRates& rates, const std::shared_ptr<const audiostore::Clock>& clock)
      : accounts_(accounts), users_(rates.user, clock), failed_logins_(rates.failed_logins, clock) {}

  /// Who has a session. Nobody who has one is turned away for what others at the same address do.
  User admit(const httplib::Request& request, const std::string& token);
  /// Who wants to have one.
  User log_in(const httplib::Request& request, const std::string& token);

 private:
  Accounts& accounts_;
  RateLimiter users_;
  RateLimiter failed_logins_;
};

}  // namespace audio_service
