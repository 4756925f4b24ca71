#include "quickstart_support.h"

#include <fmt/format.h>
#include <openssl/evp.h>

#include <unistd.h>
#include <array>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <numbers>
#include <random>
#include <stdexcept>

namespace quickstart {
namespace {

void append_little_endian(std::string& out, std::uint32_t value, int bytes) {
  for (int i = 0; i < bytes; ++i) out += static_cast<char>(value >> (8 * i) & 0xffU);
}

}  // namespace

std::string make_tone() {
  constexpr std::uint32_t rate = 44'100;
  constexpr std::uint32_t samples = 2 * rate;
  std::string wav = "RIFF";
  append_little_endian(wav, 36 + 2 * samples, 4);
  wav += "WAVEfmt ";
  append_little_endian(wav, 16, 4);
  append_little_endian(wav, 1, 2);  // PCM
  append_little_endian(wav, 1, 2);  // mono
  append_little_endian(wav, rate, 4);
  append_little_endian(wav, 2 * rate, 4);
  append_little_endian(wav, 2, 2);
  append_little_endian(wav, 16, 2);
  wav += "data";
  append_little_endian(wav, 2 * samples, 4);
  for (std::uint32_t i = 0; i < samples; ++i) {
    const double sample = 8000 * std::sin(2 * std::numbers::pi * 440 * i / rate);
    append_little_endian(wav, static_cast<std::uint32_t>(static_cast<std::int32_t>(sample)), 2);
  }
  return wav;
}

std::string sha256_hex(std::string_view bytes) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest;
  std::size_t size = 0;
  if (EVP_Q_digest(nullptr, "SHA256", nullptr, bytes.data(), bytes.size(), digest.data(), &size) != 1) {
    throw std::runtime_error("SHA-256 is not available");
  }
  std::string hex;
  for (std::size_t i = 0; i < size; ++i) hex += fmt::format("{:02x}", digest[i]);
  return hex;
}

audiostore::ProgressCallback progress_bar(std::string label) {
  if (isatty(STDOUT_FILENO) == 0) return {};
  return [label = std::move(label)](const audiostore::Progress& progress) {
    constexpr int width = 30;
    const double part =
        progress.total == 0 ? 0 : static_cast<double>(progress.done) / static_cast<double>(progress.total);
    const int filled = static_cast<int>(part * width);
    fmt::print("\r{} [{:#<{}}{:.<{}}] {:3.0f} %{}", label, "", filled, "", width - filled, part * 100,
               progress.done == progress.total ? "\n" : "");
    std::fflush(stdout);
  };
}

TemporaryFolder::TemporaryFolder() {
  std::random_device random;
  path_ =
      std::filesystem::temp_directory_path() / fmt::format("audiostore-quickstart-{:08x}{:08x}", random(), random());
  std::filesystem::create_directory(path_);
}

TemporaryFolder::~TemporaryFolder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

}  // namespace quickstart
