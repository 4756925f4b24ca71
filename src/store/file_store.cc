// The protocol of a put, so that a reader or a crash at any point finds an old or a new object, whole, with its own
// attributes:
//
//   1. The bytes go into a temporary file, which is given its time and written through to the disk.
//   2. The side-car of exactly this state of the file is written through to the disk. It means nothing to anybody yet.
//   3. One rename publishes bytes and attributes together.
//   4. The directories are written through to the disk; only then the put is acknowledged.
//   5. The side-car of the file that was replaced is removed.
//
// Tags are changed by a rename as well, of a new side-car over the one of the same state of the file.
//
// Who is killed in 1 leaves a temporary file, in 2 to 5 a side-car of no file. Opening a store sweeps both up after a
// day: all temporary files, and the side-cars of some directories, so that a large store opens as fast as a small one.
// What is left stays little, since it takes a kill and an opening for each new one.
#include <audiostore/file_store.h>

#include "core/call_guard.h"
#include "core/crypto.h"
#include "core/file_source.h"
#include "core/text.h"
#include "store/conditions.h"
#include "store/digest_check.h"
#include "store/directory_tree.h"
#include "store/file_names.h"
#include "store/listing.h"
#include "store/side_cars.h"
#include "store/transfer.h"

#include <fmt/format.h>

#include <algorithm>

namespace audiostore {
namespace {

constexpr auto temporary_directory = ".audiostore/tmp";
constexpr auto side_car_directory = ".audiostore/meta";

// How often an object may be replaced while we look at it before we give up.
constexpr int most_attempts = 1000;
constexpr std::chrono::hours age_of_litter{24};

using std::chrono::milliseconds;
using std::chrono::nanoseconds;

bool is_not_found(const Error& error) { return error.code() == ErrorCode::not_found; }

Error not_found() { return Error(ErrorCode::not_found, "there is no object under this key"); }

Error replaced_too_fast() {
  return Error(ErrorCode::conflict, "the object is replaced faster than it can be read; try again")
      .with_retryable(true);
}

TimePoint time_of(const FileStatus& status) {
  const nanoseconds since_1970(status.modified_ns);
  return TimePoint(std::chrono::floor<milliseconds>(since_1970));  // the rest is random
}

/// An object that is open for reading.
struct OpenObject {
  Payload bytes;
  ObjectInfo info;
  Tags tags;
};

/// The bytes of an object on their way in.
struct StagedObject {
  NewFile file;
  Md5 digest = {};
  std::string etag = {};  ///< once all bytes are there

  Result<void> write(ByteSpan piece) {
    digest.update(piece);
    return file.file().write(piece);
  }
  void end() { etag = '"' + to_hex(digest.finish()) + '"'; }
};

class FileStore final : public ObjectStore {
 public:
  FileStore(DirectoryTree tree, const FileStoreOptions& options)
      : tree_(std::move(tree)), side_cars_(tree_, side_car_directory, options.clock), clock_(options.clock) {}

  /// Makes sure that the store can be written to, and sweeps up after processes that were killed.
  Result<void> begin() {
    auto probe = create_temporary();
    if (!probe) return std::move(probe).error();
    return tree_.sync_directories(temporary_directory).and_then([&] { return sweep(); });
  }

  /// Sweeps up what stays behind of processes that were killed. Only what makes the store unusable is an error.
  Result<void> sweep() const {
    const auto limit = clock_->now() - age_of_litter;
    side_cars_.sweep(limit, [&](const std::string& key) { return status_of(file_path_for(key)); });
    return sweep_temporary_files(limit);
  }

  [[nodiscard]] Capabilities capabilities() const override {
    return {.conditional_put = true, .conditional_copy = true, .conditional_replace = true, .tags = true};
  }

 private:
  Result<PutResult> do_put(const ObjectKey& key, const Payload& payload, const PutOptions& options) override {
    if (auto may = may_replace(key.str(), options); !may) return std::move(may).error();  // before the bytes are read
    return store(key, payload, options);
  }

  Result<std::unique_ptr<ObjectWriter>> do_writer(const ObjectKey& key, const PutOptions& options) override;

  Result<ObjectInfo> do_get(const ObjectKey& key, const ByteSink& sink, const GetOptions& options) override {
    return find(key.str()).and_then(
        [&](const OpenObject& object) { return deliver(object.bytes, object.info, options, sink); });
  }

  Result<ObjectInfo> do_head(const ObjectKey& key, const HeadOptions& options) override {
    return find(key.str()).and_then([&](OpenObject object) {
      return check_conditions(options.conditions, object.info.etag, object.info.last_modified).transform([&] {
        return std::move(object.info);
      });
    });
  }

