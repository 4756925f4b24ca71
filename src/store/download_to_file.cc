#include "store/download_to_file.h"

#include "core/call_guard.h"
#include "core/crew.h"
#include "store/digest_check.h"
#include "store/target_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <map>
#include <mutex>
#include <optional>
#include <vector>

namespace audiostore {
namespace {

/// More than any object has, and a number that every service can read: many count with 63 bits.
constexpr std::uint64_t most_at_once = std::uint64_t{1} << 62;

Error replaced() {
  return Error(ErrorCode::precondition_failed,
               "the object was replaced while it was read: another one has been put under this key; download it again");
}

Error other_part() {
  return Error(ErrorCode::corrupt, "the store gave another part of the object than it was asked for");
}

/// What the threads of a download in parts have brought so far. Thread-safe.
class Landed {
 public:
  explicit Landed(std::uint64_t whole_to) : whole_to_(whole_to) {}

  void add(ByteRange::Slice part) {
    const std::scoped_lock lock(mutex_);
    beyond_.emplace(part.offset, part.length);
    for (auto it = beyond_.begin(); it != beyond_.end() && it->first == whole_to_; it = beyond_.erase(it)) {
      whole_to_ += it->second;
    }
  }
  void tell(Digests digests) {
    const std::scoped_lock lock(mutex_);
    digests_ = std::move(digests);
  }

  /// The offset up to which nothing is missing.
  [[nodiscard]] std::uint64_t whole_to() const {
    const std::scoped_lock lock(mutex_);
    return whole_to_;
  }
  /// nullopt before anybody has told.
  [[nodiscard]] std::optional<Digests> digests() const {
    const std::scoped_lock lock(mutex_);
    return digests_;
  }

 private:
  mutable std::mutex mutex_;
  std::uint64_t whole_to_;
  std::map<std::uint64_t, std::uint64_t> beyond_;  // behind a gap: offset and length
  std::optional<Digests> digests_;
};

/// The check of a file whose first bytes are there and whose others come. For one thread.
class FileCheck {
 public:
  explicit FileCheck(Payload bytes) : bytes_(std::move(bytes)) {}

  [[nodiscard]] bool has_begun() const noexcept { return check_.has_value(); }
  void begin(const Digests& digests) { check_.emplace(digests, bytes_.size()); }
  /// What it has not had yet, up to `offset`. `between` is called again and again; its errors are returned.
  Result<void> go_on_to(std::uint64_t offset, const std::function<Result<void>()>& between);

 private:
  Payload bytes_;
  std::optional<DigestCheck> check_;
  std::uint64_t checked_ = 0;
};

Result<void> FileCheck::go_on_to(std::uint64_t offset, const std::function<Result<void>()>& between) {
  constexpr std::size_t most = std::size_t{256} * 1024;
  if (!check_ || !check_->is_on()) return {};
  std::vector<std::byte> buffer(most);
  while (checked_ < offset) {
    const auto piece = std::span(buffer).first(std::min<std::uint64_t>(most, offset - checked_));
    auto added = bytes_.read_at(checked_, piece).and_then([&] { return check_->add(piece); }).and_then(between);
    if (!added) return added;
    checked_ += piece.size();
  }
  return {};
}

/// Lives for one call, on its thread; read_part() and look_up_digests() alone are called on others.
class FileDownload {
 public:
  FileDownload(const ObjectReader& reader, TargetFile& file, const DownloadOptions& options)
      : reader_(reader), file_(file), options_(options), call_(with_steady_progress(options.call)), guard_(call_) {}
  FileDownload(const FileDownload&) = delete;
  FileDownload& operator=(const FileDownload&) = delete;

  /// Gets the object into the file, which is not published.
  Result<ObjectInfo> run();

