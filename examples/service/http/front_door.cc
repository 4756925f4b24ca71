#include "http/front_door.h"

#include "http/refusal.h"
#include "text.h"

#include <SQLiteCpp/Exception.h>
#include <fmt/format.h>
#include <sqlite3.h>

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <optional>
#include <utility>

namespace audio_service {
namespace {

using std::chrono::steady_clock;

constexpr std::uint64_t longest_json = std::uint64_t{64} << 10;
/// What a form may have besides the file: boundaries, part headers, fields.
constexpr std::uint64_t form_allowance = std::uint64_t{4} << 10;
constexpr std::string_view upload_path = "/api/audio/upload";
constexpr std::string_view bearer = "Bearer ";

bool is_write(const httplib::Request& request) { return request.method != "GET" && request.method != "HEAD"; }

/// "/ticket/{id}/parts" as httplib matches it.
std::string pattern_of(const std::string& path) {
  std::string pattern = path;
  for (const auto& [name, stands_for] : {std::pair<std::string, const char*>{"{id}", "([A-Za-z0-9_-]{1,64})"},
                                         {"{file}", "([A-Za-z0-9_-]+(?:\\.[A-Za-z0-9_-]+){1,3})"}}) {
    const std::size_t at = pattern.find(name);
    if (at != std::string::npos) pattern.replace(at, name.size(), stands_for);
  }
  return pattern;
}

std::string cookie_of(const httplib::Request& request) {
  const std::string cookies = request.get_header_value("Cookie");
  const std::string name = fmt::format("{}=", session_cookie);
  for (std::size_t at = 0; at < cookies.size();) {
    const std::size_t end = std::min(cookies.find(';', at), cookies.size());
    std::size_t begin = std::min(cookies.find_first_not_of(' ', at), end);
    if (cookies.compare(begin, name.size(), name) == 0)
      return cookies.substr(begin + name.size(), end - begin - name.size());
    at = end + 1;
  }
  return {};
}

void find_token(Visit& visit) {
  const std::string authorization = visit.request.get_header_value("Authorization");
  if (!authorization.empty()) {
    if (authorization.starts_with(bearer)) visit.token = authorization.substr(bearer.size());
    return;
  }
  visit.token = cookie_of(visit.request);
  visit.by_cookie = true;
}

void refuse(httplib::Response& response, int status, std::string_view code, std::string_view message,
            std::chrono::seconds retry_after = std::chrono::seconds(1)) {
  response.status = status;
  if (status == 503 || status == 429) response.set_header("Retry-After", std::to_string(retry_after.count()));
  response.set_content(refusal_body(code, message), "application/json");
}

void refuse(httplib::Response& response, const SQLite::Exception& failure) {
  const int code = failure.getErrorCode() & 0xff;
  const bool is_busy = code == SQLITE_BUSY || code == SQLITE_LOCKED;
  const bool is_full = code == SQLITE_FULL;
  fmt::print(stderr, "database: {}\n", failure.what());
  if (is_busy) return refuse(response, 503, "busy", "the database is busy; try again");
  if (is_full) return refuse(response, 503, "no_space", "the service's disk is full; try again later");
  refuse(response, 500, "internal", "something is wrong at the service; its log has the reason");
}

/// The number in a Content-Length; nullopt where it is none.
std::optional<std::uint64_t> length_in(const std::string& text) {
  std::uint64_t length = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), length);
  return error == std::errc() && end == text.data() + text.size() ? std::optional(length) : std::nullopt;
}

}  // namespace

FrontDoor::FrontDoor(httplib::Server& server, Accounts& accounts, Metrics& metrics,
                     const std::shared_ptr<const audiostore::Clock>& clock, FrontDoorOptions options)
    : server_(server), admission_(accounts, options.rates, clock), metrics_(metrics), options_(std::move(options)) {
  using Response = httplib::Server::HandlerResponse;
  server_.set_payload_max_length(options_.max_upload_bytes + form_allowance);
  server_.set_pre_routing_handler([this](const httplib::Request& request, httplib::Response& response) {
    return turn_away(request, response) ? Response::Handled : Response::Unhandled;
  });
  server_.set_expect_100_continue_handler([this](const httplib::Request& request, httplib::Response& response) {
    return turn_away(request, response) ? response.status : 100;
  });
}