  Result<void> do_remove(const ObjectKey& key, const RemoveOptions&) override {
    const std::string path = file_path_for(key.str());
    auto removed = take_away(key.str(), path);
    if (!removed) return std::move(removed).error();
    if (*removed) side_cars_.drop(key.str(), **removed);
    tree_.prune(directory_of(path));
    return {};
  }

  Result<PutResult> do_copy(const ObjectKey& from, const ObjectKey& to, const CopyOptions& options) override {
    auto source = find(from.str());
    if (!source) return std::move(source).error();
    const ObjectInfo& info = source->info;
    if (auto met = check_conditions({.if_match = options.source_if_match}, info.etag, info.last_modified); !met) {
      return std::move(met).error();
    }
    return store(to, source->bytes,
                 {.attributes = options.attributes.value_or(info.attributes),
                  .tags = std::move(source->tags),
                  .call = options.call});
  }

  Result<Tags> do_tags(const ObjectKey& key, const TagOptions&) override {
    return find(key.str()).transform([](OpenObject object) { return std::move(object.tags); });
  }

  Result<void> do_set_tags(const ObjectKey& key, const Tags& tags, const TagOptions&) override {
    auto file = create_temporary();
    if (!file) return std::move(file).error();
    const auto lock = side_cars_.lock(key.str());  // nobody of ours replaces the object meanwhile
    if (!lock) return lock.error();
    auto known = look_up(key.str());
    if (!known) return std::move(known).error();
    if (!*known) return not_found();
    (*known)->side_car.tags = tags;
    return side_cars_.replace((*known)->side_car, (*known)->status, *std::move(file));
  }

  Result<ListPage> do_list(const ListOptions& options) override {
    const CallGuard guard(options.call);
    auto listing = Listing::begin(options);
    if (!listing) return std::move(listing).error();
    const auto directory = directory_path_for(options.prefix);
    if (!directory) return ListPage();
    const std::string beginning = options.prefix.substr(0, options.prefix.rfind('/') + 1);
    return list_below(*directory, beginning, *listing, guard).transform([&](bool) {
      return std::move(*listing).finish();
    });
  }

  // --- writing

  class Writer;

  Result<PutResult> store(const ObjectKey& key, const Payload& payload, const PutOptions& options) {
    auto staged = stage();
    if (!staged) return std::move(staged).error();
    const auto write = [&](ByteSpan piece) { return staged->write(piece); };
    auto written = transfer(payload, {0, payload.size()}, write, CallGuard(options.call));
    if (!written) return std::move(written).error();
    return publish(key.str(), *staged, options);
  }

  Result<StagedObject> stage() const {
    return create_temporary().transform([](NewFile file) { return StagedObject{std::move(file)}; });
  }

  Result<NewFile> create_temporary() const {
    return random_hex(16).and_then(
        [&](const std::string& name) { return tree_.create_file(temporary_directory, name); });
  }

  Result<PutResult> publish(const std::string& key, StagedObject& staged, const PutOptions& options) const {
    staged.end();
    return publish_ended(key, staged, options).transform_error([](Error&& error) {
      // A file or directory that vanished under our hands is not an object that is not there.
      return is_not_found(error) ? Error(ErrorCode::internal, error.message()) : std::move(error);
    });
  }

  Result<PutResult> publish_ended(const std::string& key, StagedObject& staged, const PutOptions& options) const {
    const std::string path = file_path_for(key);
    auto side_car = side_cars_.write({key, staged.etag, options.attributes, options.tags}, staged.file.file());
    if (!side_car) return std::move(side_car).error();
    if (auto finished = staged.file.finish(); !finished) return std::move(finished).error();

    auto replaced = put_in_place(key, staged.file, *side_car, options);
    if (!replaced) return std::move(replaced).error();
    side_car->keep();
    if (auto synced = tree_.sync_directories(directory_of(path)); !synced) return std::move(synced).error();
    if (*replaced) side_cars_.drop(key, **replaced);
    return PutResult{staged.etag};
  }

  /// Publishes `data` and tells which file it replaced. The lock makes that answer exact, so that no side-car is
  /// forgotten, keeps the sweep away, and makes if_match hold; what else readers see does not depend on it.
  Result<std::optional<FileStatus>> put_in_place(const std::string& key, NewFile& data, const NewFile& side_car,
                                                 const PutOptions& options) const {
    const auto lock = side_cars_.lock(key);
    if (!lock) return lock.error();
    if (!side_car.is_there()) {
      return Error(ErrorCode::conflict, "the put was held up for so long that it was taken for dead; put again");
    }
    const std::string path = file_path_for(key);
    auto replaced = status_of(path);
    if (!replaced) return replaced;
    if (auto may = may_replace(key, options); !may) return std::move(may).error();
    const bool create = options.mode == PutMode::create;
    const auto existing = create ? DirectoryTree::Existing::keep : DirectoryTree::Existing::replace;
    return tree_.move_into_place(data, path, existing).and_then([&] { return replaced; });
  }

