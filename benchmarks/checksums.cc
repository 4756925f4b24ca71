// What each way to vouch for bytes costs:  checksums [MiB]
//
// MB/s of one thread over bytes in memory, the best of five runs; docs/DECISIONS.md quotes them.
#include "core/checksums.h"
#include "core/crypto.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>

using namespace audiostore;

namespace {

constexpr std::size_t piece_bytes = std::size_t{64} * 1024;  // as Payload::read_all() gives them

/// Feeds all of `bytes` to a fresh `Hash`, in pieces; the last byte of the result keeps the work from being left out.
template <class Hash>
void compute(ByteSpan bytes) {
  Hash hash;
  for (std::size_t at = 0; at < bytes.size(); at += piece_bytes) {
    hash.update(bytes.subspan(at, std::min(piece_bytes, bytes.size() - at)));
  }
  if constexpr (requires { hash.finish(); }) {
    [[maybe_unused]] volatile auto kept = hash.finish().back();
  } else {
    [[maybe_unused]] volatile auto kept = hash.value();
  }
}

template <class Hash>
void measure(std::string_view name, ByteSpan bytes) {
  using std::chrono::duration;
  double best = 0;
  for (int run = 0; run < 5; ++run) {
    const auto began = std::chrono::steady_clock::now();
    compute<Hash>(bytes);
    const double seconds = duration<double>(std::chrono::steady_clock::now() - began).count();
    best = std::max(best, static_cast<double>(bytes.size()) / 1e6 / seconds);
  }
  fmt::print("{:<10} {:>6.0f} MB/s\n", name, best);
}

}  // namespace

int main(int argc, char** argv) {
  const std::size_t mebibytes = argc > 1 ? std::strtoul(argv[1], nullptr, 10) : 256;
  std::string bytes(std::max<std::size_t>(mebibytes, 1) << 20, '\0');
  std::uint32_t state = 1;
  for (char& byte : bytes) byte = static_cast<char>((state = state * 1'664'525 + 1'013'904'223) >> 24);
  measure<Sha256>("SHA-256", as_bytes(bytes));
  measure<Md5>("MD5", as_bytes(bytes));
  measure<Crc32>("CRC32", as_bytes(bytes));
  measure<Crc32c>("CRC32C", as_bytes(bytes));
  measure<Crc64Nvme>("CRC64NVME", as_bytes(bytes));
  return 0;
}