 private:
  CallOptions with_steady_progress(const CallOptions& call);
  Result<ObjectInfo> fetch_object();
  Result<ObjectInfo> fetch(const GetOptions& options, ByteRange::Slice place, const std::function<void()>& moved = {});
  Result<ObjectInfo> fetch_first_part();
  Result<ObjectInfo> fetch_in_one_piece();
  Result<void> fetch_rest(ObjectInfo& object);
  Result<void> fetch_parts(ObjectInfo object, bool look, Landed& landed, const Crew::Meanwhile& meanwhile);
  Result<void> read_part(const ObjectInfo& object, ByteRange::Slice part, const std::stop_token& stop,
                         const std::function<void()>& moved);
  Result<Digests> look_up_digests(const ObjectInfo& object, const std::stop_token& stop) const;
  [[nodiscard]] CallOptions remaining(const std::stop_token& stop) const;

  const ObjectReader& reader_;
  TargetFile& file_;
  const DownloadOptions& options_;
  const CallOptions call_;
  const CallGuard guard_;
  std::uint64_t shown_ = 0;                  // the most progress that the caller was told of
  std::atomic<std::uint64_t> received_ = 0;  // by all threads
};

/// Nothing goes back when bytes have to be read again.
CallOptions FileDownload::with_steady_progress(const CallOptions& call) {
  CallOptions steady = call;
  if (!call.on_progress) return steady;
  steady.on_progress = [this](const Progress& progress) {
    if (progress.done < shown_) return;
    shown_ = progress.done;
    options_.call.on_progress(progress);
  };
  return steady;
}

/// Gets what `options` ask for into the file, where it must be no longer than `place`. `moved` is called from time to
/// time.
Result<ObjectInfo> FileDownload::fetch(const GetOptions& options, ByteRange::Slice place,
                                       const std::function<void()>& moved) {
  constexpr std::uint64_t step = std::uint64_t{256} << 10;
  std::uint64_t written = 0;
  const ByteSink sink = [&](ByteSpan piece) -> Result<void> {
    if (piece.size() > place.length - written) {
      return Error(ErrorCode::corrupt, "the store gave more bytes than it was asked for");
    }
    if (auto put = file_.write_at(place.offset + written, piece); !put) return put;
    written += piece.size();
    received_ += piece.size();
    if (moved && written / step != (written - piece.size()) / step) moved();
    return {};
  };
  auto info = reader_.get(sink, options);
  if (info && info->delivered.length != written) {
    return Error(ErrorCode::corrupt,
                 fmt::format("the store gave {} bytes and says that it were {}", written, info->delivered.length));
  }
  return info;
}

Result<ObjectInfo> FileDownload::fetch_first_part() {
  GetOptions options{.range = ByteRange::between(0, options_.part_size - 1),
                     .conditions = options_.conditions,
                     .verify = options_.verify,
                     .call = guard_.remaining()};
  if (call_.on_progress) {
    // How long the object is will be known at the end of this part only.
    options.call.on_progress = [this](const Progress& progress) { call_.on_progress({.done = progress.done}); };
  }
  return fetch(options, {0, options_.part_size});
}

Result<ObjectInfo> FileDownload::fetch_in_one_piece() {
  received_ = 0;
  return fetch({.conditions = options_.conditions, .verify = options_.verify, .call = guard_.remaining()},
               {0, UINT64_MAX});
}

Result<void> FileDownload::read_part(const ObjectInfo& object, ByteRange::Slice part, const std::stop_token& stop,
                                     const std::function<void()>& moved) {
  const GetOptions options{.range = ByteRange::between(part.offset, part.offset + part.length - 1),
                           .conditions = {.if_match = object.etag},
                           .verify = false,
                           .call = remaining(stop)};
  const auto info = fetch(options, part, moved);
  if (!info && info.error().code() == ErrorCode::precondition_failed) return replaced();
  if (!info) return info.error();
  if (info->etag != object.etag) return replaced();  // the store has ignored the condition
  if (info->size == object.size && info->delivered.offset == part.offset && info->delivered.length == part.length) {
    return {};
  }
  return other_part();
}

/// What the first part did not say, a look may.
Result<Digests> FileDownload::look_up_digests(const ObjectInfo& object, const std::stop_token& stop) const {
  auto known = reader_.head({.conditions = {.if_match = object.etag}, .digests = true, .call = remaining(stop)});
  if (!known && known.error().code() == ErrorCode::precondition_failed) return replaced();
  return std::move(known).transform([](ObjectInfo info) { return std::move(info.digests); });
}

/// For what is done on other threads.
CallOptions FileDownload::remaining(const std::stop_token& stop) const {
  CallOptions call = guard_.remaining();
  call.stop = stop;
  call.on_progress = {};
  return call;
}

Result<void> FileDownload::fetch_rest(ObjectInfo& object) {
  auto bytes = file_.contents(object.size);
  if (!bytes) return std::move(bytes).error();
  FileCheck check(*std::move(bytes));
  Landed landed(options_.part_size);
  if (!options_.verify || !object.digests.empty()) check.begin(options_.verify ? object.digests : Digests());

  const auto tell = [&] { return guard_.advance({.done = received_, .total = object.size}); };
  const auto meanwhile = [&]() -> Result<void> {
    if (auto go_on = tell(); !go_on) return go_on;
    if (const auto digests = landed.digests(); digests && !check.has_begun()) check.begin(object.digests = *digests);
    return check.go_on_to(landed.whole_to(), tell);
  };
  auto fetched = fetch_parts(object, !check.has_begun(), landed, meanwhile).and_then(meanwhile);
  // What ended the call is said in the words of the call, not of one of its parts.
  if (auto go_on = guard_.check(); !fetched && !go_on) return go_on;
  return fetched;
}

/// Every part but the first, and the digests if `look`; all of it has ended when this returns.
Result<void> FileDownload::fetch_parts(ObjectInfo object, bool look, Landed& landed, const Crew::Meanwhile& meanwhile) {
  Crew crew(static_cast<std::size_t>(options_.parts_in_flight), call_.stop);
  const auto start = [&](Crew::Task task) { return crew.start(std::move(task), meanwhile); };
  Result<void> started;
  if (look) {
    started = start([&](const std::stop_token& stop) {
      return look_up_digests(object, stop).transform([&](Digests digests) { landed.tell(std::move(digests)); });
    });
  }
  for (std::uint64_t offset = options_.part_size; started && offset < object.size;) {
    const ByteRange::Slice part{offset, std::min(options_.part_size, object.size - offset)};
    started = start([&, part](const std::stop_token& stop) {
      return read_part(object, part, stop, [&] { crew.changed(); }).transform([&] { landed.add(part); });
    });
    offset += part.length;
  }
  return started ? crew.wait(meanwhile) : started;
}

Result<ObjectInfo> FileDownload::fetch_object() {
  auto object = fetch_first_part();
  // Only an empty object has no first byte.
  if (!object && object.error().code() == ErrorCode::range_not_satisfiable) return fetch_in_one_piece();
  if (!object || object->delivered.length == object->size) return object;
  if (object->delivered.length != options_.part_size) return other_part();
  if (!object->etag.starts_with('"')) return fetch_in_one_piece();  // a weak one cannot hold the parts together
  if (auto rest = fetch_rest(*object); !rest) return std::move(rest).error();
  object->delivered = {0, object->size};
  return object;
}

Result<ObjectInfo> FileDownload::run() {
  auto object = fetch_object();
  if (!object && object.error().code() == ErrorCode::corrupt) {
    // What was damaged on the way, and not where it is kept, is good the next time.
    received_ = 0;
    object = fetch_object();
  }
  if (!object) return object;
  return guard_.advance({.done = object->size, .total = object->size}).transform([&] { return *std::move(object); });
}

}  // namespace

Result<ObjectInfo> download_to_file(const ObjectReader& reader, const std::filesystem::path& path,
                                    const DownloadOptions& options) {
  auto file = TargetFile::create(path);
  if (!file) return std::move(file).error();
  DownloadOptions bounded = options;
  bounded.part_size = std::min(options.part_size, most_at_once);
  auto object = FileDownload(reader, *file, bounded).run();
  if (!object) return object;
  if (auto published = file->publish(object->size); !published) return std::move(published).error();
  return object;
}

}  // namespace audiostore
