// How a command reaches its bucket: from the options of the command line, then from the environment.
#pragma once

#include <audiostore/environment.h>
#include <audiostore/error.h>
#include <audiostore/s3_store.h>

#include <memory>
#include <string>
#include <vector>

namespace cli {

/// What can be given before and behind every command.
struct GlobalOptions {
  std::string profile;   ///< of ~/.aws; "" for the environment's credentials, then AWS_PROFILE, then "default"
  std::string endpoint;  ///< "" for AWS_ENDPOINT_URL_S3, AWS_ENDPOINT_URL, R2_ENDPOINT, then AWS's own
  std::string bucket;    ///< "" for AWS_S3_BUCKET
  std::string region;    ///< "" for AWS_REGION, then AWS_DEFAULT_REGION
  std::string provider;  ///< of provider_names(); "" for AUDIOSTORE_PROVIDER, then what the endpoint's host says
  bool allow_http = false;
  bool json = false;
};

/// A setting and who said so: "--bucket", "AWS_S3_BUCKET"; both empty where nobody did.
struct Setting {
  std::string value;
  std::string source;
};

/// Everything that is known before the first request. Nothing of it has been checked.
struct Connection {
  Setting bucket;
  Setting endpoint;
  Setting region;
  Setting provider;
  /// Lazy: who wins is known from the first get(), whose Credentials::source says where they were found.
  audiostore::S3Options options;
};

/// "aws", "r2" ...
std::vector<std::string> provider_names();

/// Never fails: what is missing is empty, and a provider that nobody knows does not count.
Connection find_connection(const GlobalOptions& global,
                           const audiostore::EnvironmentLookup& lookup = audiostore::process_environment);

/// Options for make_s3_store(). Errors: invalid_argument, saying what was not given and how to give it.
audiostore::Result<audiostore::S3Options> connect(
    const GlobalOptions& global, const audiostore::EnvironmentLookup& lookup = audiostore::process_environment);

}  // namespace cli
