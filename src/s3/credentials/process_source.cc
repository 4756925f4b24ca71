#include "s3/credentials/process_source.h"

#include "s3/credentials/command_line.h"
#include "s3/credentials/credentials_json.h"

namespace audiostore {

Result<Credentials> run_credential_process(std::string_view command, const CallGuard& call) {
  const auto argv = split_command_line(command);
  if (!argv) return argv.error();
  const auto output = run_for_output(*argv, {}, call);
  if (!output) return output.error();
  return parse_credentials_json(output->reveal(), CredentialsJson::process);
}

Lookup ProcessSource::look_up_for(const CallGuard& call) {
  auto credentials = run_credential_process(command_, call);
  if (!credentials) return std::move(credentials).error();
  credentials->source = name();
  return *std::move(credentials);
}

}  // namespace audiostore
