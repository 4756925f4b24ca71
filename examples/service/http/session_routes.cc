#include "data/sql.h"
#include "http/client_address.h"
#include "http/json_body.h"
#include "http/refusal.h"
#include "http/routes.h"

#include <fmt/format.h>

namespace audio_service {
namespace {

constexpr std::chrono::hours session_lifetime{24 * 30};

nlohmann::json describe(const User& user) { return {{"user", {{"id", user.id}, {"name", user.name}}}}; }

void set_cookie(Visit& visit, std::string_view token, std::chrono::seconds lifetime, bool is_secure) {
  visit.response.set_header("Set-Cookie",
                            fmt::format("{}={}; Path=/; HttpOnly; SameSite=Strict; Max-Age={}{}", session_cookie, token,
                                        lifetime.count(), is_secure ? "; Secure" : ""));
}

void check_reader(MetricsReaders readers, const httplib::Request& request) {
  if (readers == MetricsReaders::anyone) return;
  if (readers == MetricsReaders::nobody) {
    throw Refusal(403, "permission_denied", "the service is behind a proxy; --public-metrics serves the metrics there");
  }
  if (is_from_this_machine(request)) return;
  throw Refusal(403, "permission_denied", "the metrics are for this machine only");
}

}  // namespace

void add_session_routes(FrontDoor& door, Accounts& accounts) {
  door.add({"POST", "/api/session", Entry::open}, [&](Visit& visit) {
    const std::string token = JsonBody(visit.request.body).text("token");
    const User user = door.admission().log_in(visit.request, token);
    // Looked at again in the transaction: it may have ended while this waited for its turn to write.
    const auto session = accounts.open_session(token, session_lifetime);
    if (!session) throw Refusal(401, "unauthenticated", "this token has just ended");
    set_cookie(visit, *session, session_lifetime, door.is_secure());
    return describe(user);
  });
  door.add({"GET", "/api/session"}, [](Visit& visit) { return describe(visit.user); });
  door.add({"DELETE", "/api/session"}, [&](Visit& visit) {
    const bool was_for_good = accounts.close_session(visit.token);
    set_cookie(visit, "", std::chrono::seconds(0), door.is_secure());
    return nlohmann::json{{"message", was_for_good
                                          ? "this token is good for nothing any more; who runs the service can "
                                            "make another: audio-service new-token"
                                          : "logged out"}};
  });
}

void add_health_routes(FrontDoor& door, Database& database, const Metrics& metrics, MetricsReaders readers) {
  door.add({"GET", "/healthz", Entry::open}, [&](Visit&) {
    sql::number(*database.lease(), "PRAGMA user_version");
    return nlohmann::json{{"status", "ok"}};
  });
  door.add_plain({"GET", "/metrics", Entry::open}, [&metrics, readers](Visit& visit) {
    check_reader(readers, visit.request);
    visit.response.set_content(metrics.to_text(), "text/plain; version=0.0.4");
  });
}

}  // namespace audio_service
