// The way to the service: name, connection, certificate, an answer, the time.
#include "advice.h"
#include "checks.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace cli::doctor {

using namespace audiostore;

namespace {

bool is_loopback(const Place& place) {
  return place.host == "localhost" || place.host == "::1" || place.host.starts_with("127.");
}

std::string remedy_for_certificate(const Error& error) {
  const auto says = [&](std::string_view text) { return error.message().find(text) != std::string::npos; };
  if (says("CA file")) return "correct AWS_CA_BUNDLE or SSL_CERT_FILE: the file must hold certificates as PEM";
  if (says("expired")) return "have the service's certificate renewed, and check this machine's clock";
  if (says("mismatch")) return "use the host name that the certificate is for, in --endpoint or AWS_ENDPOINT_URL_S3";
  return "if the certificate comes from an authority of your own, name that in AWS_CA_BUNDLE or SSL_CERT_FILE; else "
         "somebody is in between";
}

/// Whether plain HTTP is answered where TLS was expected. Nothing but the question is sent.
bool speaks_plain_http(Examination& examination, const Address& address) {
  const std::string& url = address.object_url;
  const std::string authority = url.substr(8, url.find('/', 8) - 8);
  return examination.fetch("GET", fmt::format("http://{}/", authority)).has_value();
}

std::string remedy_for_handshake(const Error& error, Examination& examination, const Address& address) {
  const auto says = [&](std::string_view text) { return error.message().find(text) != std::string::npos; };
  if (says("protocol version") || says("unsupported protocol")) return "have the service speak TLS 1.2 or newer";
  if (speaks_plain_http(examination, address)) {
    return "use http:// if this is a server of your own without TLS, or the port where it speaks TLS: on this one it "
           "speaks plain HTTP";
  }
  return "check port and host, and firewalls that cut TLS connections";
}

bool looks_like_s3(const Fetched& answer) {
  const bool says_so = find_header(answer.headers, "x-amz-request-id") || find_header(answer.headers, "cf-ray");
  return says_so || answer.body.find("<Error>") != std::string::npos ||
         find_header(answer.headers, "Content-Type").value_or("").find("xml") != std::string_view::npos;
}

Finding no_answer(const Error& error, const Address& address) {
  const std::string remedy =
      address.tls ? "check the endpoint's host and port: something listens there, but it does not answer HTTP requests"
                  : "use https:// if the service speaks TLS on this port: it does not answer plain HTTP";
  return problem(error.message(), remedy);
}

}  // namespace

Findings check_dns(Examination& examination) {
  const Address address = examination.address().value();
  if (is_address(address.place.host)) return {ok(fmt::format("{} needs no look-up", address.place.host))};
  const auto found = resolve(address.place);
  if (found) return {ok(fmt::format("{} is {}", address.place.host, fmt::join(*found, ", ")))};
  return {problem(found.error().message(),
                  address.bucket_in_host
                      ? "check region and endpoint for misspellings, and that this machine can look names up (the "
                        "bucket's name is part of this host)"
                      : "check the endpoint for misspellings, and that this machine can look names up")};
}

Findings check_connection(Examination& examination) {
  const Address address = examination.address().value();
  const auto socket = connect(address.place, examination.subject.patience);
  if (socket) return {ok(fmt::format("{} port {} takes connections", address.place.host, address.place.port))};
  return {problem(socket.error().message(),
                  socket.error().code() == ErrorCode::timed_out
                      ? "check host and port, and that the firewall lets this machine out to it"
                      : "check host and port, and that the service runs: nothing accepts connections there")};
}

Findings check_tls(Examination& examination) {
  const Address address = examination.address().value();
  if (!address.tls) {
    if (is_loopback(address.place)) return {ok("plain http, which does not leave this machine")};
    return {warning("plain http: everybody on the way can read recordings and use signed URLs",
                    "use the service's https:// address")};
  }
  const auto report = probe_tls(address.place, examination.subject.patience);
  if (!report) {
    const Error& error = report.error();
    const bool certificate = error.code() == ErrorCode::permission_denied;
    return {problem(error.message(),
                    certificate ? remedy_for_certificate(error) : remedy_for_handshake(error, examination, address))};
  }
  const auto left =
      std::chrono::duration_cast<std::chrono::seconds>(report->expires - examination.subject.options.clock->now());
  const std::string found =
      fmt::format("{}, certificate by {}, good for {}", report->version, report->issuer, in_words(left));
  if (left < std::chrono::days(7)) return {warning(found, "have the service's certificate renewed before it ends")};
  return {ok(found)};
}

Findings check_service(Examination& examination) {
  const Address address = examination.address().value();
  const auto answer = examination.fetch("GET", address.bucket_url + "?location");
  if (!answer) return {no_answer(answer.error(), address)};
  const std::string found = fmt::format("answers HTTP requests (status {})", answer->status);
  if (looks_like_s3(*answer)) return {ok(found)};
  return {warning(found + ", but not as S3 services do",
                  address.tls ? "check that this is the S3 endpoint, not the console or a web site"
                              : "check that this is the S3 endpoint, not the console, and try https://")};
}

Findings check_clock(Examination& examination) {
  const auto sightings = examination.witness->sightings();
  const auto dated = std::ranges::find_if(sightings, [](const Sighting& s) { return s.service_time.has_value(); });
  if (dated == sightings.end()) return {skipped("the service does not say what time it is")};
  const auto offset = std::chrono::duration_cast<std::chrono::seconds>(*dated->service_time - dated->our_time);
  examination.clock_offset = offset;
  const std::string found = fmt::format("this machine's clock is {} {} the service's", in_words(offset),
                                        offset.count() > 0 ? "behind" : "ahead of");
  if (std::chrono::abs(offset) > std::chrono::minutes(15)) {
    return {problem(found,
                    "set this machine's clock, e.g. timedatectl set-ntp true: signatures more than 15 minutes "
                    "off are refused")};
  }
  if (std::chrono::abs(offset) > std::chrono::minutes(1)) {
    return {warning(found,
                    "have the clock set by the network, e.g. timedatectl set-ntp true: signed URLs begin and "
                    "end by it")};
  }
  return {ok("agrees with the service's to the minute")};
}

}  // namespace cli::doctor
