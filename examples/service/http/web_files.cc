#include "http/web_files.h"

#include "http/refusal.h"

#include <fmt/format.h>

#include <fstream>
#include <map>
#include <sstream>

namespace audio_service {
namespace {

constexpr std::uintmax_t largest_file = std::uintmax_t{4} << 20;

/// What a page has. Everything else that may lie in the folder is not served.
const std::map<std::string, const char*, std::less<>> content_types = {
    {".html", "text/html; charset=utf-8"},
    {".js", "text/javascript; charset=utf-8"},
    {".css", "text/css; charset=utf-8"},
    {".svg", "image/svg+xml"},
    {".png", "image/png"},
    {".ico", "image/x-icon"},
    {".webmanifest", "application/manifest+json"},
};

std::string policy_for(const std::string& storage) {
  return fmt::format(
      "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; media-src 'self' blob: "
      "{0}; "
      "connect-src 'self' blob: {0}; manifest-src 'self'; worker-src 'self'; form-action 'self'; base-uri 'none'; "
      "frame-ancestors 'none'",
      storage);
}

/// The content of a plain file; no link is followed out of the folder.
std::string read_file(const std::filesystem::path& path) {
  std::error_code failed;
  const bool is_plain = std::filesystem::symlink_status(path, failed).type() == std::filesystem::file_type::regular;
  if (!is_plain || std::filesystem::file_size(path, failed) > largest_file) {
    throw Refusal(404, "not_found", "there is nothing under this path");
  }
  std::ostringstream content;
  content << std::ifstream(path, std::ios::binary).rdbuf();
  return content.str();
}

void serve(Visit& visit, const std::filesystem::path& file, const std::string& policy) {
  const auto type = content_types.find(file.extension().string());
  if (type == content_types.end()) throw Refusal(404, "not_found", "there is nothing under this path");
  visit.response.set_content(read_file(file), type->second);
  visit.response.set_header("Content-Security-Policy", policy);
  visit.response.set_header("Cache-Control", "no-cache");
}

}  // namespace

void add_web_files(FrontDoor& door, const std::filesystem::path& folder, const std::string& storage_origin) {
  const std::string policy = policy_for(storage_origin);
  door.add_plain({"GET", "/", Entry::open},
                 [folder, policy](Visit& visit) { serve(visit, folder / "index.html", policy); });
  door.add_plain({"GET", "/{file}", Entry::open},
                 [folder, policy](Visit& visit) { serve(visit, folder / visit.request.matches[1].str(), policy); });
}

}  // namespace audio_service
