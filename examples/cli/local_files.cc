#include "local_files.h"

#include <fmt/format.h>

#include <glob.h>
#include <memory>

namespace cli {
namespace {

namespace fs = std::filesystem;
using namespace audiostore;

std::vector<fs::path> matches_of(const std::string& pattern) {
  glob_t found{};
  const std::unique_ptr<glob_t, void (*)(glob_t*)> owner(&found, globfree);
  std::vector<fs::path> paths;
  if (glob(pattern.c_str(), 0, nullptr, &found) != 0) return paths;
  for (std::size_t i = 0; i < found.gl_pathc; ++i) {
    std::error_code ignored;
    if (!fs::is_directory(found.gl_pathv[i], ignored)) paths.emplace_back(found.gl_pathv[i]);
  }
  return paths;
}

}  // namespace

Result<std::vector<fs::path>> files_of(const std::string& argument) {
  std::error_code ignored;
  if (fs::is_directory(argument, ignored)) {
    const std::string files = (fs::path(argument) / "*.wav").string();
    return Error(ErrorCode::invalid_argument, fmt::format("is a folder; name its files, e.g. '{}'", files));
  }
  if (fs::exists(argument, ignored)) return std::vector<fs::path>{argument};
  auto matches = matches_of(argument);
  if (matches.empty()) return Error(ErrorCode::not_found, "there is no such file");
  return matches;
}

}  // namespace cli
