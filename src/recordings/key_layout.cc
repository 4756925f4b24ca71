#include "recordings/key_layout.h"

#include "audio/formats.h"

#include <fmt/format.h>

#include <algorithm>

namespace audiostore {
namespace {

constexpr std::size_t max_id_bytes = 64;

bool is_id_character(char c) noexcept {
  return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
}

}  // namespace

Result<void> check_id(std::string_view what, std::string_view id) {
  if (!id.empty() && id.size() <= max_id_bytes && std::ranges::all_of(id, is_id_character)) return {};
  return Error(ErrorCode::invalid_argument,
               fmt::format("the {} '{}' is not 1 to 64 of the characters A-Z a-z 0-9 _ -", what, id.substr(0, 80)));
}

std::string user_prefix(std::string_view user) { return fmt::format("users/{}/projects/", user); }

std::string project_prefix(std::string_view user, std::string_view project) {
  return fmt::format("{}{}/recordings/", user_prefix(user), project);
}

std::string recording_stem(const RecordingId& id) { return project_prefix(id.user(), id.project()) + id.recording(); }

std::vector<AudioKey> possible_takes(const RecordingId& id) {
  std::vector<AudioKey> takes;
  for (const auto& names : audio_format_names()) takes.emplace_back(id, names.format);
  return takes;
}

}  // namespace audiostore