  /// Whether the conditions of a put hold now. Only if_match needs the object's side-car.
  Result<void> may_replace(const std::string& key, const PutOptions& options) const {
    if (options.if_match.empty()) {
      if (options.mode == PutMode::overwrite || !tree_.status(file_path_for(key))) return {};
      return check_replaceable(options, "");
    }
    auto known = look_up(key);
    if (!known) return std::move(known).error();
    return check_replaceable(options, *known ? std::optional((*known)->side_car.etag) : std::nullopt);
  }

  /// Removes the file and tells which it was; nullopt where there was none. The lock is as for put_in_place().
  Result<std::optional<FileStatus>> take_away(const std::string& key, const std::string& path) const {
    const auto lock = side_cars_.lock(key);
    if (!lock) return lock.error();
    auto removed = status_of(path);
    if (!removed) return removed;
    return tree_.remove_file(path).and_then([&] { return removed; });
  }

  /// nullopt where there is no such file.
  Result<std::optional<FileStatus>> status_of(const std::string& path) const {
    auto status = tree_.status(path);
    if (status) return std::optional(*status);
    if (is_not_found(status.error())) return std::optional<FileStatus>();
    return std::move(status).error();
  }

  // --- reading

  /// Opens the object and looks up what is known of it.
  Result<OpenObject> find(const std::string& key) const {
    const std::string path = file_path_for(key);
    for (int attempt = 0; attempt < most_attempts; ++attempt) {
      auto file = tree_.open_file(path);
      if (!file) return is_not_found(file.error()) ? not_found() : std::move(file).error();
      auto status = file->status();
      if (!status) return std::move(status).error();
      auto side_car = side_car_of(key, path, *status);
      if (!side_car) return std::move(side_car).error();
      if (*side_car) return open_object(*std::move(file), *status, **std::move(side_car));
    }
    return replaced_too_fast();
  }

  /// What is known of the file in this state. nullopt: it has been replaced meanwhile.
  Result<std::optional<SideCar>> side_car_of(const std::string& key, const std::string& path,
                                             const FileStatus& status) const {
    auto side_car = side_cars_.read(key, status);
    if (!side_car || *side_car) return side_car;
    // The file was replaced and its side-car removed before we came to it, or it is not of our making.
    auto now = status_of(path);
    if (!now) return std::move(now).error();
    return *now == status ? std::optional(SideCars::substitute(key, status)) : std::nullopt;
  }

  /// A state of an object's file and what is known of it.
  struct Known {
    FileStatus status;
    SideCar side_car;
  };

  /// What is under the key, without opening it. nullopt where nothing is.
  Result<std::optional<Known>> look_up(const std::string& key) const {
    const std::string path = file_path_for(key);
    for (int attempt = 0; attempt < most_attempts; ++attempt) {
      auto status = status_of(path);
      if (!status) return std::move(status).error();
      if (!*status) return std::optional<Known>();
      auto side_car = side_car_of(key, path, **status);
      if (!side_car) return std::move(side_car).error();
      if (*side_car) return std::optional(Known{**status, **std::move(side_car)});
    }
    return replaced_too_fast();
  }

  static OpenObject open_object(FileHandle file, const FileStatus& status, SideCar side_car) {
    OpenObject object{file_payload(file.release(), status.size),
                      ObjectInfo{std::move(side_car.key),
                                 status.size,
                                 std::move(side_car.etag),
                                 time_of(status),
                                 std::move(side_car.attributes),
                                 {0, status.size}},
                      std::move(side_car.tags)};
    object.info.digests.md5 = md5_of_etag(object.info.etag);
    return object;
  }

  // --- listing

  struct ListedName {
    FileName meaning;
    std::string path;
  };

  /// The entries of `directory` that can lead to wanted keys, in the order of the keys.
  Result<std::vector<ListedName>> wanted_names(const std::string& directory, const std::string& beginning,
                                               const Listing& listing) const {
    return tree_.entries(directory).transform([&](const std::vector<DirectoryEntry>& entries) {
      std::vector<ListedName> names;
      for (const auto& [name, kind] : entries) {
        if (kind == DirectoryEntry::Kind::other) continue;
        auto meaning = parse_file_name(name, kind == DirectoryEntry::Kind::directory);
        if (!meaning || !listing.wants_below(beginning + meaning->text)) continue;
        names.push_back({*std::move(meaning), directory.empty() ? name : fmt::format("{}/{}", directory, name)});
      }
      std::ranges::sort(names, {}, [](const ListedName& name) -> const std::string& { return name.meaning.text; });
      return names;
    });
  }

