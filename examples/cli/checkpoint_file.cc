#include "checkpoint_file.h"

#include <fmt/format.h>
#include <openssl/evp.h>

#include <array>
#include <cerrno>
#include <fstream>
#include <iterator>
#include <system_error>

#include <unistd.h>

namespace cli {
namespace {

namespace fs = std::filesystem;
using namespace audiostore;

std::string sha256_hex(const std::string& text) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  std::size_t size = 0;
  EVP_Q_digest(nullptr, "SHA256", nullptr, text.data(), text.size(), digest.data(), &size);
  std::string hex;
  for (std::size_t i = 0; i < size; ++i) hex += fmt::format("{:02x}", digest.at(i));
  return hex;
}

std::optional<fs::path> state_home(const EnvironmentLookup& lookup) {
  const fs::path state = lookup("XDG_STATE_HOME").value_or("");
  if (state.is_absolute()) return state;
  const fs::path home = lookup("HOME").value_or("");
  if (home.is_absolute()) return home / ".local" / "state";
  return std::nullopt;
}

}  // namespace

Result<fs::path> checkpoint_folder(const EnvironmentLookup& lookup) {
  const auto state = state_home(lookup);
  if (!state) return Error(ErrorCode::invalid_argument, "neither XDG_STATE_HOME nor HOME is set");
  fs::path folder = *state / "audiostore" / "uploads";
  std::error_code failure;
  fs::create_directories(folder, failure);
  if (!failure) fs::permissions(folder, fs::perms::owner_all, failure);
  if (!failure && access(folder.c_str(), W_OK) != 0) failure.assign(errno, std::generic_category());
  if (!failure) return folder;
  const bool denied = failure == std::errc::permission_denied;
  return Error(denied ? ErrorCode::permission_denied : ErrorCode::internal,
               fmt::format("{}: {}", folder.string(), failure.message()));
}

CheckpointFile::CheckpointFile(const fs::path& folder, const UploadIdentity& identity) {
  std::string name;
  for (const std::string& part : {identity.service, identity.bucket, identity.key, identity.file.string()}) {
    name += fmt::format("{}:{}", part.size(), part);
  }
  path_ = folder / (sha256_hex(name) + ".upload");
}

std::optional<UploadCheckpoint> CheckpointFile::load() const {
  std::ifstream file(path_, std::ios::binary);
  if (!file) return std::nullopt;
  auto parsed = UploadCheckpoint::parse(std::string(std::istreambuf_iterator<char>(file), {}));
  if (!parsed) return std::nullopt;
  return *std::move(parsed);
}

bool CheckpointFile::save(const UploadCheckpoint& checkpoint) const {
  fs::path fresh = path_;
  fresh += fmt::format(".{}", getpid());
  std::ofstream file(fresh, std::ios::binary | std::ios::trunc);
  file << checkpoint.to_string();
  file.close();
  std::error_code failure;
  if (file) fs::rename(fresh, path_, failure);
  if (file && !failure) return true;
  fs::remove(fresh, failure);
  return false;
}

void CheckpointFile::remove() const {
  std::error_code ignored;
  fs::remove(path_, ignored);
}

}  // namespace cli
