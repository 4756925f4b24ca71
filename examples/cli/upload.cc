#include "upload.h"

#include "checkpoint_file.h"

#include <algorithm>

namespace cli {
namespace {

using namespace audiostore;

std::uint64_t stored_bytes(const UploadCheckpoint& checkpoint) {
  std::uint64_t bytes = 0;
  for (const UploadedPart& part : checkpoint.parts) {
    const std::uint64_t begin = checkpoint.part_size * static_cast<std::uint64_t>(part.number - 1);
    if (begin < checkpoint.size) bytes += std::min(checkpoint.part_size, checkpoint.size - begin);
  }
  return bytes;
}

/// What `now` still has of `before`: nothing where it is another upload, and none of the parts that were sent again.
UploadCheckpoint kept(UploadCheckpoint before, const UploadCheckpoint& now) {
  const bool same = before.upload_id == now.upload_id;
  std::erase_if(before.parts, [&](const UploadedPart& part) {
    return !same || std::find(now.parts.begin(), now.parts.end(), part) == now.parts.end();
  });
  return before;
}

/// What there is to go on with. Parts of a file that has another size now, or that nobody wants, are dropped.
std::optional<UploadCheckpoint> usable(ObjectStore& store, const Upload& upload, const CheckpointFile& file,
                                       bool restart) {
  auto checkpoint = file.load();
  if (!checkpoint) return std::nullopt;
  if (!restart && checkpoint->size == upload.payload.size()) return checkpoint;
  static_cast<void>(store.abort_upload(upload.key, checkpoint->upload_id));
  file.remove();
  return std::nullopt;
}

}  // namespace

UploadOutcome run_upload(ObjectStore& store, const Upload& upload, const UploadSettings& settings,
                         const CallOptions& call) {
  PutOptions options{.attributes = upload.attributes, .mode = settings.mode, .call = call};
  if (!settings.checkpoints) return {store.put(upload.key, upload.payload, options)};

  std::error_code ignored;
  const CheckpointFile file(*settings.checkpoints, {settings.service, settings.bucket, upload.key.str(),
                                                    std::filesystem::absolute(upload.file, ignored)});
  options.resume_from = usable(store, upload, file, settings.restart);
  std::uint64_t resumed_from = options.resume_from ? stored_bytes(*options.resume_from) : 0;
  std::uint64_t resumable = resumed_from;
  options.on_checkpoint = [&](const UploadCheckpoint& checkpoint) {
    if (options.resume_from) resumed_from = stored_bytes(kept(*options.resume_from, checkpoint));
    resumable = file.save(checkpoint) ? stored_bytes(checkpoint) : 0;
  };
  auto result = store.put(upload.key, upload.payload, options);
  UploadOutcome outcome{std::move(result), resumed_from, 0};
  const bool lost = !outcome.result && outcome.result.error().code() == ErrorCode::already_exists;
  if (outcome.result || lost) {
    file.remove();
  } else {
    outcome.resumable = resumable;
  }
  return outcome;
}

}  // namespace cli
