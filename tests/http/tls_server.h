// Certificates and TLS servers made by the openssl program, for one test.
#pragma once

#include "support/child_process.h"

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>
#include <vector>

namespace audiostore {

/// The subjectAltName of a server on this machine.
inline constexpr const char* loopback = "IP:127.0.0.1,DNS:localhost";

/// A certification authority and the certificates that it gives out, in a folder of the test.
class Authority {
 public:
  explicit Authority(const std::filesystem::path& folder) : folder_(folder) {
    std::filesystem::create_directory(folder);
    run_program(with({"req", "-x509", "-subj", "/CN=Test CA", "-days", "2", "-keyout", at("ca.key"), "-out", ca()}));
  }

  [[nodiscard]] std::string ca() const { return at("ca.pem"); }
  [[nodiscard]] std::string at(std::string_view name) const { return (folder_ / name).string(); }

  /// Arguments for s_server. `names` is the value of a subjectAltName, or empty for none; `more` are further lines of
  /// extensions.
  [[nodiscard]] std::vector<std::string> certificate(const std::string& common_name, const std::string& names,
                                                     int days = 2, const std::string& more = {}) const {
    std::ofstream(at("extensions")) << (names.empty() ? "" : "subjectAltName=" + names + "\n") << more;
    return issue(common_name, days, ca(), at("ca.key"));
  }

  /// A certificate that was not given out by the authority but by a server that has one of it.
  [[nodiscard]] std::vector<std::string> certificate_of_a_server() const {
    static_cast<void>(certificate("leaf", loopback, 2, "basicConstraints=CA:FALSE\n"));
    std::filesystem::rename(at("pem"), at("leaf.pem"));
    std::filesystem::rename(at("key"), at("leaf.key"));
    std::vector<std::string> arguments = issue("good", 2, at("leaf.pem"), at("leaf.key"));
    arguments.insert(arguments.end(), {"-cert_chain", at("leaf.pem")});
    return arguments;
  }

  [[nodiscard]] std::vector<std::string> self_signed() const {
    run_program(with({"req", "-x509", "-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1", "-days", "2",
                      "-keyout", at("key"), "-out", at("pem")}));
    return {"-cert", at("pem"), "-key", at("key")};
  }

 private:
  [[nodiscard]] std::vector<std::string> issue(const std::string& common_name, int days, const std::string& issuer,
                                               const std::string& issuer_key) const {
    run_program(with({"req", "-subj", "/CN=" + common_name, "-keyout", at("key"), "-out", at("request")}));
    run_program({"openssl", "x509", "-req", "-in", at("request"), "-CA", issuer, "-CAkey", issuer_key,
                 "-CAcreateserial", "-days", std::to_string(days), "-extfile", at("extensions"), "-out", at("pem")});
    return {"-cert", at("pem"), "-key", at("key")};
  }

  static std::vector<std::string> with(std::vector<std::string> command) {
    command.insert(command.begin(), "openssl");
    const auto key = {"-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"};
    command.insert(command.begin() + 2, key.begin(), key.end());
    return command;
  }

  std::filesystem::path folder_;
};

/// openssl's test server: answers any request with a page about the connection, or as `more` has it. Runs in `folder`.
class TlsServer {
 public:
  explicit TlsServer(const std::vector<std::string>& certificate, const std::vector<std::string>& more = {},
                     const std::filesystem::path& folder = ".")
      : process_(command(certificate, more, folder)) {
    const std::string address = process_.wait_for_line("ACCEPT ");
    port_ = address.substr(address.rfind(':') + 1);
  }
  [[nodiscard]] std::uint16_t port() const { return static_cast<std::uint16_t>(std::stoi(port_)); }
  [[nodiscard]] std::string url(const std::string& host = "127.0.0.1") const {
    return "https://" + host + ":" + port_ + "/key?X-Amz-Signature=secret";
  }

 private:
  static std::vector<std::string> command(const std::vector<std::string>& certificate,
                                          const std::vector<std::string>& more, const std::filesystem::path& folder) {
    std::vector<std::string> all{"env", "-C", folder.string(), "openssl", "s_server", "-accept", "127.0.0.1:0", "-www"};
    all.insert(all.end(), certificate.begin(), certificate.end());
    all.insert(all.end(), more.begin(), more.end());
    return all;
  }

  ChildProcess process_;
  std::string port_;
};

}  // namespace audiostore
