// Who is believed to be the server. Certificates and servers are made here, by the openssl program.
#include "http/fetch.h"
#include "http/tls_server.h"
#include "support/scoped_env.h"
#include "support/tcp_server.h"
#include "support/temp_folder.h"

using namespace audiostore;

namespace {

void check_refused(const Fetched& fetched) {
  CAPTURE(fetched.error().to_string());
  CHECK(fetched.error().code() == ErrorCode::permission_denied);
  CHECK_FALSE(fetched.error().retryable());
  CHECK(fetched.handler_calls == 0);
  CHECK(fetched.error().message().find("ca_file") != std::string::npos);
  CHECK(fetched.error().message().find("secret") == std::string::npos);
}

}  // namespace

TEST_CASE("F42 only the right server is believed, over TLS 1.2 at least, and nine others are not") {
  const TempFolder folder;
  const Authority authority(folder.path() / "ours");
  const auto over = transport({.ca_file = authority.ca()});
  const auto get = [&](const std::string& url) { return fetch(*over, request("GET", url)); };

  SECTION("good") {
    const TlsServer server(authority.certificate("good", loopback));
    CHECK(get(server.url()).status() == 200);
    CHECK(get(server.url("localhost")).status() == 200);
  }
  SECTION("TLS 1.2") {
    const TlsServer server(authority.certificate("good", loopback), {"-tls1_2"});
    const Fetched got = get(server.url());
    CHECK(got.status() == 200);
    CHECK(got.body.find("TLSv1.2") != std::string::npos);
  }
  SECTION("TLS 1.1") {
    const TlsServer server(authority.certificate("old", loopback), {"-tls1_1", "-cipher", "ALL:@SECLEVEL=0"});
    check_refused(get(server.url()));
  }
  SECTION("expired") { check_refused(get(TlsServer(authority.certificate("late", loopback, -1)).url())); }
  SECTION("wrong host") {
    const TlsServer server(authority.certificate("127.0.0.1", "DNS:other.example,IP:127.0.0.2"));
    check_refused(get(server.url()));
    check_refused(get(server.url("localhost")));
  }
  SECTION("common name only") {
    check_refused(get(TlsServer(authority.certificate("127.0.0.1", "")).url()));
    check_refused(get(TlsServer(authority.certificate("localhost", "")).url("localhost")));
  }
  SECTION("self-signed") { check_refused(get(TlsServer(authority.self_signed()).url())); }
  SECTION("unknown root") {
    const Authority other(folder.path() / "theirs");
    check_refused(get(TlsServer(other.certificate("good", loopback)).url()));
  }
  SECTION("for clients only") {
    check_refused(get(TlsServer(authority.certificate("good", loopback, 2, "extendedKeyUsage=clientAuth\n")).url()));
    const TlsServer server(authority.certificate("good", loopback, 2, "extendedKeyUsage=serverAuth\n"));
    CHECK(get(server.url()).status() == 200);
  }
  SECTION("given out by who is no authority") {
    check_refused(get(TlsServer(authority.certificate_of_a_server()).url()));
  }
  SECTION("plain HTTP on the https port") {
    TcpServer server([](TcpConnection& connection) {
      connection.read_some();
      connection.send("HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n");
    });
    check_refused(get("https://" + server.authority() + "/key?X-Amz-Signature=secret"));
  }
}

TEST_CASE("F42 an authority that nobody named is not believed") {
  const TempFolder folder;
  const Authority authority(folder.path() / "ours");
  const TlsServer server(authority.certificate("good", loopback));
  check_refused(fetch(server.url()));
  const ScopedEnv none("SSL_CERT_FILE", "");
  const ScopedEnv env("AWS_CA_BUNDLE", authority.ca());
  CHECK(fetch(server.url()).status() == 200);
}

TEST_CASE("A handshake that the network cuts short is unavailable, not a forged server") {
  const TempFolder folder;
  const Authority authority(folder.path() / "ours");
  for (const bool reset : {false, true}) {
    TcpServer server([&](TcpConnection& connection) {
      connection.read_some();
      if (reset) connection.reset();
    });
    const Fetched got = fetch("https://" + server.authority() + "/");
    CAPTURE(got.error().to_string());
    CHECK(got.error().code() == ErrorCode::unavailable);
    CHECK(got.error().retryable());
  }
}
