// Which certification authorities a TLS server is checked against.
#pragma once

#include <audiostore/error.h>

#include <filesystem>
#include <string>

namespace audiostore {

struct CaBundle {
  std::filesystem::path file;  ///< PEM; empty where the TLS library's own default is to be used
  std::string source;          ///< for messages: where it was taken from
};

/// The bundle to trust: `chosen` if it is not empty, else the file that the environment names in AWS_CA_BUNDLE or
/// SSL_CERT_FILE, else `built_in` (the default of the TLS library) where that exists, else the first of the places in
/// which Linux distributions, BSDs and macOS keep theirs.
/// Errors: invalid_argument when `chosen` or the file from the environment is unreadable or holds no PEM certificate:
/// falling back to another bundle would trust whom nobody asked to trust.
Result<CaBundle> find_ca_bundle(const std::filesystem::path& chosen, const std::filesystem::path& built_in);

}  // namespace audiostore
