#include "network.h"

#include <fmt/format.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <array>
#include <cstdlib>
#include <ctime>
#include <memory>

namespace cli::doctor {

using namespace audiostore;

namespace {

template <auto Free>
struct Deleter {
  template <class T>
  void operator()(T* object) const {
    Free(object);
  }
};
using Context = std::unique_ptr<SSL_CTX, Deleter<SSL_CTX_free>>;
using Session = std::unique_ptr<SSL, Deleter<SSL_free>>;
using Certificate = std::unique_ptr<X509, Deleter<X509_free>>;

/// "" for the system's authorities, which OpenSSL knows; SSL_CERT_FILE is its own.
std::string ca_file() {
  const char* bundle = std::getenv("AWS_CA_BUNDLE");
  return bundle == nullptr ? "" : bundle;
}

Error tls_error(ErrorCode code, const Place& place, std::string_view why) {
  return Error(code, fmt::format("{} port {}: {}", place.host, place.port, why));
}

Result<Context> make_context(const Place& place) {
  Context context(SSL_CTX_new(TLS_client_method()));
  if (!context) return tls_error(ErrorCode::internal, place, "no TLS context");
  SSL_CTX_set_min_proto_version(context.get(), TLS1_2_VERSION);
  const std::string file = ca_file();
  const int loaded = file.empty() ? SSL_CTX_set_default_verify_paths(context.get())
                                  : SSL_CTX_load_verify_file(context.get(), file.c_str());
  if (loaded == 1) return context;
  return tls_error(ErrorCode::permission_denied, place, fmt::format("the CA file '{}' cannot be read", file));
}

/// Whose certificate it has to be. A name in the subject alone does not count, as nowhere today.
void expect_host(SSL* session, const std::string& host) {
  X509_VERIFY_PARAM* expected = SSL_get0_param(session);
  X509_VERIFY_PARAM_set_hostflags(expected, X509_CHECK_FLAG_NEVER_CHECK_SUBJECT);
  if (is_address(host)) {
    X509_VERIFY_PARAM_set1_ip_asc(expected, host.c_str());
    return;
  }
  X509_VERIFY_PARAM_set1_host(expected, host.c_str(), host.size());
  SSL_set_tlsext_host_name(session, host.c_str());
}

std::string last_tls_failure() {
  const char* text = ERR_reason_error_string(ERR_peek_last_error());
  return text == nullptr ? "the connection was closed before TLS was agreed on" : text;
}

std::string issuer_of(const X509* certificate) {
  std::array<char, 256> text{};
  const X509_NAME* name = X509_get_issuer_name(certificate);
  if (X509_NAME_get_text_by_NID(name, NID_organizationName, text.data(), text.size()) > 0) return text.data();
  if (X509_NAME_get_text_by_NID(name, NID_commonName, text.data(), text.size()) > 0) return text.data();
  return "an authority without a name";
}

TimePoint end_of(const X509* certificate) {
  std::tm time{};
  if (ASN1_TIME_to_tm(X509_get0_notAfter(certificate), &time) != 1) return {};
  return std::chrono::system_clock::from_time_t(timegm(&time));
}

Result<TlsReport> report_on(SSL* session, const Place& place) {
  const Certificate certificate(SSL_get1_peer_certificate(session));
  if (!certificate) return tls_error(ErrorCode::permission_denied, place, "the server has shown no certificate");
  const long verdict = SSL_get_verify_result(session);
  if (verdict != X509_V_OK) {
    return tls_error(ErrorCode::permission_denied, place,
                     fmt::format("the certificate by {} is not good: {}", issuer_of(certificate.get()),
                                 X509_verify_cert_error_string(verdict)));
  }
  return TlsReport{.version = SSL_get_version(session),
                   .issuer = issuer_of(certificate.get()),
                   .expires = end_of(certificate.get())};
}

}  // namespace

Result<TlsReport> probe_tls(const Place& place, std::chrono::milliseconds patience) {
  const auto context = make_context(place);
  if (!context) return context.error();
  const auto socket = connect(place, patience);
  if (!socket) return socket.error();
  const Session session(SSL_new(context->get()));
  if (!session || SSL_set_fd(session.get(), socket->fd()) != 1) {
    return tls_error(ErrorCode::internal, place, "no TLS session");
  }
  expect_host(session.get(), place.host);
  ERR_clear_error();
  if (SSL_connect(session.get()) != 1) return tls_error(ErrorCode::unavailable, place, last_tls_failure());
  return report_on(session.get(), place);
}

}  // namespace cli::doctor
