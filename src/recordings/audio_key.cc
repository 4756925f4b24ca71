#include <audiostore/audio_key.h>

#include "core/crypto.h"
#include "recordings/key_layout.h"

#include <fmt/format.h>

#include <array>
#include <optional>

namespace audiostore {
namespace {

constexpr std::size_t max_key_bytes = 1024;  // of an object key; what is longer need not be repeated in an error

Error not_a_take(std::string_view text, std::string_view why) {
  return Error(ErrorCode::invalid_argument,
               fmt::format("not a recording's key: {}; it must be "
                           "users/{{user}}/projects/{{project}}/recordings/{{recording}}.{{extension}}",
                           why))
      .with_key(text.substr(0, max_key_bytes));
}

using Segments = std::array<std::string_view, 6>;

/// `text` at its slashes; nullopt unless there are exactly five of them.
std::optional<Segments> split(std::string_view text) {
  Segments segments;
  for (std::size_t i = 0; i + 1 < segments.size(); ++i) {
    const auto slash = text.find('/');
    if (slash == std::string_view::npos) return std::nullopt;
    segments[i] = text.substr(0, slash);
    text.remove_prefix(slash + 1);
  }
  if (text.find('/') != std::string_view::npos) return std::nullopt;
  segments.back() = text;
  return segments;
}

/// The format whose usual extension is exactly this: "WAV" and "aif" are refused, str() does not write them.
std::optional<AudioFormat> format_with_extension(std::string_view text) {
  const auto format = format_from_extension(text);
  return format && extension(*format) == text ? format : std::nullopt;
}

}  // namespace

Result<RecordingId> RecordingId::make(std::string_view user, std::string_view project, std::string_view recording) {
  for (const auto& [what, id] :
       {std::pair("user id", user), std::pair("project id", project), std::pair("recording id", recording)}) {
    if (auto valid = check_id(what, id); !valid) return std::move(valid).error();
  }
  return RecordingId(user, project, recording);
}

Result<RecordingId> RecordingId::generate(std::string_view user, std::string_view project) {
  return random_hex(16).and_then([&](const std::string& recording) { return make(user, project, recording); });
}

Result<AudioKey> AudioKey::parse(std::string_view text) {
  const auto segments = split(text);
  if (!segments) return not_a_take(text, "it does not have six segments");
  const auto& [users, user, projects, project, recordings, name] = *segments;
  if (users != "users" || projects != "projects" || recordings != "recordings") {
    return not_a_take(text, "its fixed segments have other names");
  }
  const auto dot = name.find('.');
  if (dot == std::string_view::npos) return not_a_take(text, "it has no extension");
  const auto format = format_with_extension(name.substr(dot + 1));
  if (!format) return not_a_take(text, "its extension is not the usual one of a known format");
  return RecordingId::make(user, project, name.substr(0, dot))
      .transform([&](RecordingId id) { return AudioKey(std::move(id), *format); })
      .transform_error([&](const Error& error) { return not_a_take(text, error.message()); });
}

std::string AudioKey::str() const { return fmt::format("{}.{}", recording_stem(id_), extension(format_)); }

ObjectKey AudioKey::object_key() const {
  return ObjectKey::parse(str()).value();  // the ids' characters and length break none of its rules
}

}  // namespace audiostore
