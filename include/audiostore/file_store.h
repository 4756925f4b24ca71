// Objects as files in a directory.
#pragma once

#include <audiostore/clock.h>
#include <audiostore/object_store.h>

#include <filesystem>
#include <memory>

namespace audiostore {

struct FileStoreOptions {
  std::shared_ptr<const Clock> clock = system_clock();
};

/// A store that keeps each object as a file below `root`, which is created if it is missing.
///
/// "users/1/take.wav" is the file ROOT/users/1/take.wav, playable as it is; odd keys are percent-escaped into names
/// that every file system takes, so that every ObjectKey can be stored ("a" beside "a/b", segments over 255 bytes).
/// What is stored beside the bytes, and files under way, live in ROOT/.audiostore. A reader sees an old or a new
/// object, whole, with its own attributes. Nothing outside of the root is read or written: no symbolic link is
/// followed. Several processes may use one root.
///
/// Whoever changes a file's bytes or time by other means, even with touch(1), makes it an object with default
/// attributes and another ETag, since what is stored beside the bytes belongs to that very state. Opening sweeps up
/// what processes that were killed more than a day ago left behind, a few hundred files at a time. An object that
/// cannot be read is still listed; reading it is permission_denied.
///
/// Capabilities: conditional_put, conditional_copy, conditional_replace (among processes, where the file system has
/// locks), tags; no storage classes, no presign of its own (serve it with LocalEndpoint).
/// Errors: permission_denied, invalid_argument (not a directory), no_space, internal.
Result<std::unique_ptr<ObjectStore>> make_file_store(const std::filesystem::path& root, FileStoreOptions options = {});

}  // namespace audiostore
