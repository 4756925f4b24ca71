// Where AWS's config and credentials files are.
#pragma once

#include <audiostore/environment.h>
#include <audiostore/error.h>

#include "s3/credentials/config_file.h"

#include <string>

namespace audiostore {

/// The profiles of both files, and which files these are.
struct SharedConfig {
  ConfigProfiles profiles;
  std::string config_path;
  std::string credentials_path;
};

/// Reads AWS_CONFIG_FILE (~/.aws/config) and AWS_SHARED_CREDENTIALS_FILE (~/.aws/credentials). A file that is missing
/// is like an empty one. Errors: those of reading and parsing, with the file's name.
/// https://docs.aws.amazon.com/sdkref/latest/guide/file-location.html
Result<SharedConfig> read_shared_config(const EnvironmentLookup& environment);

}  // namespace audiostore
