#include "store/download_to_file.h"

#include "core/call_guard.h"
#include "store/digest_check.h"
#include "store/part_readers.h"
#include "store/target_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <vector>

namespace audiostore {
namespace {

Error replaced() {
  return Error(ErrorCode::precondition_failed,
               "the object was replaced while it was read: another one has been put under this key; download it again");
}

Error other_part() {
  return Error(ErrorCode::corrupt, "the store gave another part of the object than it was asked for");
}

/// Lives for one call, on its thread; read_part() alone is called on others.
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
  Result<DigestCheck> check_for(ObjectInfo& object, const std::stop_token& stop) const;
  Result<void> check_up_to(std::uint64_t offset, const Payload& bytes, DigestCheck& check);
  Result<ObjectInfo> fetch(const GetOptions& options, ByteRange::Slice place);
  Result<ObjectInfo> fetch_first_part();
  Result<ObjectInfo> fetch_in_one_piece();
  Result<void> fetch_rest(ObjectInfo& object);
  Result<void> read_part(const ObjectInfo& object, ByteRange::Slice part, const std::stop_token& stop);

  const ObjectReader& reader_;
  TargetFile& file_;
  const DownloadOptions& options_;
  const CallOptions call_;
  const CallGuard guard_;
  std::uint64_t shown_ = 0;                  // the most progress that the caller was told of
  std::uint64_t checked_ = 0;                // the first bytes, which the check has had
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

/// Gets what `options` ask for into the file, where it must be no longer than `place`.
Result<ObjectInfo> FileDownload::fetch(const GetOptions& options, ByteRange::Slice place) {
  std::uint64_t written = 0;
  const ByteSink sink = [&](ByteSpan piece) -> Result<void> {
    if (piece.size() > place.length - written) {
      return Error(ErrorCode::corrupt, "the store gave more bytes than it was asked for");
    }
    if (auto put = file_.write_at(place.offset + written, piece); !put) return put;
    written += piece.size();
    received_ += piece.size();
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

Result<void> FileDownload::read_part(const ObjectInfo& object, ByteRange::Slice part, const std::stop_token& stop) {
  GetOptions options{.range = ByteRange::between(part.offset, part.offset + part.length - 1),
                     .conditions = {.if_match = object.etag},
                     .call = guard_.remaining()};
  options.call.stop = stop;
  options.call.on_progress = {};
  const auto info = fetch(options, part);
  if (!info && info.error().code() == ErrorCode::precondition_failed) return replaced();
  if (!info) return info.error();
  if (info->etag != object.etag) return replaced();  // the store has ignored the condition
  if (info->size == object.size && info->delivered.offset == part.offset && info->delivered.length == part.length) {
    return {};
  }
  return other_part();
}

/// How the object is to be checked, while its parts are read. Where the first part did not say, a look may.
Result<DigestCheck> FileDownload::check_for(ObjectInfo& object, const std::stop_token& stop) const {
  if (options_.verify && object.digests.empty()) {
    HeadOptions options{.conditions = {.if_match = object.etag}, .digests = true, .call = guard_.remaining()};
    options.call.stop = stop;
    options.call.on_progress = {};
    auto known = reader_.head(options);
    if (!known && known.error().code() == ErrorCode::precondition_failed) return replaced();
    if (!known) return std::move(known).error();
    object.digests = std::move(known->digests);
  }
  return DigestCheck(options_.verify ? object.digests : Digests(), object.size);
}

/// Adds to the check what it has not had yet of the first bytes of the file.
Result<void> FileDownload::check_up_to(std::uint64_t offset, const Payload& bytes, DigestCheck& check) {
  constexpr std::size_t most = std::size_t{256} * 1024;
  std::vector<std::byte> buffer(check.is_on() ? most : 0);
  while (check.is_on() && checked_ < offset) {
    const auto piece = std::span(buffer).first(std::min<std::uint64_t>(most, offset - checked_));
    auto added = bytes.read_at(checked_, piece).and_then([&] { return check.add(piece); });
    if (!added) return added;
    checked_ += piece.size();
    if (auto go_on = guard_.advance({.done = received_, .total = bytes.size()}); !go_on) return go_on;
  }
  return {};
}

Result<void> FileDownload::fetch_rest(ObjectInfo& object) {
  constexpr std::chrono::milliseconds tick(100);
  const auto bytes = file_.contents(object.size);
  if (!bytes) return bytes.error();
  const PartReaders::Plan plan{.slice = {options_.part_size, object.size - options_.part_size},
                               .part_bytes = options_.part_size,
                               .threads = options_.parts_in_flight};
  const ObjectInfo known = object;
  PartReaders readers(
      plan, [&](ByteRange::Slice part, const std::stop_token& stop) { return read_part(known, part, stop); },
      call_.stop);
  auto check = check_for(object, readers.stopped());
  for (std::uint64_t whole_to = plan.slice.offset; whole_to < object.size;) {
    const bool limited = call_.deadline > std::chrono::milliseconds::zero();
    const auto state = readers.wait(whole_to, limited ? std::min(tick, guard_.remaining().deadline) : tick);
    if (auto go_on = guard_.advance({.done = received_, .total = object.size}); !go_on) return go_on;
    if (state.failure) return *state.failure;
    if (!check) return check.error();
    whole_to = state.whole_to;
    if (auto checked = check_up_to(whole_to, *bytes, *check); !checked) return checked;
  }
  return {};
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
    received_ = checked_ = 0;
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
  auto object = FileDownload(reader, *file, options).run();
  if (!object) return object;
  if (auto published = file->publish(object->size); !published) return std::move(published).error();
  return object;
}

}  // namespace audiostore
