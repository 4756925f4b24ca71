// Where a recording lives: whose it is, in which project, which one, in which format.
#pragma once

#include <audiostore/audio.h>
#include <audiostore/error.h>
#include <audiostore/object_key.h>

#include <compare>
#include <string>
#include <string_view>

namespace audiostore {

/// A recording's name: user, project and recording id. A recording can have several takes, which differ in format.
///
/// Invariant: each id matches [A-Za-z0-9_-]{1,64}; ids are compared byte by byte.
class RecordingId {
 public:
  /// Errors: invalid_argument, naming the id that breaks the rule.
  static Result<RecordingId> make(std::string_view user, std::string_view project, std::string_view recording);

  /// As make(), with a fresh recording id of 128 random bits.
  static Result<RecordingId> generate(std::string_view user, std::string_view project);

  [[nodiscard]] const std::string& user() const noexcept { return user_; }
  [[nodiscard]] const std::string& project() const noexcept { return project_; }
  [[nodiscard]] const std::string& recording() const noexcept { return recording_; }

  friend auto operator<=>(const RecordingId&, const RecordingId&) = default;

 private:
  RecordingId(std::string_view user, std::string_view project, std::string_view recording)
      : user_(user), project_(project), recording_(recording) {}
  std::string user_;
  std::string project_;
  std::string recording_;
};

/// The key of one take: users/{user}/projects/{project}/recordings/{recording}.{extension}
///
/// Invariant: str() and parse() are inverse to each other, and the extension is the usual one of a known format.
class AudioKey {
 public:
  AudioKey(RecordingId id, AudioFormat format) : id_(std::move(id)), format_(format) {}

  /// Errors: invalid_argument for everything that AudioKey::str could not have made.
  static Result<AudioKey> parse(std::string_view text);

  [[nodiscard]] const RecordingId& id() const noexcept { return id_; }
  [[nodiscard]] AudioFormat format() const noexcept { return format_; }
  [[nodiscard]] std::string str() const;
  [[nodiscard]] ObjectKey object_key() const;

  friend auto operator<=>(const AudioKey&, const AudioKey&) = default;

 private:
  RecordingId id_;
  AudioFormat format_;
};

}  // namespace audiostore