/// What is refused by its head, before a byte of its body is read.
bool FrontDoor::turn_away(const httplib::Request& request, httplib::Response& response) const {
  const auto no = [&](int status, std::string_view code, std::string_view message) {
    refuse(response, status, code, message);
    response.set_header("Connection", "close");
    return true;
  };
  if (request.has_header("Transfer-Encoding")) {
    return no(411, "length_required", "send the body's length, not chunks");
  }
  if (request.get_header_value_count("Content-Length") > 1) return no(400, "invalid_argument", "two Content-Lengths");
  if (!request.has_header("Content-Length")) {
    return request.method == "POST" && no(411, "length_required", "send the body's length");
  }
  const auto length = length_in(request.get_header_value("Content-Length"));
  if (!length) return no(400, "invalid_argument", "the Content-Length is no number");
  const bool is_upload = request.path == upload_path;
  const std::uint64_t most = is_upload ? options_.max_upload_bytes + form_allowance : longest_json;
  if (*length > most) {
    return no(
        413, "too_large",
        fmt::format("{} bytes, at most {} are taken", *length, is_upload ? options_.max_upload_bytes : longest_json));
  }
  if (request.has_header("Content-Encoding")) {
    return no(415, "unsupported_media_type", "send the body as it is, without a Content-Encoding");
  }
  return false;
}

bool FrontDoor::is_our_page(const std::string& origin) const {
  return std::ranges::find(options_.origins, origin) != options_.origins.end();
}

bool FrontDoor::is_secure() const {
  return std::ranges::any_of(options_.origins, [](const std::string& o) { return o.starts_with("https://"); });
}

/// A page of somebody else can send a cookie along, but not our Origin.
void FrontDoor::check_origin(const Visit& visit) const {
  if (!is_write(visit.request) || !visit.by_cookie) return;
  const std::string origin = visit.request.get_header_value("Origin");
  const bool may_be_absent = visit.token.empty();  // no cookie: nothing that a page could misuse
  if (is_our_page(origin) || (origin.empty() && may_be_absent)) return;
  throw Refusal(403, "origin_refused", "the request does not come from a page of this service");
}

void FrontDoor::admit(const Route& route, Visit& visit) {
  find_token(visit);
  check_origin(visit);
  if (route.entry == Entry::session) visit.user = admission_.admit(visit.request, visit.token);
}

void FrontDoor::answer(const Route& route, const httplib::Request& request, httplib::Response& response,
                       const Answer& with) {
  const auto begun = steady_clock::now();
  try {
    Visit visit{request, response};
    admit(route, visit);
    with(visit);
  } catch (const Refusal& refusal) {
    refuse(response, refusal.status(), refusal.code(), refusal.what(), refusal.retry_after());
  } catch (const SQLite::Exception& failure) {
    refuse(response, failure);
  } catch (const std::exception& failure) {
    fmt::print(stderr, "{} {}: {}\n", route.method, route.path, failure.what());
    refuse(response, 500, "internal", "something is wrong at the service; its log has the reason");
  }
  note(route, response, begun);
}

/// Neither the query nor a header goes to the log, nor what stands for {id}.
void FrontDoor::note(const Route& route, const httplib::Response& response, steady_clock::time_point begun) {
  const int status = response.status < 0 ? 200 : response.status;
  const auto took = std::chrono::duration_cast<std::chrono::microseconds>(steady_clock::now() - begun);
  metrics_.count_request(route.method, route.path, status, took);
  if (!options_.log_requests) return;
  fmt::print("{} {} {} {} {:.1f} ms\n", rfc3339(std::chrono::system_clock::now()), route.method, route.path, status,
             static_cast<double>(took.count()) / 1000);
  std::fflush(stdout);
}

void FrontDoor::add(const Route& route, const Handler& handler) {
  add_plain(route, [handler](Visit& visit) {
    nlohmann::json body = handler(visit);
    body["success"] = true;
    visit.response.set_content(body.dump(), "application/json");
  });
}

void FrontDoor::add_plain(const Route& route, const PlainHandler& handler) {
  routes_.push_back(route);
  const auto run = [this, route, handler](const httplib::Request& request, httplib::Response& response) {
    answer(route, request, response, handler);
  };
  if (route.method == "GET") server_.Get(pattern_of(route.path), run);
  if (route.method == "POST") server_.Post(pattern_of(route.path), run);
  if (route.method == "DELETE") server_.Delete(pattern_of(route.path), run);
}

void FrontDoor::add_with_body(const Route& route, const BodyHandler& handler) {
  routes_.push_back(route);
  server_.Post(pattern_of(route.path),
               [this, route, handler](const httplib::Request& request, httplib::Response& response,
                                      const httplib::ContentReader& reader) {
                 answer(route, request, response, [&](Visit& visit) {
                   nlohmann::json body = handler(visit, reader);
                   body["success"] = true;
                   response.status = 200;
                   response.set_content(body.dump(), "application/json");
                 });
               });
}

std::string query_value(const httplib::Request& request, const char* name) {
  if (request.get_param_value_count(name) > 1) {
    throw Refusal(400, "invalid_argument", fmt::format("{} is given twice", name));
  }
  return request.get_param_value(name);
}

}  // namespace audio_service
