// Serves a folder over the S3 protocol on this machine, and prints what points other S3 tools at it.
//   serve FOLDER
#include <audiostore/file_store.h>
#include <audiostore/local_endpoint.h>

#include <fmt/format.h>

#include <csignal>
#include <cstdio>

using namespace audiostore;

namespace {

Result<std::unique_ptr<LocalEndpoint>> serve(const char* folder) {
  auto files = make_file_store(folder);
  if (!files) return std::move(files).error();
  return LocalEndpoint::start(*std::move(files), {.bucket = "takes", .allowed_origins = {"*"}});
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    fmt::print(stderr, "usage: serve FOLDER\n");
    return 2;
  }
  sigset_t ctrl_c;
  sigemptyset(&ctrl_c);
  sigaddset(&ctrl_c, SIGINT);
  sigaddset(&ctrl_c, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &ctrl_c, nullptr);

  const auto endpoint = serve(argv[1]);
  if (!endpoint) {
    fmt::print(stderr, "serve: {}\n", endpoint.error().to_string());
    return 1;
  }
  const Credentials& credentials = (*endpoint)->credentials();
  fmt::print("export AWS_ENDPOINT_URL='{0}'\nexport AWS_ENDPOINT_URL_S3='{0}'\n", (*endpoint)->url());
  fmt::print("export AWS_ACCESS_KEY_ID='{}'\nexport AWS_SECRET_ACCESS_KEY='{}'\n", credentials.access_key_id,
             credentials.secret_access_key.reveal());
  fmt::print("export AWS_REGION='us-east-1'\nexport AWS_DEFAULT_REGION='us-east-1'\nexport AWS_S3_BUCKET='takes'\n");
  std::fflush(stdout);
  int signal = 0;
  sigwait(&ctrl_c, &signal);
}
