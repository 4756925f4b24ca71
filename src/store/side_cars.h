// The side-cars of all objects in a directory tree.
#pragma once

#include "store/directory_tree.h"
#include "store/side_car.h"

#include <audiostore/clock.h>

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace audiostore {

/// Keeps one side-car for each state of a data file: the state, told by the file's time and size, is part of its name,
/// DIRECTORY/xx/SHA256(key)-TIME-SIZE.json. A side-car written ahead means nothing until a file of that state is
/// published, and then it does at once; a file that somebody else changed or put there has none.
///
/// They do not lie in the order of the keys, so that an object costs no directories of its own here: 256 directories
/// hold all of them and are never removed. Thread-safe. Errors besides those named: permission_denied, no_space,
/// internal.
class SideCars {
 public:
  /// `tree` must live longer.
  SideCars(const DirectoryTree& tree, std::string directory, std::shared_ptr<const Clock> clock);

  /// Gives the unpublished file `data` a time that no other file of the key has, and writes the side-car for this state
  /// of it through to the disk. It is removed again unless it is kept.
  [[nodiscard]] Result<NewFile> write(const SideCar& side_car, FileHandle& data) const;

  /// The side-car for this state of the key's file; nullopt where there is none. Errors: corrupt.
  [[nodiscard]] Result<std::optional<SideCar>> read(const std::string& key, const FileStatus& data) const;

  /// Puts `side_car`, written to the empty `file`, in the place of the one for this state of the key's file: in one
  /// step that lasts. REQUIRES: the caller has the key's lock and has seen the file in this state.
  [[nodiscard]] Result<void> replace(const SideCar& side_car, const FileStatus& data, NewFile file) const;

  /// What is said of a file without a side-car: the default attributes, and an ETag made of its state.
  [[nodiscard]] static SideCar substitute(const std::string& key, const FileStatus& data);

  /// Drops the side-car for a state that has been replaced or removed. What a failure leaves is litter, not damage.
  void drop(const std::string& key, const FileStatus& data) const noexcept;

  /// Tells what is under a key now; nullopt where nothing is.
  using StatusOf = std::function<Result<std::optional<FileStatus>>(const std::string& key)>;
  /// Removes side-cars that were written before `limit` and belong to no file. Looks at 200 at most, others
  /// each time, and passes over what others have locked or what cannot be read.
  void sweep(TimePoint limit, const StatusOf& status_of) const;

  /// While the handle lives, nobody else in any process has the lock for this key.
  [[nodiscard]] Result<FileHandle> lock(const std::string& key) const;

 private:
  [[nodiscard]] std::string directory_for(const std::string& key) const;
  [[nodiscard]] Result<NewFile> create(const std::string& key, FileHandle& data) const;
  [[nodiscard]] Result<std::int64_t> unique_time() const;
  [[nodiscard]] bool is_orphan(const std::string& path, std::string_view name, const StatusOf& status_of) const;
  [[nodiscard]] Result<std::string> read_text(const std::string& path) const;
  /// Sweeps one directory and says how many side-cars it has looked at, `most` or fewer.
  std::size_t sweep_directory(const std::string& directory, TimePoint limit, const StatusOf& status_of,
                              std::size_t most) const;

  const DirectoryTree& tree_;
  std::string directory_;
  std::shared_ptr<const Clock> clock_;
};

}  // namespace audiostore