  /// Lists the keys that begin with `beginning`, whose files are in `directory`. False when the page is full.
  Result<bool> list_below(const std::string& directory, const std::string& beginning, Listing& listing,
                          const CallGuard& guard) const {
    auto names = wanted_names(directory, beginning, listing);
    if (!names) return std::move(names).error();
    for (const auto& [meaning, path] : *names) {
      if (auto go_on = guard.check(); !go_on) return std::move(go_on).error();
      const std::string text = beginning + meaning.text;
      if (!listing.wants_below(text)) continue;  // folded meanwhile
      auto more =
          meaning.kind == FileName::Kind::object ? list_object(text, listing) : list_below(path, text, listing, guard);
      if (!more || !*more) return more;
    }
    return true;
  }

  Result<bool> list_object(const std::string& key, Listing& listing) const {
    if (!ObjectKey::parse(key)) return true;  // a file of another's making
    const auto place = listing.place(key);
    if (place != Listing::Place::object) return place != Listing::Place::behind_the_page;
    auto summary = summarize(key);
    if (!summary) return std::move(summary).error();
    if (*summary) listing.add(**std::move(summary));  // else it was removed meanwhile
    return true;
  }

  /// The object as a listing has it; nullopt where there is none. An object that can be seen is listed even if neither
  /// its bytes nor its side-car can be read: callers take what is not listed for gone.
  Result<std::optional<ObjectSummary>> summarize(const std::string& key) const {
    const std::string path = file_path_for(key);
    for (int attempt = 0; attempt < most_attempts; ++attempt) {
      auto status = status_of(path);
      if (!status) return std::move(status).error();
      if (!*status) return std::optional<ObjectSummary>();
      auto side_car = side_car_of(key, path, **status);
      if (!side_car && side_car.error().retryable()) return std::move(side_car).error();
      if (!side_car) side_car = SideCars::substitute(key, **status);
      if (*side_car) return ObjectSummary{key, (*status)->size, std::move((*side_car)->etag), time_of(**status)};
    }
    return replaced_too_fast();
  }

  // --- sweeping

  /// Removes temporary files that nobody can be writing any more.
  Result<void> sweep_temporary_files(TimePoint limit) const {
    auto entries = tree_.entries(temporary_directory);
    if (!entries) return std::move(entries).error();
    for (const auto& entry : *entries) {
      const std::string path = fmt::format("{}/{}", temporary_directory, entry.name);
      const auto status = tree_.status(path);
      if (status && time_of(*status) < limit) tree_.discard_file(path);
    }
    return {};
  }

  const DirectoryTree tree_;
  const SideCars side_cars_;
  std::shared_ptr<const Clock> clock_;
};

/// Writes into a temporary file, which goes away with it unless it was published.
class FileStore::Writer final : public ObjectWriter {
 public:
  Writer(const FileStore& store, ObjectKey key, const PutOptions& options, StagedObject staged)
      : ObjectWriter(std::move(key)), store_(store), options_(options), staged_(std::move(staged)) {}

 private:
  Result<void> do_write(ByteSpan bytes) override {
    return check_stop().and_then([&] { return staged_->write(bytes); });
  }
  Result<PutResult> do_finish() override {
    return check_stop().and_then([&] { return store_.publish(key().str(), *staged_, options_); });
  }
  Result<void> do_abort() override {
    staged_.reset();
    return {};
  }

  [[nodiscard]] Result<void> check_stop() const {
    return options_.call.stop.stop_requested() ? Error(ErrorCode::cancelled, "the caller asked to stop")
                                               : Result<void>();
  }

  const FileStore& store_;
  const PutOptions options_;
  std::optional<StagedObject> staged_;
};

Result<std::unique_ptr<ObjectWriter>> FileStore::do_writer(const ObjectKey& key, const PutOptions& options) {
  return stage().transform([&](StagedObject staged) -> std::unique_ptr<ObjectWriter> {
    return std::make_unique<Writer>(*this, key, options, std::move(staged));
  });
}

}  // namespace

Result<std::unique_ptr<ObjectStore>> make_file_store(const std::filesystem::path& root, FileStoreOptions options) {
  return DirectoryTree::open(root).and_then([&](DirectoryTree tree) -> Result<std::unique_ptr<ObjectStore>> {
    auto store = std::make_unique<FileStore>(std::move(tree), options);
    if (auto begun = store->begin(); !begun) return std::move(begun).error();
    return std::unique_ptr<ObjectStore>(std::move(store));
  });
}

}  // namespace audiostore
