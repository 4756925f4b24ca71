// One call to an S3 service at a URL, in a process of its own, so that what it costs can be measured:
//   hostile_client URL put|get|head|list|copy|remove|remove_many
// Prints "result OUTCOME MILLISECONDS CPU_MILLISECONDS PEAK_RSS_KIB DELIVERED_BYTES"; the outcome is "ok" or the
// error's code.
#include <audiostore/s3_store.h>

#include <chrono>
#include <ctime>
#include <fstream>
#include <iostream>
#include <string>

using namespace audiostore;

namespace {

std::unique_ptr<ObjectStore> store_at(std::string url) {
  return make_s3_store({.bucket = "takes",
                        .credentials = static_credentials({.access_key_id = "A", .secret_access_key = Secret("s")}),
                        .region = "us-east-1",
                        .endpoint = std::move(url),
                        .addressing = AddressingStyle::path,
                        .retry = {.max_attempts = 1}})
      .value();
}

/// The most memory that this process has had at once.
std::string peak_rss_kib() {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with("VmHWM:")) return std::to_string(std::stoul(line.substr(6)));
  }
  return "0";
}

template <class T>
std::string outcome_of(const Result<T>& result) {
  return result ? "ok" : std::string(to_string(result.error().code()));
}

std::string call(ObjectStore& store, const std::string& operation, std::uint64_t& delivered) {
  const ObjectKey take = ObjectKey::parse("take.wav").value();
  if (operation == "put") return outcome_of(store.put(take, Payload::from_string("RIFF")));
  if (operation == "head") return outcome_of(store.head(take));
  if (operation == "list") return outcome_of(store.list());
  if (operation == "copy") return outcome_of(store.copy(take, ObjectKey::parse("copy.wav").value()));
  if (operation == "remove") return outcome_of(store.remove(take));
  if (operation == "remove_many") return outcome_of(store.remove_many(std::span(&take, 1)));
  constexpr std::uint64_t enough = 100'000'000;
  return outcome_of(store.get(take, [&](ByteSpan piece) -> Result<void> {
    delivered += piece.size();
    return delivered > enough ? Result<void>(Error(ErrorCode::too_large, "more than wanted")) : Result<void>();
  }));
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) return 2;
  const auto store = store_at(argv[1]);
  std::uint64_t delivered = 0;
  const auto started = std::chrono::steady_clock::now();
  const std::clock_t worked = std::clock();
  const std::string outcome = call(*store, argv[2], delivered);
  const auto took = std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - started);
  const auto cpu = (std::clock() - worked) * 1000 / CLOCKS_PER_SEC;
  std::cout << "result " << outcome << ' ' << took.count() << ' ' << cpu << ' ' << peak_rss_kib() << ' ' << delivered
            << std::endl;
  return 0;
}
