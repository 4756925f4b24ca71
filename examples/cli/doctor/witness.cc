#include "witness.h"

#include <algorithm>
#include <ctime>
#include <iomanip>
#include <locale>
#include <sstream>

namespace cli::doctor {

using namespace audiostore;

namespace {

/// "us-east-1" of "AWS4-HMAC-SHA256 Credential=AKID/20130524/us-east-1/s3/aws4_request, ...".
std::string region_of(std::string_view authorization) {
  const std::size_t scope_end = authorization.find("/s3/aws4_request");
  if (scope_end == std::string_view::npos) return {};
  const std::string_view before = authorization.substr(0, scope_end);
  return std::string(before.substr(before.rfind('/') + 1));
}

std::string header_of(const Headers& headers, std::string_view name) {
  return std::string(find_header(headers, name).value_or(""));
}

}  // namespace

std::optional<TimePoint> parse_http_date(std::string_view text) {
  std::istringstream in{std::string(text)};
  in.imbue(std::locale::classic());
  std::tm time{};
  in >> std::get_time(&time, "%a, %d %b %Y %H:%M:%S GMT");
  if (in.fail()) return std::nullopt;
  return std::chrono::system_clock::from_time_t(timegm(&time));
}

Result<HttpResponse> Witness::send(const HttpRequest& request, const ResponseHandler& handler) {
  auto response = transport_->send(request, handler);
  if (response) {
    const Sighting sighting{.status = response->status,
                            .signed_region = region_of(header_of(request.headers, "Authorization")),
                            .via = header_of(response->headers, "Via"),
                            .service_time = parse_http_date(header_of(response->headers, "Date")),
                            .our_time = clock_->now()};
    const std::scoped_lock lock(mutex_);
    sightings_.push_back(sighting);
  }
  return response;
}

std::vector<Sighting> Witness::sightings() const {
  const std::scoped_lock lock(mutex_);
  return sightings_;
}

Result<Fetched> fetch(HttpTransport& transport, const HttpRequest& request) {
  constexpr std::size_t limit = std::size_t{64} * 1024;
  Fetched fetched;
  const ByteSink keep = [&](ByteSpan bytes) -> Result<void> {
    const std::size_t wanted = std::min(bytes.size(), limit - fetched.body.size());
    fetched.body.append(reinterpret_cast<const char*>(bytes.data()), wanted);
    return {};
  };
  auto response = transport.send(request, [&](const HttpResponse&) -> Result<ByteSink> { return keep; });
  if (!response) return response.error();
  fetched.status = response->status;
  fetched.headers = std::move(response->headers);
  return fetched;
}

}  // namespace cli::doctor
