// Who comes in: sessions, origins, and one shape for all answers.
#pragma once

#include "http/admission.h"
#include "http/metrics.h"

#include <httplib.h>
#include <nlohmann/json.hpp>

#include <functional>
#include <string>
#include <vector>

namespace audio_service {

inline constexpr std::string_view session_cookie = "audiostore_session";

/// One request of a user who is known, unless the route is open.
struct Visit {
  const httplib::Request& request;
  httplib::Response& response;
  User user = {};
  std::string token = {};  ///< of the session
  bool by_cookie = false;
};

enum class Entry { open, session };

struct Route {
  std::string method;
  std::string path;  ///< "/api/audio/ticket/{id}"
  Entry entry = Entry::session;
};

struct FrontDoorOptions {
  std::vector<std::string> origins;  ///< of our own pages: "http://127.0.0.1:8080"
  std::uint64_t max_upload_bytes = 0;
  bool log_requests = true;
  AdmissionRates rates = {};
};

/// Every route goes through it. What a handler throws becomes an answer; what it returns is sent with "success": true.
class FrontDoor {
 public:
  using Handler = std::function<nlohmann::json(Visit&)>;
  using BodyHandler = std::function<nlohmann::json(Visit&, const httplib::ContentReader&)>;
  using PlainHandler = std::function<void(Visit&)>;  ///< sets the answer itself

  FrontDoor(httplib::Server& server, Accounts& accounts, Metrics& metrics,
            const std::shared_ptr<const audiostore::Clock>& clock, FrontDoorOptions options);

  void add(const Route& route, const Handler& handler);
  void add_plain(const Route& route, const PlainHandler& handler);
  /// POST only: the handler reads the body while it arrives.
  void add_with_body(const Route& route, const BodyHandler& handler);

  [[nodiscard]] const std::vector<Route>& routes() const noexcept { return routes_; }
  [[nodiscard]] Admission& admission() noexcept { return admission_; }
  /// Whether cookies are to be sent over TLS only.
  [[nodiscard]] bool is_secure() const;

 private:
  using Answer = std::function<void(Visit&)>;
  void answer(const Route& route, const httplib::Request& request, httplib::Response& response, const Answer& with);
  void admit(const Route& route, Visit& visit);
  void check_origin(const Visit& visit) const;
  [[nodiscard]] bool is_our_page(const std::string& origin) const;
  bool turn_away(const httplib::Request& request, httplib::Response& response) const;
  void note(const Route& route, const httplib::Response& response, std::chrono::steady_clock::time_point begun);

  httplib::Server& server_;
  Admission admission_;
  Metrics& metrics_;
  FrontDoorOptions options_;
  std::vector<Route> routes_;
};

/// The value of a query parameter; "" where there is none. Throws a Refusal where there are several.
std::string query_value(const httplib::Request& request, const char* name);

}  // namespace audio_service
