// Starts an endpoint for outside clients to try: prints shell `export` lines with all they need, then serves until its
// standard input ends.
#include <audiostore/local_endpoint.h>
#include <audiostore/memory_store.h>

#include <cstdio>
#include <string>

int main() {
  audiostore::LocalEndpointOptions options{.allowed_origins = {"http://localhost:8080"}};
  const auto endpoint = audiostore::LocalEndpoint::start(audiostore::make_memory_store(), options);
  if (!endpoint) {
    std::fprintf(stderr, "%s\n", endpoint.error().to_string().c_str());
    return 1;
  }
  const audiostore::Credentials& credentials = (*endpoint)->credentials();
  std::printf("export AWS_ENDPOINT_URL=%s\n", (*endpoint)->url().c_str());
  std::printf("export AWS_ACCESS_KEY_ID=%s\n", credentials.access_key_id.c_str());
  std::printf("export AWS_SECRET_ACCESS_KEY=%s\n", std::string(credentials.secret_access_key.reveal()).c_str());
  std::printf("export AWS_REGION=%s AWS_DEFAULT_REGION=%s AWS_S3_BUCKET=%s\n", options.region.c_str(),
              options.region.c_str(), options.bucket.c_str());
  std::fflush(stdout);
  while (std::getchar() != EOF) {
  }
  return 0;
}
