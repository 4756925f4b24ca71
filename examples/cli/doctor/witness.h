// A transport that remembers what the replies say about clocks, regions and proxies.
#pragma once

#include <audiostore/clock.h>
#include <audiostore/http.h>

#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace cli::doctor {

/// What one reply shows. Holds nothing secret.
struct Sighting {
  int status = 0;
  std::string signed_region;                          ///< that the request's signature named; empty where it had none
  std::string via;                                    ///< the reply's Via: a proxy stands in between
  std::optional<audiostore::TimePoint> service_time;  ///< the reply's Date
  audiostore::TimePoint our_time;                     ///< when it came
};

/// Sends by another transport. The library puts a wrong region and a wrong clock right by itself, so that a call alone
/// does not show them; the exchanges do. Thread-safe.
class Witness final : public audiostore::HttpTransport {
 public:
  Witness(std::shared_ptr<audiostore::HttpTransport> transport, std::shared_ptr<const audiostore::Clock> clock)
      : transport_(std::move(transport)), clock_(std::move(clock)) {}

  audiostore::Result<audiostore::HttpResponse> send(const audiostore::HttpRequest& request,
                                                    const audiostore::ResponseHandler& handler) override;

  /// In the order of the replies.
  [[nodiscard]] std::vector<Sighting> sightings() const;

 private:
  std::shared_ptr<audiostore::HttpTransport> transport_;
  std::shared_ptr<const audiostore::Clock> clock_;
  mutable std::mutex mutex_;
  std::vector<Sighting> sightings_;
};

/// A Date header's time (RFC 9110, section 5.6.7); nullopt for anything else.
std::optional<audiostore::TimePoint> parse_http_date(std::string_view text);

/// A whole exchange.
struct Fetched {
  int status = 0;
  audiostore::Headers headers;
  std::string body;  ///< its first 64 KiB
};

/// Errors: those of the transport.
audiostore::Result<Fetched> fetch(audiostore::HttpTransport& transport, const audiostore::HttpRequest& request);

}  // namespace cli::doctor
