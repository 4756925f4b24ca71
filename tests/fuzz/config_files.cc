// AWS's config and credentials files, command lines in them, and credentials as JSON.
#include "fuzz/fuzz.h"
#include "s3/credentials/command_line.h"
#include "s3/credentials/config_file.h"
#include "s3/credentials/credentials_json.h"

#include <string>

using namespace audiostore;

namespace {

constexpr std::string_view canary = "C4nary-c4NARY-c4nary";

/// The input with something in its middle that no refusal may repeat, as it may not repeat a secret.
std::string with_canary(std::string_view text) {
  return std::string(text.substr(0, text.size() / 2)).append(canary).append(text.substr(text.size() / 2));
}

void check_silent(const Error& error) {
  fuzz::require(error.message().find(canary) == std::string::npos, "a refusal does not repeat its input");
}

void check(std::string_view text) {
  for (const auto dialect : {ConfigDialect::config, ConfigDialect::credentials}) {
    const auto profiles = parse_config(text, dialect);
    if (!profiles) {
      check_silent(profiles.error());
      continue;
    }
    for (const auto& [name, profile] : *profiles) {
      for (const auto& [key, value] : profile) fuzz::require(!key.empty(), "a setting has a name");
    }
  }
  const auto words = split_command_line(text);
  fuzz::require(!words || !words->empty(), "a command line has a word");
  if (!words) check_silent(words.error());
  for (const auto kind : {CredentialsJson::metadata, CredentialsJson::process}) {
    const auto credentials = parse_credentials_json(text, kind);
    if (!credentials) check_silent(credentials.error());
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text = fuzz::text_of(data, size);
  check(text);
  check(with_canary(text));
  static_cast<void>(parse_expiration(text));
  return 0;
}
