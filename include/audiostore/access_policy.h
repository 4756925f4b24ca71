// May this user do this? The application knows; it is asked here.
#pragma once

#include <audiostore/audio.h>

#include <cstdint>
#include <functional>
#include <optional>
#include <string_view>

namespace audiostore {

enum class AccessOperation { upload, read, remove, list };

/// "upload", "read", "remove", "list".
std::string_view to_string(AccessOperation operation) noexcept;

/// What is about to happen. The views live as long as the call to the policy.
struct AccessRequest {
  std::string_view principal;  ///< who asks: whatever the application passed in, e.g. a user id of its session
  AccessOperation operation;
  std::string_view user;                   ///< whose recording it is: the {userId} of the key
  std::string_view project;                ///< empty when all projects of the user are listed
  std::string_view recording;              ///< empty for a listing
  std::optional<AudioFormat> format = {};  ///< of the take; absent for a listing and for all takes of a recording
  std::uint64_t size = 0;                  ///< in bytes, of an upload
};

enum class Decision { deny, allow };

/// Decides. Asked exactly once per operation, on the calling thread, with no lock held, before any byte moves.
/// Whatever is not Decision::allow denies, and so do a throw and an empty function.
using AccessPolicy = std::function<Decision(const AccessRequest&)>;

/// The policy "everybody may do everything with their own recordings, and nothing with others'": principal == user.
AccessPolicy owner_only();

}  // namespace audiostore
