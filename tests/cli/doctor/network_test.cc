// What can be wrong on the way to the service.
#include "fixture.h"
#include "http/tls_server.h"
#include "support/scoped_env.h"
#include "support/temp_folder.h"

#include <fmt/format.h>

namespace cli::doctor {
namespace {

/// An endpoint at which nothing listens any more.
std::string deserted() {
  const auto gone = LocalEndpoint::start(make_memory_store()).value();
  return gone->url();
}

struct TlsClinic : Clinic {
  TlsClinic() : authority(folder.path() / "ca") {}
  void reach(const TlsServer& server, std::string_view scheme = "https") {
    subject.options.endpoint = fmt::format("{}://127.0.0.1:{}", scheme, server.port());
  }
  TempFolder folder;
  Authority authority;
};

}  // namespace

TEST_CASE("nothing listens at the endpoint") {
  Clinic clinic;
  clinic.subject.options.endpoint = deserted();
  const Findings findings = clinic.examine();
  const Finding finding = of(findings, "connection");
  CHECK(finding.status == Status::problem);
  CHECK(says(finding.remedy, "nothing accepts connections there"));
  CHECK(of(findings, "service").status == Status::skipped);
  CHECK(of(findings, "write").status == Status::skipped);
}

TEST_CASE("a name that nobody knows") {
  Clinic clinic;
  clinic.subject.options.endpoint = "https://no-such-host.invalid";
  const Finding finding = of(clinic.examine(), "dns");
  CHECK(finding.status == Status::problem);
  CHECK(says(finding.found, "'no-such-host.invalid' has no address"));
  CHECK(says(finding.remedy, "misspellings"));
}

TEST_CASE("a name below localhost is this machine, whatever the resolver knows") {
  Clinic clinic;
  std::string& endpoint = clinic.subject.options.endpoint;
  endpoint.replace(endpoint.find("127.0.0.1"), 9, "store.localhost");
  CHECK(of(clinic.examine(), "dns").status == Status::ok);
}

TEST_CASE("https where only http is spoken") {
  Clinic clinic;
  clinic.subject.options.endpoint.replace(0, 4, "https");
  clinic.subject.patience = std::chrono::milliseconds(200);
  const Findings findings = clinic.examine();
  const Finding finding = of(findings, "tls");
  CHECK(finding.status == Status::problem);
  CHECK(says(finding.remedy, "use http://"));
  CHECK(of(findings, "signature").status == Status::skipped);
}

TEST_CASE("http where TLS is expected") {
  TlsClinic clinic;
  const TlsServer server(clinic.authority.certificate("good", loopback));
  clinic.reach(server, "http");
  const Finding finding = of(clinic.examine(), "service");
  CHECK(finding.status == Status::problem);
  CHECK(says(finding.remedy, "use https://"));
}

TEST_CASE("a certificate by an authority that is not known here") {
  TlsClinic clinic;
  const TlsServer server(clinic.authority.certificate("good", loopback));
  clinic.reach(server);
  const Findings findings = clinic.examine();
  const Finding finding = of(findings, "tls");
  CHECK(finding.status == Status::problem);
  CHECK(says(finding.found, "by Test CA is not good"));
  CHECK(says(finding.remedy, "AWS_CA_BUNDLE or SSL_CERT_FILE"));
  CHECK(of(findings, "service").status == Status::skipped);
}

TEST_CASE("with its authority named the certificate is good, and what answers is seen not to be S3") {
  TlsClinic clinic;
  clinic.subject.options.transport.reset();
  const TlsServer server(clinic.authority.certificate("good", loopback));
  clinic.reach(server);
  const ScopedEnv bundle("AWS_CA_BUNDLE", clinic.authority.ca());
  const Findings findings = clinic.examine();
  INFO(text_of(findings));
  CHECK(of(findings, "tls").status == Status::warning);  // it ends in two days
  CHECK(says(of(findings, "tls").found, "TLSv1.3, certificate by Test CA, good for 1 days 23 h"));
  CHECK(says(of(findings, "tls").remedy, "renewed before it ends"));
  CHECK(of(findings, "service").status == Status::warning);
  CHECK(says(of(findings, "service").found, "but not as S3 services do"));
}

TEST_CASE("certificates that are not good") {
  TlsClinic clinic;
  const ScopedEnv bundle("AWS_CA_BUNDLE", clinic.authority.ca());
  SECTION("for another host") {
    const TlsServer server(clinic.authority.certificate("other", "DNS:other.example"));
    clinic.reach(server);
    CHECK(says(of(clinic.examine(), "tls").remedy, "use the host name that the certificate is for"));
  }
  SECTION("with a name in the subject only") {
    const TlsServer server(clinic.authority.certificate("localhost", ""));
    clinic.subject.options.endpoint = fmt::format("https://localhost:{}", server.port());
    CHECK(of(clinic.examine(), "tls").status == Status::problem);
  }
  SECTION("self-signed") {
    const TlsServer server(clinic.authority.self_signed());
    clinic.reach(server);
    CHECK(says(of(clinic.examine(), "tls").found, "self-signed"));
  }
}

TEST_CASE("TLS that is too old") {
  TlsClinic clinic;
  const ScopedEnv bundle("AWS_CA_BUNDLE", clinic.authority.ca());
  const TlsServer server(clinic.authority.certificate("good", loopback), {"-tls1_1", "-cipher", "ALL:@SECLEVEL=0"});
  clinic.reach(server);
  CHECK(says(of(clinic.examine(), "tls").remedy, "TLS 1.2 or newer"));
}

TEST_CASE("plain http to another machine is a warning") {
  Clinic clinic;
  clinic.subject.options.allow_http = true;
  clinic.subject.options.endpoint = fmt::format("http://{}:{}", "0.0.0.0", clinic.endpoint->port());
  const Finding finding = of(clinic.examine(), "tls");
  CHECK(finding.status == Status::warning);
  CHECK(says(finding.remedy, "https://"));
}

}  // namespace cli::doctor
