#include "http/ca_bundle.h"

#include <fmt/format.h>

#include <array>
#include <cstdlib>
#include <fstream>
#include <string_view>

namespace audiostore {
namespace {

constexpr std::array<std::string_view, 5> well_known_places{
    "/etc/ssl/certs/ca-certificates.crt",  // Debian, Arch, Gentoo
    "/etc/pki/tls/certs/ca-bundle.crt",    // Fedora, RHEL
    "/etc/ssl/ca-bundle.pem",              // openSUSE
    "/etc/ssl/cert.pem",                   // Alpine, macOS, OpenBSD
    "/usr/local/etc/ssl/cert.pem",         // FreeBSD
};

bool holds_certificate(const std::filesystem::path& file) {
  std::ifstream in(file);
  for (std::string line; std::getline(in, line);) {
    if (line.starts_with("-----BEGIN ") && line.find("CERTIFICATE") != std::string::npos) return true;
  }
  return false;
}

Result<CaBundle> checked(const std::filesystem::path& file, std::string_view source) {
  if (holds_certificate(file)) return CaBundle{file, fmt::format("{} ({})", file.string(), source)};
  return Error(ErrorCode::invalid_argument,
               fmt::format("the CA file '{}' from {} cannot be read or holds no PEM certificate; give the path of one "
                           "that does, or none to use the system's",
                           file.string(), source));
}

}  // namespace

Result<CaBundle> find_ca_bundle(const std::filesystem::path& chosen, const std::filesystem::path& built_in) {
  if (!chosen.empty()) return checked(chosen, "the option ca_file");
  for (const char* name : {"AWS_CA_BUNDLE", "SSL_CERT_FILE"}) {
    const char* value = std::getenv(name);  // NOLINT(concurrency-mt-unsafe): only read
    if (value != nullptr && *value != '\0') return checked(value, name);
  }
  std::error_code ignored;
  if (!built_in.empty() && std::filesystem::exists(built_in, ignored)) {
    return CaBundle{{}, fmt::format("{} (the system's)", built_in.string())};
  }
  for (const std::string_view place : well_known_places) {
    if (std::filesystem::exists(place, ignored)) return CaBundle{place, fmt::format("{} (the system's)", place)};
  }
  return CaBundle{{}, "none: no CA file was found on this system"};
}

}  // namespace audiostore
