// One large upload to a service at a URL, in a process of its own, so that the memory that it takes can be measured:
//   upload_client URL put|writer BYTES PART_SIZE PARTS_IN_FLIGHT
// Prints "sent BYTES" now and then, and "grown KIB" when all is there: by how much its memory has grown at most.
#include <audiostore/s3_store.h>

#include <algorithm>
#include <fstream>
#include <iostream>
#include <string>
#include <vector>

using namespace audiostore;

namespace {

const ObjectKey take = ObjectKey::parse("take.wav").value();

/// Bytes that no memory holds.
class Synthetic final : public PayloadSource {
 public:
  explicit Synthetic(std::uint64_t size) : size_(size) {}
  [[nodiscard]] std::uint64_t size() const override { return size_; }
  [[nodiscard]] Result<void> read_at(std::uint64_t offset, std::span<std::byte> out) const override {
    std::ranges::fill(out, static_cast<std::byte>(offset >> 16U));
    return {};
  }

 private:
  std::uint64_t size_;
};

/// A field of this process's status, in KiB.
long status_kib(const std::string& field) {
  std::ifstream status("/proc/self/status");
  for (std::string line; std::getline(status, line);) {
    if (line.starts_with(field)) return std::stol(line.substr(field.size()));
  }
  return 0;
}

void tell(std::uint64_t sent) {
  constexpr std::uint64_t often = std::uint64_t{64} << 20;
  static std::uint64_t told = 0;
  if (sent - told < often) return;
  told = sent;
  std::cout << "sent " << sent << std::endl;
}

Result<PutResult> put(ObjectStore& store, std::uint64_t size) {
  const CallOptions call{.on_progress = [](const Progress& progress) { tell(progress.done); }};
  return store.put(take, Payload(std::make_shared<Synthetic>(size)), {.call = call});
}

Result<PutResult> record(ObjectStore& store, std::uint64_t size) {
  const std::vector<std::byte> piece(65536, std::byte{'x'});
  auto writer = store.writer(take);
  if (!writer) return writer.error();
  while ((*writer)->written() < size) {
    if (auto taken = (*writer)->write(piece); !taken) return taken.error();
    tell((*writer)->written());
  }
  return (*writer)->finish();
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 6) return 2;
  auto store =
      make_s3_store({.bucket = "takes",
                     .credentials = static_credentials({.access_key_id = "A", .secret_access_key = Secret("s")}),
                     .region = "us-east-1",
                     .endpoint = argv[1],
                     .addressing = AddressingStyle::path,
                     .transfer = {.part_size = std::stoull(argv[4]), .parts_in_flight = std::stoi(argv[5])}});
  if (!store || !(*store)->put(take, Payload::from_string("all that is needed once"))) return 1;
  const long before = status_kib("VmRSS:");
  const auto uploaded = (std::string(argv[2]) == "put" ? put : record)(**store, std::stoull(argv[3]));
  if (!uploaded) {
    std::cout << "failed " << uploaded.error().to_string() << std::endl;
    return 1;
  }
  std::cout << "grown " << status_kib("VmHWM:") - before << std::endl;
  return 0;
}
