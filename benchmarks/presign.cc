// Presigned GET URLs per second on one thread, beside the bare hashing that each of them cannot do without.
//
// The floor is one SHA-256 over a canonical request's 500 bytes and one HMAC with a prepared key over a string to sign
// of 150 bytes, both in hex, and nothing else. Rounds of the two are interleaved, so that a noisy machine hits both
// alike; what to quote is the ratio.
#include <audiostore/s3_store.h>

#include "core/crypto.h"
#include "core/text.h"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <new>
#include <string>
#include <vector>

namespace {

std::atomic<std::uint64_t> allocations = 0;

using namespace audiostore;

constexpr int urls_per_round = 50'000;
constexpr int rounds = 11;

/// Calls per second of `job`, which gets a number that differs each time.
template <class F>
double per_second(F&& job) {
  const auto start = std::chrono::steady_clock::now();
  for (int i = 0; i < urls_per_round; ++i) job(i);
  const std::chrono::duration<double> taken = std::chrono::steady_clock::now() - start;
  return urls_per_round / taken.count();
}

double median(std::vector<double> values) {
  std::ranges::sort(values);
  return values[values.size() / 2];
}

}  // namespace

void* operator new(std::size_t size) {
  allocations.fetch_add(1, std::memory_order_relaxed);
  if (void* memory = std::malloc(size)) return memory;
  throw std::bad_alloc();
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }

int main(int argc, char** argv) {
  auto store = make_s3_store(
      {.bucket = "recordings",
       .credentials = static_credentials({.access_key_id = "AKIAIOSFODNN7EXAMPLE",
                                          .secret_access_key = Secret("wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY")}),
       .endpoint = "https://0123456789abcdef0123456789abcdef.r2.cloudflarestorage.com"});
  if (!store) {
    std::fputs((store.error().to_string() + "\n").c_str(), stderr);
    return 1;
  }
  std::vector<ObjectKey> keys;
  keys.reserve(1000);
  for (int i = 0; i < 1000; ++i) {
    keys.push_back(*ObjectKey::parse(fmt::format("users/u1/projects/p1/recordings/take {:09} (mix).wav", i * 997)));
  }

  const HmacSha256 hmac("a signing key of 32 bytes length");
  std::string canonical(500, 'c');
  std::string to_sign(150, 's');
  std::string hex(64, '0');
  unsigned checksum = 0;
  const auto floor_job = [&](int i) {
    canonical[100] = to_sign[100] = static_cast<char>('a' + i % 26);
    write_hex(hex, sha256(canonical));
    write_hex(hex, hmac.sign(to_sign));
    checksum += static_cast<unsigned char>(hex[7]);
  };
  const auto presign_job = [&](int i) {
    const auto request = (*store)->presign({.key = keys[static_cast<std::size_t>(i) % keys.size()]});
    checksum += static_cast<unsigned char>(request->url.back());
  };

  std::vector<double> floor, presign, ratio;
  std::uint64_t allocated = 0;
  for (int round = 0; round < rounds; ++round) {
    floor.push_back(per_second(floor_job));
    const auto before = allocations.load();
    presign.push_back(per_second(presign_job));
    allocated += allocations.load() - before;
    ratio.push_back(presign.back() / floor.back());
  }
  fmt::print("presigned URLs per second      {:>12.0f}\nhashing floor per second       {:>12.0f}\n", median(presign),
             median(floor));
  fmt::print("ratio to the floor             {:>12.2f}   (median of {} interleaved rounds, {:.2f} to {:.2f})\n",
             median(ratio), rounds, *std::ranges::min_element(ratio), *std::ranges::max_element(ratio));
  fmt::print("heap allocations per URL       {:>12.2f}\nchecksum {}\n",
             static_cast<double>(allocated) / (double{rounds} * urls_per_round), checksum % 10);
  // presign --require-ratio 0.5: fails below that, for a script to notice.
  const bool required = argc == 3 && std::string_view(argv[1]) == "--require-ratio";
  return required && median(ratio) < std::strtod(argv[2], nullptr) ? 1 : 0;
}
