// How far an upload in parts is, as its threads report it and its caller is told.
#pragma once

#include <audiostore/error.h>
#include <audiostore/transfer.h>

#include <cstdint>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

namespace audiostore {

/// Takes reports from any thread. What it knows, and whom it tells, is the business of the thread that made it.
class UploadLog {
 public:
  explicit UploadLog(CheckpointCallback tell, UploadCheckpoint state = {})
      : tell_(std::move(tell)), state_(std::move(state)) {}

  /// The upload has begun. For any thread, once.
  void begun(std::string id, std::string mark);
  /// The service has this part, in place of an older one of its number. For any thread.
  void add(UploadedPart part);

  /// The upload as it was at the last catch_up().
  [[nodiscard]] const UploadCheckpoint& state() const noexcept { return state_; }
  /// Sets what state() shall be, which is news. Before there are threads.
  void set(UploadCheckpoint state);
  /// Of an object whose size was not known at first.
  void set_size(std::uint64_t size) noexcept { state_.size = size; }

  /// Takes in what was reported and tells the callback, if that is news. Errors: internal, when the callback throws.
  Result<void> catch_up();

 private:
  const CheckpointCallback tell_;
  UploadCheckpoint state_;
  std::mutex mutex_;
  // Guarded: reported, and not in state_ yet.
  std::string id_;
  std::string mark_;
  std::vector<UploadedPart> parts_;
  bool has_news_ = false;
};

}  // namespace audiostore
