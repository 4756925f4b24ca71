#include "store/side_cars.h"

#include "core/crypto.h"
#include "core/file_source.h"
#include "core/text.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <vector>

namespace audiostore {
namespace {

std::string state_of(const FileStatus& data) { return fmt::format("{}-{}", data.modified_ns, data.size); }

std::string name_for(const std::string& key, const FileStatus& data) {
  return fmt::format("{}-{}.json", to_hex(sha256(key)), state_of(data));
}

/// When a side-car of this name was written; nullopt for a name that none has.
std::optional<TimePoint> time_in(std::string_view name) {
  constexpr std::size_t hash_and_dash = 65;
  if (name.size() < hash_and_dash || !name.ends_with(".json")) return std::nullopt;
  const char* const begin = name.data() + hash_and_dash;
  std::int64_t ns = 0;
  const auto [end, failure] = std::from_chars(begin, name.data() + name.size(), ns);
  if (failure != std::errc() || *end != '-') return std::nullopt;
  return TimePoint(std::chrono::floor<TimePoint::duration>(std::chrono::nanoseconds(ns)));
}

/// Turns the entries so that in the long run each comes first, however many are never reached.
void begin_anywhere(std::vector<DirectoryEntry>& entries) {
  std::uint32_t random = 0;
  if (entries.empty() || !random_bytes(std::as_writable_bytes(std::span(&random, 1)))) return;
  std::rotate(entries.begin(), entries.begin() + static_cast<std::ptrdiff_t>(random % entries.size()), entries.end());
}

}  // namespace

SideCars::SideCars(const DirectoryTree& tree, std::string directory, std::shared_ptr<const Clock> clock)
    : tree_(tree), directory_(std::move(directory)), clock_(std::move(clock)) {}

std::string SideCars::directory_for(const std::string& key) const {
  return directory_ + '/' + to_hex(ByteSpan(sha256(key)).first(1));
}

Result<NewFile> SideCars::write(const SideCar& side_car, FileHandle& data) const {
  auto file = create(side_car.key, data);
  if (!file) return file;
  auto written = file->file().write(as_bytes(to_json(side_car))).and_then([&] { return file->finish(); }).and_then([&] {
    return tree_.sync_directories(directory_for(side_car.key));
  });
  if (!written) return std::move(written).error();
  return file;
}

Result<void> SideCars::replace(const SideCar& side_car, const FileStatus& data, NewFile file) const {
  const std::string directory = directory_for(side_car.key);
  return file.file()
      .write(as_bytes(to_json(side_car)))
      .and_then([&] { return file.finish(); })
      .and_then([&] {
        const std::string path = directory + '/' + name_for(side_car.key, data);
        return tree_.move_into_place(file, path, DirectoryTree::Existing::replace);
      })
      .and_then([&] { return tree_.sync_directories(directory); });
}

Result<NewFile> SideCars::create(const std::string& key, FileHandle& data) const {
  constexpr int most_attempts = 100;
  for (int attempt = 0; attempt < most_attempts; ++attempt) {
    auto time = unique_time();
    if (!time) return std::move(time).error();
    auto state = data.set_modified(*time).and_then([&] { return data.status(); });
    if (!state) return std::move(state).error();
    auto file = tree_.create_file(directory_for(key), name_for(key, *state));
    if (file || file.error().code() != ErrorCode::already_exists) return file;
  }
  return Error(ErrorCode::internal, "the file system keeps no times fine enough to tell two states of a file apart");
}

/// The time in milliseconds, and below that a number that hardly comes twice.
Result<std::int64_t> SideCars::unique_time() const {
  using std::chrono::milliseconds;
  using std::chrono::nanoseconds;
  std::uint32_t random = 0;
  if (auto filled = random_bytes(std::as_writable_bytes(std::span(&random, 1))); !filled) {
    return std::move(filled).error();
  }
  const auto now = std::chrono::floor<milliseconds>(clock_->now().time_since_epoch());
  return nanoseconds(now).count() + random % nanoseconds(milliseconds(1)).count();
}

Result<std::optional<SideCar>> SideCars::read(const std::string& key, const FileStatus& data) const {
  auto text = read_text(directory_for(key) + '/' + name_for(key, data));
  if (!text && text.error().code() == ErrorCode::not_found) return std::optional<SideCar>();
  return std::move(text).and_then(parse_side_car).and_then([&](SideCar side_car) -> Result<std::optional<SideCar>> {
    if (side_car.key != key) return Error(ErrorCode::corrupt, "the side-car of the object is that of another");
    return std::optional(std::move(side_car));
  });
}

Result<std::string> SideCars::read_text(const std::string& path) const {
  constexpr std::uint64_t largest = std::uint64_t{64} * 1024;
  auto file = tree_.open_file(path);
  if (!file) return std::move(file).error();
  auto length = file->status();
  if (!length) return std::move(length).error();
  std::string text(static_cast<std::size_t>(std::min(length->size, largest)), '\0');
  const Payload json = file_payload(file->release(), text.size());
  return json.read_at(0, std::as_writable_bytes(std::span(text))).transform([&] { return std::move(text); });
}

SideCar SideCars::substitute(const std::string& key, const FileStatus& data) {
  return {key, '"' + state_of(data) + '"', {}};
}

void SideCars::drop(const std::string& key, const FileStatus& data) const noexcept {
  tree_.discard_file(directory_for(key) + '/' + name_for(key, data));
}

void SideCars::sweep(TimePoint limit, const StatusOf& status_of) const {
  std::size_t left = 200;
  auto directories = tree_.entries(directory_);
  if (!directories) return;
  begin_anywhere(*directories);
  for (const auto& entry : *directories) {
    if (left == 0) return;
    left -= sweep_directory(directory_ + '/' + entry.name, limit, status_of, left);
  }
}

std::size_t SideCars::sweep_directory(const std::string& directory, TimePoint limit, const StatusOf& status_of,
                                      std::size_t most) const {
  auto handle = tree_.open_directory(directory);
  if (!handle || !handle->try_lock()) return 0;  // with the lock, no put is about to publish what we look at
  auto entries = tree_.entries(directory);
  if (!entries) return 0;
  begin_anywhere(*entries);
  std::size_t looked_at = 0;
  for (const auto& entry : *entries) {
    const auto written = time_in(entry.name);
    if (!written || *written >= limit) continue;
    if (looked_at == most) break;
    ++looked_at;
    const std::string path = directory + '/' + entry.name;
    if (is_orphan(path, entry.name, status_of)) tree_.discard_file(path);
  }
  return looked_at;
}

/// Only what is certainly nobody's: a side-car that is damaged stays, as does one whose file cannot be looked at.
bool SideCars::is_orphan(const std::string& path, std::string_view name, const StatusOf& status_of) const {
  const auto text = read_text(path);
  if (!text) return false;
  if (text->empty()) return true;  // its writer was killed; one that was published had its bytes on the disk
  const auto side_car = parse_side_car(*text);
  if (!side_car || !ObjectKey::parse(side_car->key) || !name.starts_with(to_hex(sha256(side_car->key)))) return false;
  const auto data = status_of(side_car->key);
  return data && (!*data || name_for(side_car->key, **data) != name);
}

Result<FileHandle> SideCars::lock(const std::string& key) const {
  auto directory = tree_.open_directory(directory_for(key));
  if (directory) directory->lock();
  // Without the directory, no side-car of such a key was ever written, and none can be forgotten.
  const bool nothing_to_lock = !directory && directory.error().code() == ErrorCode::not_found;
  return nothing_to_lock ? Result<FileHandle>(FileHandle()) : std::move(directory);
}

}  // namespace audiostore
