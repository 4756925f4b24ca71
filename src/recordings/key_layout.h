// How recordings lie in a store: users/{user}/projects/{project}/recordings/{recording}.{extension}
//
// Every prefix ends behind a whole segment or id, so that "users/1" never takes in "users/12", nor the recording "a"
// the recording "ab".
#pragma once

#include <audiostore/audio_key.h>
#include <audiostore/error.h>

#include <string>
#include <string_view>
#include <vector>

namespace audiostore {

/// Errors: invalid_argument unless `id` matches [A-Za-z0-9_-]{1,64}. `what` names it in the message, e.g. "user id".
Result<void> check_id(std::string_view what, std::string_view id);

/// "users/{user}/projects/". REQUIRES, here and below: ids that check_id() accepts.
std::string user_prefix(std::string_view user);
/// "users/{user}/projects/{project}/recordings/"
std::string project_prefix(std::string_view user, std::string_view project);
/// "users/{user}/projects/{project}/recordings/{recording}", the takes' common name without the extension.
std::string recording_stem(const RecordingId& id);

/// The key of each take that the recording can have, existing or not.
std::vector<AudioKey> possible_takes(const RecordingId& id);

}  // namespace audiostore
