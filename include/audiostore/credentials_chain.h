// Credentials from the places where AWS's own tools look for them.
#pragma once

#include <audiostore/clock.h>
#include <audiostore/credentials.h>
#include <audiostore/environment.h>
#include <audiostore/http.h>

#include <memory>
#include <optional>
#include <string>

namespace audiostore {

/// What the providers below look with. The defaults are what a program wants.
struct CredentialsContext {
  EnvironmentLookup environment = process_environment;
  std::shared_ptr<HttpTransport> transport = {};  ///< to STS; absent: make_curl_transport(), when first needed
  /// To the link-local addresses of instances and containers; absent: one of its own, when first needed.
  std::shared_ptr<HttpTransport> metadata_transport = {};
  std::shared_ptr<const Clock> clock = system_clock();
};

struct CredentialsChainOptions {
  std::optional<Credentials> credentials = {};  ///< where given, nothing else is looked at
  /// Of the shared files; empty for AWS_PROFILE, then "default". Where given, the environment's keys do not count.
  std::string profile = {};
  std::string endpoint = {};  ///< S3Options::endpoint: instance metadata is not asked for services outside of AWS
  CredentialsContext context = {};
};

// All of these are providers that do nothing until they are first asked. They keep what they find, and renew it five
// minutes ahead of its end, on the thread that asks: the others go on with the old credentials, and wait only where
// these have ended. A failure leaves what is still good in use, and is repeated after a pause of 1 s to 1 min by the
// clock. Credentials::source says which place it was. No error holds a secret, or what a program or a service said in
// its own words. Errors: unauthenticated, unavailable, internal.

/// Asks, in this order, until one has credentials: the environment (AWS_ACCESS_KEY_ID ...), a web identity
/// (AWS_WEB_IDENTITY_TOKEN_FILE, AWS_ROLE_ARN), the shared config and credentials files, the container
/// (AWS_CONTAINER_CREDENTIALS_...), the instance's metadata. Where a place is set up and does not work, this is the
/// error: nothing is signed in the name of another. Where none has any, the error lists each with its reason.
/// https://docs.aws.amazon.com/sdkref/latest/guide/standardized-credentials.html
std::shared_ptr<CredentialsProvider> make_default_credentials(CredentialsChainOptions options = {});

/// AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN, AWS_CREDENTIAL_EXPIRATION.
std::shared_ptr<CredentialsProvider> environment_credentials(CredentialsContext context = {});

/// A profile of ~/.aws/config (AWS_CONFIG_FILE) and ~/.aws/credentials (AWS_SHARED_CREDENTIALS_FILE): keys,
/// credential_process, a role_arn with source_profile or credential_source, or with web_identity_token_file. Empty for
/// AWS_PROFILE, then "default". IAM Identity Center (sso_...) and mfa_serial are not supported; the error says so.
/// https://docs.aws.amazon.com/sdkref/latest/guide/file-format.html
std::shared_ptr<CredentialsProvider> profile_credentials(std::string profile, CredentialsContext context = {});

/// A role for the token in a file, e.g. of a Kubernetes service account, by STS.
struct WebIdentity {
  std::string token_file;
  std::string role_arn;
  std::string session_name = {};  ///< for the logs of STS; empty for one with the time in it
};
/// https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRoleWithWebIdentity.html
std::shared_ptr<CredentialsProvider> web_identity_credentials(WebIdentity identity, CredentialsContext context = {});

/// What `command` prints: split into words as a shell would, but not run by one, for at most a minute.
/// https://docs.aws.amazon.com/sdkref/latest/guide/feature-process-credentials.html
std::shared_ptr<CredentialsProvider> process_credentials(std::string command, CredentialsContext context = {});

/// The agent of an ECS task or an EKS pod.
/// https://docs.aws.amazon.com/sdkref/latest/guide/feature-container-credentials.html
std::shared_ptr<CredentialsProvider> container_credentials(CredentialsContext context = {});

/// The role of an EC2 instance, by version 2 of its metadata service.
/// https://docs.aws.amazon.com/sdkref/latest/guide/feature-imds-credentials.html
std::shared_ptr<CredentialsProvider> instance_credentials(CredentialsContext context = {});

}  // namespace audiostore
